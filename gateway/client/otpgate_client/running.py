"""A gateway of one's own for tests: `otpgate serve` in a process, and what a site does to it."""

import base64
import hashlib
import hmac
import itertools
import json
import os
import secrets
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Unpack

import httpx

from otpgate_client.errors import OtpGateError
from otpgate_client.synchronous import Login, OtpGate
from otpgate_client.wanted import Options

_CONFIG = """
[server]
public_url = "http://{http}"
[http]
listen = "{http}"
[smtp]
listen = "127.0.0.1:0"
[log]
format = "json"
[hooks.sms]
provider = "twilio"
account_sid = "{account}"
auth_token = "{token}"
"""
_STARTING, _STOPPING = 60.0, 20.0


@dataclass(frozen=True, kw_only=True)
class TwilioAccount:
    """An account that signs SMS as Twilio does."""

    sid: str
    token: str = field(repr=False)

    def sign(self, url: str, form: Mapping[str, str]) -> str:
        """The `X-Twilio-Signature` of a form posted to that URL (twilio.com/docs/usage/security)."""
        text = url + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new(self.token.encode(), text.encode(), hashlib.sha1).digest()
        return base64.b64encode(digest).decode()


@dataclass(frozen=True, kw_only=True)
class RunningGateway:
    """A gateway with everything that a test needs of it; each test takes addresses of its own."""

    url: str
    """Where its HTTP answers."""
    smtp: tuple[str, int]
    """Host and port of its SMTP door."""
    key: str = field(repr=False)
    """An admin key."""
    client: OtpGate = field(repr=False)
    account: TwilioAccount
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def address(self, name: str = "user") -> str:
        """A mailbox that nobody used before."""
        return f"{name}{next(self._numbers)}@example.com"

    def number(self) -> str:
        """A phone number that nobody used before."""
        return f"+1555{next(self._numbers):07}"

    def login(self, identifier: str, **options: Unpack[Options]) -> Login:
        """`OtpGate.login` at this gateway."""
        return self.client.login(identifier, **options)

    def wait(self, identifier: str, timeout: float = 10.0, **options: Unpack[Options]) -> str:
        """`OtpGate.wait` at this gateway: the code that came or comes, accepted."""
        return self.client.wait(identifier, timeout, **options)

    def send_mail(
        self,
        to: str,
        text: str,
        *,
        sender: str = "no-reply@example.org",
        subject: str = "Your sign-in code",
        html: str = "",
    ) -> None:
        """Send a mail by SMTP; the gateway has stored it when this returns."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
        with smtplib.SMTP(*self.smtp, timeout=_STOPPING) as door:
            door.send_message(mail)

    def send_sms(self, to: str, text: str, *, sender: str = "+15005550006") -> None:
        """Deliver an SMS by a webhook signed as Twilio does; the gateway has stored it when this returns."""
        sid = f"SM{secrets.token_hex(16)}"
        form = {"AccountSid": self.account.sid, "MessageSid": sid, "From": sender, "To": to, "Body": text}
        hook = f"{self.url}/hooks/sms"
        with httpx.Client(trust_env=False) as twilio:
            headers = {"x-twilio-signature": self.account.sign(hook, form)}
            twilio.post(hook, data=form, headers=headers).raise_for_status()


@contextmanager
def running_gateway(folder: Path, command: Sequence[str]) -> Iterator[RunningGateway]:
    """Start a gateway on free ports with its data in `folder`; it stops with the block. Raises OtpGateError."""
    account = TwilioAccount(sid=f"AC{secrets.token_hex(16)}", token=secrets.token_hex(16))
    config, log, data = folder / "otpgate.toml", folder / "otpgate.log", folder / "data"
    http = f"127.0.0.1:{free_port()}"  # known at first, since Twilio's signature covers it
    config.write_text(_CONFIG.format(http=http, account=account.sid, token=account.token), encoding="ascii")
    settings = {name: value for name, value in os.environ.items() if not name.startswith("OTPGATE_")}
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - the command is the caller's own
            [*command, "serve", "--config", str(config), "--data-dir", str(data)],
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        ready = _wait_until_ready(process, log)
        host, _, port = ready["smtp"][0].rpartition(":")
        url, key = f"http://{http}", (data / "admin.key").read_text(encoding="ascii").strip()
        with OtpGate(url, key) as client:
            yield RunningGateway(url=url, smtp=(host, int(port)), key=key, client=client, account=account)
    finally:
        _stop(process)


def free_port() -> int:
    """A port that is free, and likely to stay so until it is used: systems give away higher ones by themselves."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _wait_until_ready(process: "subprocess.Popen[bytes]", log: Path) -> dict[str, Any]:
    """The gateway's `ready` line, which says where it listens."""
    deadline = time.monotonic() + _STARTING
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        for line in lines:
            if '"ready"' in line and line.endswith("\n"):
                return dict(json.loads(line))
        if ended:
            break
        time.sleep(0.02)
    raise OtpGateError(f"otpgate did not start, see {log}: {''.join(lines[-5:])}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOPPING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
