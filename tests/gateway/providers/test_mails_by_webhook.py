"""Mails that providers post to a running gateway, signed as they sign."""

import os
import re
import select
import shutil
import smtplib
import socket
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from tests.conftest import Serve
from tests.gateway.providers import sending
from tests.gateway.providers.sending import HOOKS, PARSED, SECRET, SENDERS, post
from tests.running import CONFIG, Gateway, twilio_form

RCPT, BOUNCES = "otp@in.example.net", "bounce@acme.example"
PAGE = Path(__file__).parents[3] / ".github" / "doors" / "cloudflare.md"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def door(serve: Serve, served: str) -> Gateway:
    """A gateway with a hook for each mail provider."""
    return serve(CONFIG + HOOKS.replace("@api", f"{served}/resend/served"))


@pytest.fixture(params=SENDERS)
def sender(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def mail_to(identifier: str, code: str = "482913", attached: int = 0, message_id: str = "") -> bytes:
    """A mail of a site's, with so many bytes attached."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Acme <no-reply@acme.example>", identifier, "Your sign-in code"
    if message_id:
        mail["Message-ID"] = message_id
    mail.set_content(f"Your Acme code is {code}. Grüße")
    mail.add_alternative(f"<p>Your Acme code is <b>{code}</b>.</p>", subtype="html")
    if attached:
        mail.add_attachment(
            bytes(range(256)) * (attached // 256), maintype="image", subtype="png", filename="logo.png"
        )
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def codes(gateway: Gateway, identifier: str) -> list[dict[str, object]]:
    found = gateway.api.get("/v1/codes", params={"identifier": identifier}).json()["codes"]
    return [dict(code) for code in found]


def test_a_code_comes_by_each_of_them(door: Gateway, sender: str, someone: str) -> None:
    answer = post(door.url, SENDERS[sender](mail_to(someone), RCPT, BOUNCES))
    assert (answer.status_code, answer.content) == (200, b"")
    (code,) = codes(door, someone)
    assert (code["value"], code["channel"], code["sender_domain"]) == ("482913", "email", "acme.example")
    (message,) = door.api.get("/v1/messages", params={"identifier": someone}).json()["messages"]
    assert message["identity_source"] == "to"
    assert message["door"] == answer.request.url.path.strip("/")


def test_a_signed_webhook_proves_who_delivered_a_mail_and_not_who_wrote_it(
    door: Gateway, sender: str, someone: str
) -> None:
    post(door.url, SENDERS[sender](mail_to(someone), RCPT, BOUNCES))
    (code,) = codes(door, someone)
    assert (code["route"], code["author"]) == ("provider", None)
    assert "whoever wrote it" in str(code["evidence"])
    assert door.latest(someone, min_trust="route")["code"]
    assert door.latest(someone, min_trust="author")["code"] is None


def test_the_same_mail_by_smtp_and_by_a_webhook_is_one_code(door: Gateway, sender: str, someone: str) -> None:
    mail = mail_to(someone)
    with smtplib.SMTP(*door.smtp, timeout=10) as client:
        client.sendmail(BOUNCES, ["otp@gw.example"], mail)
    for _ in range(2):
        stamped = b"Received: from a by b for <otp@in.example.net>; now\r\nX-SES-Spam-Verdict: PASS\r\n" + mail
        assert post(door.url, SENDERS[sender](stamped, RCPT, BOUNCES)).status_code == 200
    assert len(codes(door, someone)) == 1


@pytest.mark.parametrize("sender", PARSED)
def test_what_a_provider_parsed_gives_the_code_too_and_once(door: Gateway, sender: str, someone: str) -> None:
    request = PARSED[sender](mail_to(someone), RCPT, BOUNCES)
    for _ in range(2):
        assert post(door.url, request).status_code == 200
    (code,) = codes(door, someone)
    assert (code["value"], code["sender_domain"], code["author"]) == ("482913", "acme.example", None)


@pytest.mark.parametrize("other", [*PARSED, "raw_mime"])
@pytest.mark.parametrize("sender", PARSED)
def test_the_same_mail_parsed_by_one_door_and_brought_by_another_is_one_code(
    door: Gateway, sender: str, other: str, someone: str
) -> None:
    """No byte of it is the same, but its Message-ID and its code are."""
    mail = mail_to(someone, message_id=f"<{uuid.uuid4().hex}@acme.example>")
    for name in (sender, other, sender):
        assert post(door.url, {**SENDERS, **PARSED}[name](mail, RCPT, BOUNCES)).status_code == 200
    assert len(codes(door, someone)) == 1


def test_an_open_copy_that_came_first_takes_no_trust_away(door: Gateway, sender: str, someone: str) -> None:
    """Anybody may send a mail again, or before: a run that asks for a route gets it once one is proven."""
    mail, cursor = mail_to(someone), door.cursor()
    with smtplib.SMTP(*door.smtp, timeout=10) as client:
        client.sendmail(BOUNCES, ["otp@gw.example"], mail)
    assert door.latest(someone, min_trust="route")["diagnosis"].startswith("filtered")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(door.claim, someone, run_id="r", after=cursor, min_trust="route", wait=30)
        assert post(door.url, SENDERS[sender](mail, RCPT, BOUNCES)).status_code == 200
        assert waiting.result()["claim"]["route"] == "provider"
    assert len(codes(door, someone)) == 1


def test_nor_does_one_that_came_before_the_one_to_the_secret_address(door: Gateway, someone: str) -> None:
    secret = door.api.put(f"/v1/identifiers/{someone}", json={}).json()["secret_address"]
    mail = mail_to(someone)
    for rcpt in ("otp@gw.example", secret, "otp@gw.example"):
        with smtplib.SMTP(*door.smtp, timeout=10) as client:
            client.sendmail(BOUNCES, [rcpt], mail)
    (code,) = codes(door, someone)
    assert code["route"] == "secret-address"


@pytest.mark.parametrize("form", ["mailgun", "mailgun_parsed"])
def test_what_mailgun_signed_for_one_mail_stands_for_no_other(door: Gateway, form: str, someone: str) -> None:
    """It signs time and token alone: whoever heard them could send what he likes, or to whom he likes."""
    path, body, headers = {**SENDERS, **PARSED}[form](mail_to(someone), RCPT, BOUNCES)
    fields = dict(parse_qsl(body.decode()))
    made_up = {**fields, "message-headers": '[["To", "mallory@example.com"]]', "body-mime": "To: m@example.com"}
    changed = ({**fields, "recipient": "otp+m=example.com@in.example.net"}, {n: made_up[n] for n in fields})
    assert post(door.url, (path, body, headers)).status_code == 200
    for other in changed:
        answer = post(door.url, (path, urlencode(other).encode(), headers))
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:otpgate:problem:hook-refused")
    again = httpx.post(door.url + path, files={name: (None, value) for name, value in fields.items()}, timeout=60)
    assert again.status_code == 200, "Mailgun comes back, in whichever encoding"
    assert len(codes(door, someone)) == 1
    assert codes(door, "m@example.com") == codes(door, "mallory@example.com") == []


def test_each_recipient_of_the_envelope_is_resolved_as_at_the_smtp_door(door: Gateway, someone: str) -> None:
    registered = door.api.put(f"/v1/identifiers/{someone}", json={}).json()
    secret, encoded = registered["secret_address"].partition("@")[0], someone.replace("@", "=")
    for rcpt, source, route in (
        (f"{secret}@in.example.net", "rcpt-token", "secret-address"),
        (f"otp+{encoded}@in.example.net", "rcpt-encoded", "provider"),
    ):
        assert post(door.url, sending.raw_mime(mail_to("other@x.example", rcpt[:6]), rcpt, "")).status_code == 200
        newest = door.api.get("/v1/messages", params={"identifier": someone}).json()["messages"][0]
        assert (newest["identity_source"], newest["route"]) == (source, route)


def test_resend_tells_of_a_mail_and_the_gateway_asks_for_it(door: Gateway, someone: str) -> None:
    """Its API is a server on loopback, which serves tests/gateway/providers/resend/served."""
    encoded = someone.replace("@", "=")
    assert (
        post(
            door.url, sending.resend("56761188-7520-42d8-8898-ff6fc54ce618", f"otp+{encoded}@x.example")
        ).status_code
        == 200
    )
    assert [code["value"] for code in codes(door, someone)] == ["482913"]


def test_a_provider_that_does_not_answer_is_asked_to_come_again(door: Gateway) -> None:
    answer = post(door.url, sending.resend("no-such-mail", "a@b.example"))
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:otpgate:problem:temporarily-unavailable")


def test_whoever_signs_otherwise_is_refused_alike(door: Gateway, sender: str, someone: str) -> None:
    path, body, headers = SENDERS[sender](mail_to(someone), RCPT, BOUNCES)
    changed = re.sub(rb'(ignature(?:=|": "))[^&"]{4}', rb"\1AAAA", body)
    wrong = {name: text if name == "content-type" else "0" for name, text in headers.items()}
    answer = post(door.url, (path, changed, wrong))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:otpgate:problem:hook-refused")
    assert codes(door, someone) == []
    assert httpx.get(door.url + path).status_code == 405


def test_a_mail_may_be_larger_than_any_other_body(door: Gateway, sender: str, someone: str) -> None:
    """As large as at the SMTP door; SNS carries no more than 256 KiB."""
    largest = {"amazon_ses": 100 * 1024, "raw_mime": 18 * MIB}.get(sender, 2 * MIB)
    assert post(door.url, SENDERS[sender](mail_to(someone, attached=largest), RCPT, BOUNCES)).status_code == 200
    assert len(codes(door, someone)) == 1


def test_only_hooks_for_mails_take_large_bodies(door: Gateway) -> None:
    large = b"x" * (2 * MIB)
    headers = {"X-Twilio-Signature": "x", "Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/hooks/sms", "/hooks/resend", "/hooks/nothing", "/v1/messages"):
        assert httpx.post(door.url + path, content=large, headers=headers).status_code == 413, path
    assert httpx.post(f"{door.url}/hooks/raw_mime", content=large).status_code == 403
    assert httpx.post(f"{door.url}/hooks/raw_mime", content=b"x" * (37 * MIB)).status_code == 413
    assert door.hook(twilio_form("+15551239999", "x"), "wrong").status_code == 403


def test_no_more_large_bodies_are_on_their_way_at_once_than_the_disk_has_room_for(
    door: Gateway, someone: str
) -> None:
    """Small mails come in beside them, and large ones again once they are gone."""
    host, _, port = door.url.removeprefix("http://").rpartition(":")
    head = b"POST /hooks/raw_mime HTTP/1.1\r\nHost: a\r\nContent-Length: 30000000\r\n\r\n"
    with ExitStack() as opened:
        begun = [opened.enter_context(socket.create_connection((host, int(port)), 10)) for _ in range(40)]
        for one in begun:
            one.sendall(head + b"x")
        end = time.monotonic() + 60
        while len(refused := select.select(begun, [], [], 0)[0]) < 8:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert len(refused) == 8
        assert refused[0].recv(4096).startswith(b"HTTP/1.1 503 Busy\r\n")
        assert post(door.url, sending.raw_mime(mail_to(someone), RCPT, BOUNCES)).status_code == 200
    end = time.monotonic() + 60
    large = sending.raw_mime(mail_to(someone, attached=2 * MIB), RCPT, BOUNCES)
    while post(door.url, large).status_code == 503:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert post(door.url, large).status_code == 200


ODD = {
    "NUL": b"\0" * 100,
    "no text": b"\xff\xfe" * 500,
    "headers alone": b"From: a@b.example",
    "bare line ends": b"a\rb\nc\r\n\r\n" * 50,
    "a line end": b"\n",
    "one line": b"x" * 100_000,
    "boundaries": b"--a\n" * 9999,
}


@pytest.mark.parametrize("mail", ODD.values(), ids=ODD)
def test_whatever_bytes_are_signed_are_kept(door: Gateway, someone: str, mail: bytes) -> None:
    rcpt = f"otp+{someone.replace('@', '=')}@in.example.net"
    answer = post(door.url, sending.raw_mime(mail, rcpt, BOUNCES))
    if not mail.strip():
        assert (answer.status_code, "raw mail" in answer.text) == (400, True)
        return
    assert answer.status_code == 200
    assert len(door.api.get("/v1/messages", params={"identifier": someone}).json()["messages"]) == 1


@pytest.mark.skipif(not all(map(shutil.which, ("curl", "openssl"))), reason="curl or openssl is not installed")
def test_the_shell_lines_of_their_page_post_a_raw_mail(door: Gateway, someone: str, tmp_path: Path) -> None:
    page = PAGE.with_name("raw_mime.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    (tmp_path / "mail.eml").write_bytes(mail_to(someone))
    script = lines.replace("https://otp.example.com/hooks/mail", f"{door.url}/hooks/raw_mime")
    environment = {**os.environ, "SECRET": SECRET}
    subprocess.run(["bash", "-ec", script], cwd=tmp_path, env=environment, check=True, timeout=60)
    assert [code["value"] for code in codes(door, someone)] == ["482913"]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed (Debian: nodejs)")
def test_the_email_worker_of_its_page_sends_mails_on(door: Gateway, someone: str, tmp_path: Path) -> None:
    """Run by Node.js, which has what Cloudflare's workers have of the web's APIs."""
    (script,) = re.findall(r"```js\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "worker.mjs").write_text(script, encoding="utf-8")
    (tmp_path / "mail.eml").write_bytes(mail_to(someone))
    (tmp_path / "run.mjs").write_text(
        """
        import { readFileSync } from "node:fs";
        import { webcrypto } from "node:crypto";
        globalThis.crypto ??= webcrypto;
        const { default: worker } = await import("./worker.mjs");
        const [from, to, URL, SECRET] = process.argv.slice(2);
        await worker.email({ from, to, raw: new Blob([readFileSync("mail.eml")]).stream() }, { URL, SECRET });
        """,
        encoding="utf-8",
    )
    sent = [
        "node",
        "run.mjs",
        "bounce+a=b@acme.example",
        "otp+grüße@in.example.net",
        f"{door.url}/hooks/cloudflare",
    ]
    subprocess.run([*sent, SECRET], cwd=tmp_path, check=True, timeout=60)
    assert [code["value"] for code in codes(door, someone)] == ["482913"]
    refused = subprocess.run([*sent, "another"], cwd=tmp_path, check=False, timeout=60, capture_output=True)
    assert refused.returncode != 0
    assert b"otpgate answered 403" in refused.stderr


def test_no_line_of_its_log_tells_a_code_or_a_secret(door: Gateway) -> None:
    assert any('"message_stored"' in line for line in door.lines)
    for line in door.lines:
        assert not re.search(f"482913|{SECRET}|re_the_api_key", line)
        assert '"request_failed"' not in line
