"""A real gateway in a process of its own, and what its users do with it."""

import json
import os
import smtplib
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from twilio.request_validator import RequestValidator

PUBLIC_URL = "https://otp.example.com"
ACCOUNT, TOKEN, NEXT_TOKEN = "ACtestaccount", "a-token-of-twilio", "the-token-after-it"
CONFIG = f"""
[server]
public_url = "{PUBLIC_URL}"
[smtp]
domains = ["gw.example"]
[http]
proxies = ["127.0.0.1"]
[identifiers]
accept_unknown = true
[trust]
minimum = "none"
[hooks.sms]
provider = "twilio"
account_sid = "{ACCOUNT}"
auth_token = ["{TOKEN}", "{NEXT_TOKEN}"]
numbers = []
[log]
level = "debug"
format = "json"
"""
ONE_PROCESS = {"OTPGATE_EXTRACTION__PROCESSES": "0"}
"""The environment of a gateway that reads bursts itself."""
Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120.0
"""Seconds after which what does not come counts as hung."""


def start_gateway(
    data_dir: Path,
    *arguments: str,
    config: str = "",
    environment: Mapping[str, str] | None = None,
    patience: float = PATIENCE,
) -> "Gateway":
    """A gateway that is ready, on free ports; its configuration lies beside its data, and nothing else is set."""
    command = [sys.executable, "-m", "gateway", "serve", "--data-dir", str(data_dir)]
    command += ["--smtp-port", "0", "--http-port", "0", *arguments]
    if config:
        file = data_dir.with_suffix(".toml")
        file.write_text(config, encoding="utf-8")
        command += ["--config", str(file)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTPGATE_")}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=clean | dict(environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    gateway = Gateway(process=process, data_dir=data_dir)
    gateway.reader.start()
    assert gateway.settled.wait(patience), "".join(["neither ready nor ended:\n", *gateway.lines])
    assert gateway.started, "".join(["the gateway ended at once:\n", *gateway.lines])
    return gateway


@dataclass(kw_only=True)
class Gateway:
    """`otpgate serve` in a process of its own, with what its users have: addresses, a key, and what it printed."""

    process: subprocess.Popen[str]
    data_dir: Path
    lines: list[str] = field(default_factory=list)
    started: Json = field(default_factory=dict)
    """Its ready line."""
    settled: threading.Event = field(default_factory=threading.Event)
    """It is ready, or it has ended."""

    @cached_property
    def reader(self) -> threading.Thread:
        """Reads what it prints, until it ends."""
        return threading.Thread(target=self._read_output, daemon=True)

    @property
    def url(self) -> str:
        """Where its HTTP door is; without a host, if it has none."""
        return f"http://{(self.started['http'] or [''])[0]}"

    @property
    def smtp(self) -> tuple[str, int]:
        """Where its first SMTP door is; port 0, if it has none."""
        host, _, port = (self.started["smtp"] or [":0"])[0].rpartition(":")
        return host, int(port)

    @cached_property
    def key(self) -> str:
        """The admin key of its first start."""
        return (self.data_dir / "admin.key").read_text(encoding="ascii").strip()

    @cached_property
    def api(self) -> httpx.Client:
        """A client with the admin key."""
        return self.client(self.key)

    def client(self, key: str) -> httpx.Client:
        """A client with another key, or with none."""
        headers = {"x-api-key": key} if key else {}
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
        return httpx.Client(base_url=self.url, headers=headers, timeout=70, limits=limits)

    def new_key(self, *scopes: str, only: tuple[str, ...] = (), **fields: object) -> str:
        """A new API key."""
        made = self.api.post("/v1/keys", json={"name": "test", "scopes": scopes, "only": only, **fields})
        assert made.status_code == 201, made.text
        return str(made.json()["key"])

    def push(self, identifier: str, content: str, **fields: object) -> Json:
        """Pushes a message."""
        answer = self.api.post("/v1/messages", json={"identifier": identifier, "content": content, **fields})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def send(
        self, identifier: str, content: str, sender: str = "no-reply@acme.example", rcpt: str = "otp@gw.example"
    ) -> None:
        """Sends a mail that is written to an identifier and delivered to one of the gateway's own addresses."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, identifier, "Your code"
        mail.set_content(content)
        with smtplib.SMTP(*self.smtp, timeout=10) as client:
            client.send_message(mail, sender, [rcpt])

    def forward(self, mail: bytes) -> None:
        """Delivers a mail as Gmail forwards it."""
        with smtplib.SMTP(*self.smtp, timeout=30) as client:
            client.sendmail("user@gmail.com", ["otp@gw.example"], mail)

    def sms(self, number: str, content: str, sender: str = "+15005550006", sid: str = "") -> httpx.Response:
        """Posts an SMS as Twilio does."""
        form = twilio_form(number, content, sender=sender, sid=sid)
        return self.hook(form, twilio_signature(form))

    def hook(self, form: dict[str, str], signature: str, path: str = "/hooks/sms") -> httpx.Response:
        """Posts a form to the webhook with a signature."""
        return httpx.post(self.url + path, data=form, headers={"X-Twilio-Signature": signature}, timeout=20)

    def cursor(self) -> str:
        """A cursor for now."""
        return str(self.api.post("/v1/cursors").json()["cursor"])

    def claim(self, identifier: str, **fields: object) -> Json:
        """Claims."""
        answer = self.api.post("/v1/claims", json={"identifier": identifier, **fields})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def latest(self, identifier: str, **fields: Any) -> Json:
        """Polls."""
        answer = self.api.get("/v1/codes/latest", params={"identifier": identifier, **fields})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def end(self, claim_id: str, how: str) -> httpx.Response:
        """Accepts, rejects or releases a claim."""
        return self.api.post(f"/v1/claims/{claim_id}/{how}")

    def until_held(self, count: int) -> None:
        """Returns once it holds so many requests."""
        until(lambda: held(self.api) == count)

    def hang_up(self) -> None:
        """Closes the connections of `api`."""
        if "api" in vars(self):  # somebody called it
            self.api.close()

    def stop(self) -> int:
        """Asks it to stop; its exit code."""
        self.hang_up()
        self.process.terminate()
        self.reader.join(PATIENCE)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """Kills it as a power cut would."""
        self.hang_up()
        self.process.kill()
        self.process.wait()
        self.reader.join(PATIENCE)

    def _read_output(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.lines.append(line)
                if '"event": "ready"' in line:
                    self.started = json.loads(line)
                    self.settled.set()
        self.settled.set()


def until(come: Callable[[], object]) -> None:
    """Returns once something is so, whenever that may be; fails when it hangs."""
    deadline = time.monotonic() + PATIENCE
    while not come():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def held(api: httpx.Client) -> int:
    """How many requests a gateway holds, as it counts them itself."""
    lines = api.get("/metrics").text.splitlines()
    return next(int(float(line.split()[1])) for line in lines if line.startswith("otpgate_waiters "))


def twilio_form(number: str, content: str, *, sender: str = "+15005550006", sid: str = "") -> dict[str, str]:
    """The form fields that Twilio sends with an SMS."""
    sid = sid or f"SM{uuid.uuid4().hex}"
    return {
        "ToCountry": "US",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "FromCity": "",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": sender,
        "To": number,
        "Body": content,
        "ApiVersion": "2010-04-01",
    }


def twilio_signature(form: dict[str, str], url: str = f"{PUBLIC_URL}/hooks/sms", token: str = TOKEN) -> str:
    """What Twilio's own code signs that form with."""
    return str(RequestValidator(token).compute_signature(url, form))
