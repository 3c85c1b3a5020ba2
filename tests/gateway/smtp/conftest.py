"""A real listener on a free port, in a thread of its own, and peers that talk to it byte by byte."""

import asyncio
import itertools
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from core.errors import ForeignDomainError
from core.message import InboundMessage
from gateway.smtp import Certificate, Port, Refusal, SmtpDoor, SmtpEvents, SmtpListener, SmtpSettings, bind

PATIENCE = 5.0
"""Seconds after which a peer's silence fails a test."""
ARRIVAL = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
T = TypeVar("T")


class Notebook(SmtpEvents):
    """A journal that a test can read."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []
        self.failures: list[str] = []
        self.present = 0

    def connected(self, peer: str) -> None:
        assert peer
        self.present += 1

    def disconnected(self, peer: str) -> None:
        assert peer
        self.present -= 1

    def refused(self, peer: str, reason: Refusal, trace_id: str = "") -> None:
        assert peer
        assert (trace_id != "") == (reason in {Refusal.MAIL, Refusal.MAIL_LATER})
        self.refusals.append(reason)

    def failed(self, peer: str, error: str, trace_id: str = "") -> None:  # noqa: ARG002
        self.failures.append(error)


class Peer:
    """An SMTP client that sends exactly the bytes it is told to."""

    def __init__(self, port: int, *, source: str = "127.0.0.1", host: str = "127.0.0.1") -> None:
        self.socket: socket.socket = socket.create_connection((host, port), PATIENCE, (source, 0))
        self._lines = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> str:
        """The next line of the server, without its end; "" when it has closed."""
        return self._lines.readline().decode().rstrip("\r\n")

    def reply(self) -> str:
        """The last line of the next answer; "" when the server has closed."""
        while (line := self.line())[3:4] == "-":
            pass
        return line

    def say(self, line: str) -> str:
        """Sends a command and returns its answer."""
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def greet(self) -> "Peer":
        """Reads the banner and says EHLO."""
        assert self.reply().startswith("220 ")
        assert self.say("EHLO client.example").startswith("250 ")
        return self

    def open_mail(self, *recipients: str) -> "Peer":
        """Goes on to where the mail's bytes are expected."""
        assert self.say("MAIL FROM:<site@site.example>").startswith("250 ")
        for recipient in recipients or ("otp@gw.example",):
            assert self.say(f"RCPT TO:<{recipient}>").startswith("250 ")
        assert self.say("DATA").startswith("354 ")
        return self

    def mail(self, body: bytes = b"Subject: hello\r\n\r\nhello\r\n") -> str:
        """Sends one mail and returns the answer to it."""
        self.open_mail().send(body + b".\r\n")
        return self.reply()

    def rest(self) -> bytes:
        """Everything up to the server's close; a reset counts as one."""
        try:
            return self._lines.read()
        except ConnectionResetError:
            return b""

    def starttls(self) -> "Peer":
        """Says STARTTLS and encrypts; EHLO is to be said again."""
        assert self.say("STARTTLS") == "220 2.0.0 go ahead"
        return self.encrypt()

    def encrypt(self) -> "Peer":
        """Does the client's part of a TLS handshake, and trusts any certificate."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self._lines.close()
        self.socket = context.wrap_socket(self.socket)
        self._lines = self.socket.makefile("rb")
        return self

    def close(self) -> None:
        self._lines.close()
        self.socket.close()


@dataclass(kw_only=True)
class Gateway:
    """A running listener: what it stored, what it noted, and peers to talk to it."""

    listener: SmtpListener
    notebook: Notebook
    stored: list[InboundMessage]
    run: Callable[[Coroutine[Any, Any, Any]], "Future[Any]"]
    _peers: list[Peer] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.listener.port

    def connect(self, **options: str) -> Peer:
        """A peer that has not said anything yet; closed with the test."""
        peer = Peer(self.port, **options)
        self._peers.append(peer)
        return peer

    def greeted(self) -> Peer:
        """A peer that has said EHLO."""
        return self.connect().greet()

    def stop(self, grace: float = PATIENCE) -> "Future[Any]":
        """Begins to stop; the future ends when it has stopped."""
        return self.run(self.listener.stop(grace))

    def close_peers(self) -> None:
        for peer in self._peers:
            peer.close()


def accept_gw_example(address: str) -> None:
    """Takes mail for gw.example and for an address literal of this machine."""
    if address.rpartition("@")[2].lower() not in {"gw.example", "[127.0.0.1]"}:
        raise ForeignDomainError("no mail for that domain here")


OpenGateway = Callable[..., Gateway]


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread; anything it would have printed as a traceback fails the test."""
    loop = asyncio.new_event_loop()
    complaints: list[str] = []
    loop.set_exception_handler(lambda _, context: complaints.append(str(context)))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(asyncio.sleep(0.01))
    loop.close()
    assert complaints == []


@pytest.fixture
def open_gateway(loop: asyncio.AbstractEventLoop) -> Iterator[OpenGateway]:
    """Opens gateways: keywords of SmtpSettings and SmtpDoor, `host`, `port`."""
    opened: list[Gateway] = []

    def run(work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, loop)

    def open_one(
        *, settings: SmtpSettings | None = None, host: str = "127.0.0.1", port: Port | None = None, **door: Any
    ) -> Gateway:
        stored: list[InboundMessage] = []
        notebook = Notebook()

        async def deliver(message: InboundMessage) -> None:
            stored.append(message)

        traces = (f"trace{n}" for n in itertools.count(1))
        plain = SmtpDoor(
            accept_recipient=accept_gw_example,
            deliver=deliver,
            now=lambda: ARRIVAL,
            new_trace=lambda: next(traces),
            events=notebook,
        )
        listener = SmtpListener(settings or SmtpSettings(), replace(plain, **door))
        run(listener.start(bind(host, 0), port)).result(PATIENCE)
        opened.append(Gateway(listener=listener, notebook=notebook, stored=stored, run=run))
        return opened[-1]

    yield open_one
    for gateway in opened:
        gateway.close_peers()
        gateway.stop().result(2 * PATIENCE)
        assert gateway.notebook.present == 0


@pytest.fixture
def gateway(open_gateway: OpenGateway) -> Gateway:
    """A gateway with the default limits, which takes mail for gw.example."""
    return open_gateway()


@pytest.fixture(scope="session")
def new_certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path]]:
    """Makes a self-signed certificate for a name: its file and that of its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed (Debian: openssl)")

    def make(name: str) -> tuple[Path, Path]:
        folder = tmp_path_factory.mktemp("certificate")
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        command += ["-days", "2", "-subj", f"/CN={name}", "-out", str(certificate), "-keyout", str(key)]
        subprocess.run(command, check=True, capture_output=True)
        return certificate, key

    return make


@pytest.fixture
def certificate(new_certificate: Callable[[str], tuple[Path, Path]]) -> Certificate:
    """A certificate for gw.example."""
    return Certificate(*new_certificate("gw.example"))
