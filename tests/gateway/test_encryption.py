"""Encryption at rest, seen from outside: what is on the disk, which key a start needs, a rotation under load."""

import base64
import smtplib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.secrets import Key, new_key
from tests.running import CONFIG, Gateway

ROOT = Path(__file__).parents[2]
PLANTED = {
    "code": "73519482",
    "subject": "Planted subject of a mail",
    "body": "These words were planted in a body",
    "link": "https://acme.example/sign-in?token=cGxhbnRlZC1saW5r",
    "seed": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "push": "planted-pushed-content",
}
Serve = Callable[..., Gateway]


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def refused(folder: Path, config: Path | None = None) -> str:
    """What `serve` says when it will not start; with exit code 78."""
    flags = ["--config", str(config)] if config else []
    ports = ["--smtp-port", "0", "--http-port", "0"]
    ended = program("serve", *flags, "--data-dir", str(folder), *ports)
    assert ended.returncode == 78, ended.stdout + ended.stderr
    return ended.stderr


def plant(gateway: Gateway) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@acme.example", "a@example.com", PLANTED["subject"]
    mail.set_content(f"{PLANTED['body']}.\n\nYour verification code is {PLANTED['code']}.\n")
    with smtplib.SMTP(*gateway.smtp, timeout=10) as client:
        client.send_message(mail, "a@acme.example", ["otp@gw.example"])
    gateway.push("a@example.com", PLANTED["link"])
    gateway.push("a@example.com", f"{PLANTED['push']}: your code is 482913")
    gateway.api.put("/v1/totp/a@example.com", json={"secret": PLANTED["seed"]})
    assert gateway.claim("a@example.com", kinds=["code"], sender=["acme.example"])["claim"]
    assert gateway.api.get("/v1/messages").json()["messages"]


def test_nothing_planted_is_in_database_wal_backup_or_log(serve: Serve, tmp_path: Path) -> None:
    gateway = serve(data_dir=tmp_path / "data")
    plant(gateway)
    copied = program("backup", str(tmp_path / "copy.db"), "--data-dir", str(gateway.data_dir))
    assert copied.returncode == 0, copied.stderr
    while_serving = {file.name: file.read_bytes() for file in gateway.data_dir.iterdir() if file.is_file()}
    assert any(name.endswith("-wal") and content for name, content in while_serving.items())
    assert gateway.stop() == 0
    after = {f"{file.name} later": file.read_bytes() for file in gateway.data_dir.iterdir() if file.is_file()}
    backup = {"copy.db": (tmp_path / "copy.db").read_bytes()}
    log = {"log": "".join(gateway.lines).encode()}
    for name, content in (while_serving | after | backup | log).items():
        for what, text in PLANTED.items():
            assert text.encode() not in content, f"{what} is in {name}"
        assert gateway.key.encode() not in content or "admin.key" in name, f"the admin key is in {name}"


def test_the_first_start_makes_a_key_for_its_owner_alone(gateway: Gateway) -> None:
    file = gateway.data_dir / "encryption.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert any("encryption_key_made" in line for line in gateway.lines)
    assert not any(file.read_text().strip() in line for line in gateway.lines)


def test_without_its_key_a_database_is_not_served_and_the_key_is_named(serve: Serve, tmp_path: Path) -> None:
    gateway = serve(data_dir=tmp_path / "data")
    plant(gateway)
    assert gateway.stop() == 0
    file = gateway.data_dir / "encryption.key"
    key = Key(material=_material(file))
    file.rename(tmp_path / "aside")
    said = refused(gateway.data_dir)
    assert key.id in said
    assert "encryption.key" in said
    assert not file.exists()
    file.write_text(new_key().text)
    said = refused(gateway.data_dir)
    assert key.id in said
    assert Key(material=_material(file)).id in said
    (tmp_path / "aside").replace(file)
    again = serve(data_dir=gateway.data_dir)
    assert again.latest("a@example.com", kind="link", link_host="acme.example")["code"]["value"] == PLANTED["link"]


def test_a_key_file_that_is_none_is_named_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "encryption.key").write_text("planted-nonsense")
    said = refused(tmp_path)
    assert str(tmp_path / "encryption.key") in said
    assert "planted-nonsense" not in said


