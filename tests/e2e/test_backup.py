"""`otpgate backup`: taken while the gateway serves, without the key, and restored as the README says."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the command on this machine."""
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def push(killable: Any, identifier: str, content: str) -> None:
    with killable.api() as api:
        answer = api.post("/v1/messages", json={"identifier": identifier, "content": content})
        assert answer.status_code == 201


def test_a_copy_taken_under_load_is_whole_and_restores_what_was_acknowledged_before(
    killable: Any, tmp_path: Path
) -> None:
    push(killable, "before@example.com", "Your Acme code is 482913")
    busy = threading.Event()

    def load() -> None:
        for number in range(10_000, 10_200):
            push(killable, f"load{number}@example.com", f"Your code is {number}")
            if number == 10_010:
                busy.set()
            if done.is_set():
                return

    done, loading = threading.Event(), threading.Thread(target=load)
    loading.start()
    assert busy.wait(20)
    copy = tmp_path / "backups" / "otpgate.db"
    copy.parent.mkdir()
    taken = run("backup", str(copy), "--data-dir", str(killable.folder))
    done.set()
    loading.join()
    assert (taken.returncode, taken.stderr) == (0, "")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in copy.parent.iterdir()] == ["otpgate.db"]
    with closing(sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    restore(killable, copy)
    with killable.api() as api:
        found = api.get("/v1/codes/latest", params={"identifier": "before@example.com"}).json()["code"]
    assert found["value"] == "482913"


def restore(killable: Any, copy: Path) -> None:
    """What the README says: stop, put the copy in the place of the database, start."""
    assert killable.stop() == 0
    for name in ("otpgate.db", "otpgate.db-wal", "otpgate.db-shm"):
        (killable.folder / name).unlink(missing_ok=True)
    shutil.copy(copy, killable.folder / "otpgate.db")
    killable.start()


def test_the_copy_is_worth_nothing_without_the_key_and_the_command_says_so(killable: Any, tmp_path: Path) -> None:
    push(killable, "user@example.com", "canary-body: your Acme code is 914382")
    copy = tmp_path / "copy.db"
    taken = run("backup", str(copy), "--data-dir", str(killable.folder))
    assert "does not hold the encryption key" in taken.stdout
    assert str(killable.folder / "encryption.key") in taken.stdout
    held = copy.read_bytes()
    key = (killable.folder / "encryption.key").read_bytes().strip()
    for secret in (b"914382", b"canary-body", key, killable.key.encode()):
        assert secret not in held
    killable.stop()
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(copy, other / "otpgate.db")
    refused = run("serve", "--data-dir", str(other), "--smtp-port", "0", "--http-port", "0")
    assert refused.returncode == 78
    assert "without it they cannot be read" in refused.stderr


def test_a_copy_replaces_an_older_one_and_never_the_database_itself(killable: Any, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("the older one")
    assert run("backup", str(copy), "--data-dir", str(killable.folder)).returncode == 0
    assert copy.read_bytes().startswith(b"SQLite format 3")
    for wrong in (killable.folder / "otpgate.db", tmp_path, tmp_path / "no" / "such" / "folder"):
        refused = run("backup", str(wrong), "--data-dir", str(killable.folder))
        assert (refused.returncode, refused.stdout) == (1, "")
        assert str(wrong) in refused.stderr


def test_for_postgresql_it_names_the_command_without_the_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://otp:hidden-word@db.example/otpgate"
    told = run("backup", str(tmp_path / "a copy"), OTPGATE_DATABASE__URL=url)
    assert told.returncode == 1
    assert f"pg_dump --format=custom '--file={tmp_path}/a copy' postgresql://otp@db.example/otpgate" in told.stderr
    assert "hidden-word" not in told.stderr


def test_a_folder_without_a_database_is_named(tmp_path: Path) -> None:
    told = run("backup", str(tmp_path / "copy"), "--data-dir", str(tmp_path / "wrong"))
    assert told.returncode == 1
    assert "otpgate.db is not there" in told.stderr
    assert not (tmp_path / "wrong").exists()
