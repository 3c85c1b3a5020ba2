"""What attackers do with a running gateway."""

import json
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers import Peer
from tests.running import CONFIG, Gateway, Json

CODE = "739184"
SECRET = "canary-of-the-coal-mine"
MIB = 2**20
BODY = f"Subject: Your code\r\nTo: {{to}}\r\nFrom: a@acme.example\r\n\r\nYour code is {CODE}. {SECRET}\r\n"


@dataclass(kw_only=True)
class Under:
    """Gateways under attack, started by the fixture that stops them."""

    serve: Callable[..., Gateway]
    gateways: list[Gateway] = field(default_factory=list)

    def attack(  # noqa: PLR0913 - a name for each
        self,
        *,
        smtp: str = "",
        http: str = "",
        hook: str = "numbers = []",
        more: str = "",
        data_dir: Path | None = None,
        processes: int = 0,
    ) -> Gateway:
        """Starts one, with more keys in its configuration; up to so many processes read beside it."""
        config = CONFIG.replace("[smtp]\n", "[smtp]\n" + smtp).replace("[http]\n", "[http]\n" + http)
        config = config.replace("numbers = []", hook) + more
        self.gateways.append(self.serve(config, data_dir, OTPGATE_EXTRACTION__PROCESSES=str(processes)))
        return self.gateways[-1]


def connect(gateway: Gateway, *, source: str = "127.0.0.1", door: int = 0) -> Peer:
    """A connection to the SMTP door that has said nothing yet; `door` counts its ports."""
    host, port = ports(gateway)[door]
    return Peer(port, host=host, source=source)


def ports(gateway: Gateway) -> list[tuple[str, int]]:
    """Every SMTP port of a gateway, as its ready line names them."""
    started = json.loads(next(line for line in gateway.lines if '"ready"' in line))
    found = [listen.rpartition(":") for listen in started["smtp"]]
    return [(host.strip("[]"), int(port)) for host, _, port in found]


def deliver(gateway: Gateway, body: bytes, *, to: str = "otp@gw.example", source: str = "127.0.0.1") -> str:
    """Sends one mail of these bytes, dots stuffed; the answer to it."""
    one = connect(gateway, source=source)
    try:
        one.greet().open_mail(to)
        one.send(body.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n")
        return one.reply()
    finally:
        one.close()


def letter(to: str, text: str = "") -> bytes:
    """A mail with the canary code, or with another text."""
    return BODY.format(to=to).encode() if not text else f"To: {to}\r\nSubject: hello\r\n\r\n{text}\r\n".encode()


def stored(gateway: Gateway, identifier: str) -> list[Json]:
    """What a gateway has of an identifier, newest first."""
    answer = gateway.api.get("/v1/messages", params={"identifier": identifier})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["messages"])


def memory(gateway: Gateway) -> int:
    """Resident bytes of a gateway's process."""
    return int(Path(f"/proc/{gateway.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def pour(one: socket.socket, data: bytes, *, at_most: int) -> int:
    """The bytes that went out before the server closed or made us wait for long."""
    sent = 0
    one.settimeout(1.0)
    with suppress(OSError):
        while sent < at_most:
            sent += one.send(data)
    return sent


def ended_after(one: Peer, drip: bytes, *, at_most: float) -> float:
    """Seconds until the server ends a connection that gets one drip after the other."""
    began = time.monotonic()
    one.socket.settimeout(0.25)
    while time.monotonic() - began < at_most:
        with suppress(TimeoutError):
            try:
                one.socket.sendall(drip)
                if not one.socket.recv(4096):
                    break
            except ConnectionError:
                break
    return time.monotonic() - began
