"""Gmail asks before it forwards: a person sees the link at once, a login never does (FACTS 28)."""

import os
import smtplib
import subprocess
import sys

import pytest

from tests.running import Gateway, until

LINK = "https://mail-settings.google.com/mail/vf-%5BANGjdJ8canary%5D-x7Q"
CANCEL = "https://mail-settings.google.com/mail/uf-%5BANGjdJ8canary%5D-x7Q"
MAIL = f"""From: Gmail Team <forwarding-noreply@google.com>
To: {{to}}
Subject: (#482913771) Gmail Forwarding Confirmation - Receive Mail from user@gmail.com
X-Google-Address-Confirmation: ANGjdJ8canary
Date: Mon, 23 Nov 2026 01:00:00 +0000
Message-ID: <{{to}}@google.com>

user@gmail.com has requested to automatically forward mail to your email address {{to}}.
Confirmation code: 482913771

To allow it, please click the link below to confirm the request:

{LINK}

If you click the link and it appears to be broken, copy it. To cancel, click:
{CANCEL}
"""


@pytest.fixture
def asked(gateway: Gateway, someone: str) -> str:
    """A mailbox at the gateway to which Gmail wrote."""
    own = someone.replace("example.com", "gw.example")
    with smtplib.SMTP(*gateway.smtp) as client:
        client.sendmail("forwarding-noreply@google.com", [own], MAIL.format(to=own).replace("\n", "\r\n"))
    return own


def test_no_login_gets_it(gateway: Gateway, asked: str) -> None:
    for kind in ("code", "link", "any"):
        assert gateway.latest(asked, kind=kind)["code"] is None
    assert gateway.claim(asked)["diagnosis"] == "arrived_without_code"


def test_the_messages_show_the_link_and_the_number_but_never_the_link_that_cancels(
    gateway: Gateway, asked: str
) -> None:
    (message,) = gateway.api.get("/v1/messages", params={"identifier": asked}).json()["messages"]
    assert (message["kind"], message["value"]) == ("gmail-confirmation", LINK)
    assert [candidate["value"] for candidate in message["candidates"]] == ["482913771"]
    assert CANCEL not in str({name: message[name] for name in ("value", "candidates", "reason", "evidence")})


def test_the_log_tells_of_it_without_the_link(gateway: Gateway, asked: str) -> None:
    def told() -> list[str]:
        return [line for line in gateway.lines if "confirmation_waits" in line and asked in line]

    until(told)
    assert len(told()) == 1
    assert "ANGjdJ8canary" not in "".join(gateway.lines)


def test_the_doctor_shows_it(gateway: Gateway, asked: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "doctor", "--data-dir", str(gateway.data_dir)],
        env=os.environ | {"OTPGATE_HTTP__LISTEN": gateway.url.removeprefix("http://"), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    plain = "".join(done.stdout.split())
    assert asked in plain, done.stdout + done.stderr
    assert LINK in plain
    assert "482913771" in plain
