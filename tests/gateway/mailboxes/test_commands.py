"""`otpgate mailbox`, the API behind it, and what doctor, metrics and log say."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from gateway.cli.api import CallError
from gateway.cli.mailbox import app
from tests.dovecot import PASSWORD
from tests.gateway.mailboxes.conftest import Post, config

ROOT = Path(__file__).parents[3]


def otpgate(post: Post, *arguments: str, told: str = "") -> subprocess.CompletedProcess[str]:
    """Runs a command as a person does; what it asks for comes on standard input."""
    command = [sys.executable, "-m", "gateway", *arguments, "--url", post.gateway.url]
    command += ["--data-dir", str(post.gateway.data_dir)]
    return subprocess.run(command, cwd=ROOT, input=told, capture_output=True, text=True, check=False, timeout=60)


def test_a_mailbox_is_added_listed_checked_and_removed(post: Post, user: str) -> None:
    where = ("--host", "127.0.0.1", "--port", str(post.dovecot.port))
    refused = otpgate(post, "mailbox", "add", user, *where, told="a wrong one\n")
    assert refused.returncode == 1
    assert "does not accept this login" in refused.stderr
    added = otpgate(post, "mailbox", "add", user, *where, told=f"{PASSWORD}\n")
    assert (added.returncode, f"kept: {user}, INBOX" in added.stderr) == (0, True)
    post.wait_for(user, lambda one: one["state"] == "watching")
    listed = otpgate(post, "mailbox", "list").stdout
    assert f"{user}\tINBOX\t127.0.0.1\tpassword\twatching\t" in listed
    checked = otpgate(post, "mailbox", "check", user)
    assert "holds 0 messages there, and tells by itself what arrives" in checked.stdout
    assert otpgate(post, "mailbox", "remove", user).returncode == 0
    gone = otpgate(post, "mailbox", "check", user)
    assert (gone.returncode, "check the spelling" in gone.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["someone@example.com"], "name the IMAP server with --host"),
        (["someone@example.com", "--provider", "gmial"], "no provider that is known by name"),
        (["someone@gmail.com", "--oauth"], "register an app with the provider"),
        (["someone@example.com", "--host", "h", "--oauth", "--client-id", "c"], "name the OAuth server"),
        (
            ["a@outlook.com", "--oauth", "--client-id", "c", "--token-url", "http://sign-in.example/token"],
            "--token-url must begin with https://",
        ),
    ],
)
def test_what_is_missing_is_named(post: Post, arguments: list[str], said: str) -> None:
    ended = CliRunner().invoke(app, ["add", *arguments, "--url", post.gateway.url, "--key", post.gateway.key])
    assert isinstance(ended.exception, CallError)
    assert said in str(ended.exception)


@pytest.mark.parametrize(
    "body",
    [
        {"host": "imap.example.com", "port": 0, "password": "x"},
        {"host": "", "password": "x"},
        {"host": "bad host", "password": "x"},
        {"host": "imap.example.com", "security": "none", "password": "x"},
        {
            "host": "imap.example.com",
            "oauth": {"client_id": "c", "token_url": "http://a.example/", "refresh_token": "r"},
        },
    ],
)
def test_a_body_that_makes_no_sense_is_refused(post: Post, user: str, body: dict[str, object]) -> None:
    assert post.gateway.api.put(f"/v1/mailboxes/{user}", json=body).status_code == 400


def test_only_an_admin_may_see_and_change_mailboxes(post: Post, user: str) -> None:
    with post.gateway.client(post.gateway.new_key("claim", "messages", "push")) as other:
        for call in (other.get("/v1/mailboxes"), other.put(f"/v1/mailboxes/{user}", json={"host": "x"})):
            assert call.status_code == 403


def test_passwords_are_in_no_answer_log_metric_or_database(post: Post, user: str) -> None:
    secret = post.dovecot.passwords[user]
    post.add(user)
    post.dovecot.deliver(user, "Your code is 482913")
    assert post.value(user) == "482913"
    said = "".join(post.gateway.lines) + post.gateway.api.get("/v1/mailboxes").text + metrics(post)
    assert secret not in said
    assert "pass-word" not in said
    with closing(sqlite3.connect(post.gateway.data_dir / "otpgate.db")) as database:
        assert "pass-word" not in "".join(database.iterdump())


def test_metrics_say_whether_it_is_watched(post: Post, user: str) -> None:
    post.add(user)
    found = metrics(post)
    assert f'otpgate_mailbox_connected{{mailbox="{user}"}} 1.0' in found
    assert f'otpgate_mailbox_contact_timestamp_seconds{{mailbox="{user}"}}' in found
    post.add(user, password="a wrong one", check=False, watched=False)
    post.wait_for(user, lambda one: one["state"] == "shut out")
    found = metrics(post)
    assert f'otpgate_mailbox_connected{{mailbox="{user}"}} 0.0' in found
    assert f'otpgate_mailbox_losses_total{{mailbox="{user}",reason="login refused"}} 1.0' in found


def test_doctor_has_a_line_for_each_mailbox(post: Post, user: str, authority: Path, tmp_path: Path) -> None:
    post.add(user)
    other = post.dovecot.add_user("ailing@example.com")
    post.add(other, password="a wrong one", check=False, watched=False)
    post.wait_for(other, lambda one: one["state"] == "shut out")
    file = tmp_path / "config.toml"
    listening = post.gateway.url.removeprefix("http://")
    file.write_text(config(authority).replace("[http]", f'[http]\nlisten = "{listening}"'), encoding="utf-8")
    command = [sys.executable, "-m", "gateway", "doctor", "--config", str(file)]
    command += ["--data-dir", str(post.gateway.data_dir)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60).stdout
    assert re.search(rf"^ok\s+mailbox {user}\s+watching 127.0.0.1: last contact ", said, re.MULTILINE), said
    assert re.search(rf"^bad\s+mailbox {other}\s+127.0.0.1: login refused; ", said, re.MULTILINE), said


def metrics(post: Post) -> str:
    return httpx.get(f"{post.gateway.url}/metrics", headers={"x-api-key": post.gateway.key}).text