def test_a_configured_key_is_used_and_a_wrong_one_is_a_fault_of_the_configuration(
    serve: Serve, tmp_path: Path
) -> None:
    first, second = new_key(), new_key()
    keyed = f'{CONFIG}\n[encryption]\nkey = "{first.text}"\n'
    gateway = serve(keyed, data_dir=tmp_path / "data")
    plant(gateway)
    assert gateway.stop() == 0
    assert not (gateway.data_dir / "encryption.key").exists()
    config = tmp_path / "wrong.toml"
    config.write_text(f'{CONFIG}\n[encryption]\nkey = "{second.text}"\n')
    said = refused(gateway.data_dir, config)
    assert first.id in said
    assert second.text not in said
    config.write_text(f'{CONFIG}\n[encryption]\nkey = "short"\n')
    assert "encryption.key" in refused(gateway.data_dir, config)
    both = serve(f'{CONFIG}\n[encryption]\nkey = """{second.text}\n{first.text}"""\n', data_dir=gateway.data_dir)
    assert both.api.post("/v1/rotations").status_code == 202
    assert _rotated(both)["key_id"] == second.id
    assert both.stop() == 0
    config.write_text(f'{CONFIG}\n[encryption]\nkey = "{first.text}"\n')
    assert second.id in refused(gateway.data_dir, config)


def test_keys_rotate_while_codes_come_and_go(serve: Serve, tmp_path: Path) -> None:
    gateway = serve(data_dir=tmp_path / "data")
    plant(gateway)
    for number in range(60):
        gateway.push("b@example.com", f"Your code is {number:06}", run_id=f"run{number}")
    old = _material(gateway.data_dir / "encryption.key")
    stop, wrong = threading.Event(), []

    def load() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            gateway.push("c@example.com", f"Your code is {number:06}", run_id=f"c{number}")
            claim = gateway.claim("c@example.com", run_id=f"c{number}")["claim"]
            if not claim or claim["value"] != f"{number:06}":
                wrong.append(claim)

    thread = threading.Thread(target=load)
    thread.start()
    done = program("rotate-keys", "--url", gateway.url, "--key", gateway.key)
    stop.set()
    thread.join()
    assert done.returncode == 0, done.stderr
    assert wrong == []
    assert "rows are sealed with key" in done.stdout
    file = gateway.data_dir / "encryption.key"
    assert _material(file) != old
    assert _material(gateway.data_dir / "encryption.key.retired") == old
    assert gateway.stop() == 0
    assert _sealing_keys(gateway.data_dir / "otpgate.db") == {Key(material=_material(file)).id}
    again = serve(data_dir=gateway.data_dir)
    assert again.claim("b@example.com", run_id="run7")["claim"]["value"] == "000007"
    assert again.api.get("/v1/totp/a@example.com").status_code == 200


def test_a_rotation_that_was_cut_short_goes_on_after_a_restart(serve: Serve, tmp_path: Path) -> None:
    gateway = serve(data_dir=tmp_path / "data")
    for number in range(120):
        gateway.push("b@example.com", f"Your code is {number:06}", run_id=f"run{number}")
    assert gateway.api.post("/v1/rotations").json()["state"] == "running"
    gateway.process.kill()
    gateway.process.wait(10)
    gateway.reader.join(10)
    gateway.api.close()
    again = serve(data_dir=gateway.data_dir)
    keys = (gateway.data_dir / "encryption.key").read_text().split()
    if len(keys) == 2:  # it was cut short, as on most machines
        assert again.api.post("/v1/rotations").status_code == 202
        assert _rotated(again)["key_id"] == again.api.get("/v1/rotations").json()["key_id"]
        assert (gateway.data_dir / "encryption.key").read_text().split() == keys[:1]
    assert again.claim("b@example.com", run_id="run7")["claim"]["value"] == "000007"


def test_only_admins_rotate(gateway: Gateway) -> None:
    with gateway.client(gateway.new_key("claim", "push", "messages", "totp:write", "read")) as client:
        assert client.post("/v1/rotations").status_code == 403
        assert client.get("/v1/rotations").status_code == 403


def _material(file: Path) -> bytes:
    return base64.urlsafe_b64decode(file.read_text().split()[0])


def _rotated(gateway: Gateway) -> dict[str, str]:
    """The end of the rotation that runs, which must be a good one."""
    for _ in range(300):
        progress = gateway.api.get("/v1/rotations").json()
        if progress["state"] != "running":
            break
        time.sleep(0.05)
    assert progress["state"] == "done"
    return dict(progress)


def _sealing_keys(database: Path) -> set[str]:
    """Ids of the keys that sealed what is in a database."""
    with closing(sqlite3.connect(database)) as connection:
        values = connection.execute(
            "SELECT value FROM codes UNION SELECT text FROM messages UNION SELECT seed FROM totp"
        ).fetchall()
    return {value.split(".")[1] for (value,) in values if value}


@pytest.mark.parametrize("name", ["seals", "totp"])
def test_the_tables_of_secrets_hold_no_key(gateway: Gateway, name: str) -> None:
    text = (gateway.data_dir / "encryption.key").read_text().strip()
    with closing(sqlite3.connect(gateway.data_dir / "otpgate.db")) as connection:
        rows = connection.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 - one of two names above
    assert text not in repr(rows)
