"""The main job, as a user would see it: mail in by real clients, the bare code out of the command."""

import os
import re
import shutil
import smtplib
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.running import until

ENVELOPE = "user+caf_=otp=gw.example@gmail.com"
Forward = Callable[..., bytes]
needs_swaks = pytest.mark.skipif(shutil.which("swaks") is None, reason="swaks is not installed (Debian: swaks)")
needs_smtp_source = pytest.mark.skipif(
    shutil.which("smtp-source") is None, reason="smtp-source is not installed (Debian: postfix)"
)


def send(killable: Any, mail: bytes) -> None:
    """Send a mail with smtplib over a connection of its own."""
    with smtplib.SMTP(*killable.smtp) as client:
        client.sendmail(ENVELOPE, ["otp@gw.example"], mail)


def otpgate(killable: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command against the gateway."""
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        env=os.environ | {"OTPGATE_URL": killable.url, "OTPGATE_KEY": killable.key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@needs_swaks
def test_a_forwarded_mail_sent_twice_gives_the_bare_code_once(
    killable: Any, forwarded: Forward, tmp_path: Path
) -> None:
    mail = forwarded("user@example.com", "482913")
    (tmp_path / "mail.eml").write_bytes(mail.replace(b"\r\n", b"\n"))
    host, port = killable.smtp
    subprocess.run(
        ["swaks", "--server", f"{host}:{port}", "--from", ENVELOPE, "--to", "otp@gw.example",
         "--data", f"@{tmp_path / 'mail.eml'}"],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    send(killable, mail)
    waited = otpgate(killable, "wait", "user@example.com", "--timeout", "60")
    assert (waited.returncode, waited.stdout) == (0, "482913\n")
    with killable.api() as api:
        (code,) = api.get("/v1/codes", params={"identifier": "user@example.com"}).json()["codes"]
        assert code["state"] == "accepted"
        (message,) = api.get("/v1/messages", params={"identifier": "user@example.com"}).json()["messages"]
        assert message["identity_source"].startswith("header:x-forwarded-")


def test_each_of_200_held_requests_gets_its_own_code(killable: Any, forwarded: Forward) -> None:
    people = [f"user{number}@example.com" for number in range(200)]
    codes = {person: f"{700_000 + number}" for number, person in enumerate(people)}

    with killable.api() as api, ThreadPoolExecutor(200) as pool:

        def wait(person: str) -> str:
            asked = {"identifier": person, "wait": "60"}
            answer = httpx.get(f"{killable.url}/v1/codes/latest", params=asked, headers=api.headers, timeout=90)
            return str(answer.json()["code"]["value"])

        waiting = {person: pool.submit(wait, person) for person in people}
        with smtplib.SMTP(*killable.smtp) as client:
            for person in people:
                client.sendmail(ENVELOPE, ["otp@gw.example"], forwarded(person, codes[person], codes[person]))
        assert {person: held.result() for person, held in waiting.items()} == codes


def test_two_runs_claiming_at_once_never_hold_the_same_code(killable: Any, forwarded: Forward) -> None:
    with killable.api() as api, ThreadPoolExecutor(20) as pool:

        def claim(run: int) -> str | None:
            asked = {"identifier": "shared@example.com", "run_id": f"run-{run}", "wait": 60}
            held = httpx.post(f"{killable.url}/v1/claims", json=asked, headers=api.headers, timeout=90).json()[
                "claim"
            ]
            return held["value"] if held else None

        claims = [pool.submit(claim, run) for run in range(20)]
        for number in range(10):
            send(killable, forwarded("shared@example.com", f"{300_100 + number}", f"shared-{number}"))
        until(lambda: sum(claim.done() for claim in claims) == 10)
        killable.stop()  # who waits still is sent home
        held = [value for made in claims if (value := made.result())]
    assert len(held) == len(set(held)) == 10


@needs_smtp_source
def test_what_got_250_is_there_once_after_kill_9(killable: Any, tmp_path: Path) -> None:
    host, port = killable.smtp
    said = tmp_path / "smtp-source.log"
    with said.open("wb") as log:
        source = subprocess.Popen(
            ["smtp-source", "-v", "-d", "-N", "-s", "10", "-m", "2000", "-l", "2000",
             "-f", "a@acme.example", "-t", "user@gw.example", f"{host}:{port}"],
            stdout=log, stderr=log,
        )  # fmt: skip
    deadline = time.monotonic() + 60
    while said.read_text().count("250 2.0.0 stored") < 50 and time.monotonic() < deadline:
        time.sleep(0.02)
    killable.kill()
    source.wait(timeout=30)
    acknowledged = set(re.findall(r"250 2\.0\.0 stored (\w+)", said.read_text()))
    killable.start()
    assert killable.stop() == 0
    with closing(sqlite3.connect(killable.folder / "otpgate.db")) as database:
        stored = [row[0] for row in database.execute("SELECT trace_id FROM messages")]
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(acknowledged) >= 50
    assert acknowledged <= set(stored)
    assert len(stored) == len(set(stored))


def test_a_signed_sms_is_polled_by_either_spelling_of_its_number(tmp_path: Path, killable: Any) -> None:
    killable.stop()
    token = "a-token-that-only-twilio-knows"
    config = tmp_path / "config.toml"
    public = "https://otp.example.com"
    config.write_text(
        f'[server]\npublic_url = "{public}"\n[smtp]\ndomains = ["gw.example"]\n'
        '[identifiers]\naccept_unknown = true\n[trust]\nminimum = "none"\n[http]\nproxies = ["127.0.0.1"]\n'
        f'[hooks.sms]\nprovider = "twilio"\naccount_sid = "AC{"a" * 32}"\nauth_token = "{token}"\n'
    )
    killable.environment["OTPGATE_CONFIG"] = str(config)
    killable.start()
    form = {
        "MessageSid": "SM" + "0" * 32, "AccountSid": "AC" + "a" * 32, "From": "+15005550006", "To": "+15551230000",
        "Body": "Your Acme code is 771204", "NumMedia": "0",
    }  # fmt: skip
    signature = RequestValidator(token).compute_signature(f"{public}/hooks/sms", form)
    url, headers = f"{killable.url}/hooks/sms", {"X-Twilio-Signature": signature}
    for _ in range(2):
        answer = httpx.post(url, data=form, headers=headers)
        assert (answer.status_code, answer.text, answer.headers["content-type"]) == (
            200,
            "<Response/>",
            "text/xml",
        )
    assert httpx.post(url, data=form | {"Body": "Your Acme code is 000000"}, headers=headers).status_code == 403
    with killable.api() as api:
        for spelling in ("+15551230000", "+1 (555) 123-0000"):
            found = api.get("/v1/codes/latest", params={"identifier": spelling}).json()["code"]
            assert found["value"] == "771204"
        unescaped = api.get(f"{killable.url}/v1/codes/latest?identifier=+15551230000").json()["code"]
        assert unescaped["value"] == "771204"
        assert len(api.get("/v1/codes", params={"identifier": "+15551230000"}).json()["codes"]) == 1


def test_no_code_key_or_body_is_in_the_output_of_all_that(killable: Any, forwarded: Forward) -> None:
    canaries = ["914382", "Q7XK4M", "canary-body-text", "canary-subject"]
    send(killable, forwarded("quiet@example.com", canaries[0]))
    odd = forwarded("quiet@example.com", canaries[0]).replace(b"Your sign-in code", b"canary-subject \xff\xfe")
    send(killable, odd + b"canary-body-text\r\n")
    with killable.api() as api:
        pushed = {"identifier": "quiet@example.com", "content": f"canary-body-text {canaries[1]} is your code"}
        assert api.post("/v1/messages", json=pushed).status_code == 201
        assert api.post("/v1/messages", content=b'{"identifier": "canary-body-text').status_code == 400
        claim = api.post("/v1/claims", json={"identifier": "quiet@example.com", "sender": "acme.example"}).json()
        assert claim["claim"]["value"] in canaries
        api.get("/v1/codes/latest", params={"identifier": canaries[1], "wait": "never"})
        key = killable.key
    assert killable.stop() == 0
    output = killable.output
    assert "message_stored" in output
    for canary in [*canaries, key, key.split("_", 2)[2]]:
        assert canary not in output
