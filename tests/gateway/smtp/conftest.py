"""A real listener on a free port, in a thread of its own, and peers that talk to it byte by byte."""

import asyncio
import itertools
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
from tests.peers import PATIENCE, Peer, make_certificate

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

    def stop(self, grace: float = 5.0) -> "Future[Any]":
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

    def make(name: str) -> tuple[Path, Path]:
        return make_certificate(tmp_path_factory.mktemp("certificate"), name)

    return make


@pytest.fixture
def certificate(new_certificate: Callable[[str], tuple[Path, Path]]) -> Certificate:
    """A certificate for gw.example."""
    return Certificate(*new_certificate("gw.example"))
