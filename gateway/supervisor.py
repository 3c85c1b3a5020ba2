"""Starts the doors, watches them, and stops them: one failure stops all, and a signal drains."""

import asyncio
import resource
import signal
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial

from core import journal
from core.message import InboundMessage
from core.settings import split_address
from gateway.certificate import certificate_of
from gateway.housekeeping import Housekeeper
from gateway.http_listener import HttpListener
from gateway.runtime import Runtime, Worker, new_trace
from gateway.smtp import Port, SmtpDoor, SmtpListener, bind
from gateway.smtp_events import JournalEvents
from gateway.smtp_ports import bounds, logging_in, openings
from gateway.tls_front import TlsFront

DRAIN_SECONDS = 4.0
_WATCH_SECONDS = 0.5
_PULSE_SECONDS = 5.0
"""For an event loop that does nothing: then /readyz says so. A busy one is late, not dead."""
_READERS = 16
"""Threads that read mails: more than cores, since a signature's check may wait for DNS."""


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the doors listen, each as HOST:PORT."""

    smtp: tuple[str, ...]
    http: tuple[str, ...]


class Supervisor:
    """Runs one gateway until a signal or a failure; `run` answers the exit code. `only` names its one door."""

    def __init__(self, runtime: Runtime, ready: Callable[[Addresses], None], only: str = "") -> None:
        self._runtime, self._ready, self._only = runtime, ready, only
        self._readers = ThreadPoolExecutor(max_workers=_READERS, thread_name_prefix="reader")
        self._stop = asyncio.Event()
        self._failure = ""
        self._pulse = time.monotonic()

    def run(self) -> int:
        """Listen, serve, drain; 0 after a signal, 1 after a failure. Raises ConfigurationError for a port."""
        raise_file_limit()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold codes, keys and secrets
        settings = self._runtime.settings
        with ExitStack() as closing:
            smtp, http = [], []
            for opening in openings(settings) if self._only != "http" else ():
                sockets = bind(*split_address(opening.listen), key=opening.key)
                closing.callback(_close, sockets)
                smtp.append((sockets, opening.port))
            if self._only != "smtp":
                http = bind(*split_address(settings.http.listen), key="http.listen")
                closing.callback(_close, http)
            with journal.told_to(self._runtime.metrics.observe):
                return asyncio.run(self._serve(smtp, http))

    def stop(self) -> None:
        """Ask for a drain, from inside the event loop."""
        self._stop.set()

    async def _serve(self, smtp: list[tuple[list[socket.socket], Port]], http: list[socket.socket]) -> int:
        # Long: the order in which all parts start and stop, in one place.
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            with suppress(ValueError, RuntimeError):  # signals reach the main thread only
                loop.add_signal_handler(name, self.stop)
        listener = SmtpListener(bounds(self._runtime.settings), self._door())
        for sockets, port in smtp:
            await listener.start(sockets, port)
        web = _open_web(self._runtime, http)
        front = await _open_front(self._runtime, web, http)
        workers: dict[str, Worker] = {"housekeeper": Housekeeper(self._runtime), **self._runtime.workers}
        for worker in workers.values():
            worker.start()
        living: dict[str, Callable[[], bool]] = {
            "smtp": lambda: listener.alive or not smtp,
            "http": lambda: (web is None or web.alive) and (front is None or front.alive),
            "store": lambda: self._runtime.store.writer.alive,
            "bell": lambda: self._runtime.nodes.alive,
            **{name: partial(_lives, worker) for name, worker in workers.items()},
        }
        self._runtime.works.update({part: lives for part, lives in living.items() if part != "store"})
        self._runtime.works["event loop"] = lambda: self._pulse > time.monotonic() - _PULSE_SECONDS
        mail = [one for sockets, _ in smtp for one in sockets]
        self._ready(Addresses(smtp=_shown(mail), http=_shown(http)))
        await self._watch(living)
        journal.stopping(self._failure or "asked to stop")
        await asyncio.gather(*(asyncio.to_thread(worker.stop) for worker in workers.values()))
        await self._drain(listener, web)
        if front:
            await front.stop()
        if self._failure:
            journal.died(self._failure)
            return 1
        journal.stopped()
        return 0

    def _door(self) -> SmtpDoor:
        runtime = self._runtime
        tls = certificate_of(runtime.settings.smtp.certificate, runtime.settings.smtp.certificate_key)
        return SmtpDoor(
            accept_recipient=runtime.accept_recipient,
            deliver=self._deliver,
            now=runtime.clock,
            new_trace=new_trace,
            check_room=runtime.disk.check,
            events=JournalEvents(),
            tls=tls,
            authenticate=logging_in(runtime.store, runtime.clock) if tls else None,
        )

    async def _deliver(self, message: InboundMessage) -> None:
        """Read the mail in a thread, then wait for the commit without one."""
        loop = asyncio.get_running_loop()
        committed = await loop.run_in_executor(self._readers, self._runtime.ingest, message)
        await asyncio.wrap_future(committed)

    async def _watch(self, living: Mapping[str, Callable[[], bool]]) -> None:
        """Returns when asked to stop, or when a part is dead: half a gateway would look like a whole one."""
        while not self._stop.is_set():
            self._pulse = time.monotonic()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _WATCH_SECONDS)
            dead = [part for part, lives in living.items() if not lives()]
            if dead:
                self._failure = f"{' and '.join(dead)} died"
                self._stop.set()

    async def _drain(self, listener: SmtpListener, web: HttpListener | None) -> None:
        self._runtime.claims.stop()
        closing = [asyncio.to_thread(web.stop, DRAIN_SECONDS)] if web else []
        await asyncio.gather(listener.stop(DRAIN_SECONDS), *closing)
        self._readers.shutdown()
        await asyncio.to_thread(self._runtime.store.close)
        await asyncio.to_thread(self._runtime.nodes.close)


def _lives(worker: Worker) -> bool:
    return worker.alive


def _open_web(runtime: Runtime, sockets: list[socket.socket]) -> HttpListener | None:
    if not sockets:
        return None
    web = HttpListener(runtime, sockets)
    web.start()
    return web


async def _open_front(runtime: Runtime, web: HttpListener | None, sockets: list[socket.socket]) -> TlsFront | None:
    http = runtime.settings.http
    tls = certificate_of(http.certificate, http.certificate_key)
    if web is None or tls is None:
        return None
    front = TlsFront(tls, web.adopt, web.most)
    await front.start(sockets)
    return front


def raise_file_limit() -> None:
    """Allow as many open files as the system lets us: one a connection."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _shown(sockets: list[socket.socket]) -> tuple[str, ...]:
    return tuple(
        f"[{n[0]}]:{n[1]}" if ":" in n[0] else f"{n[0]}:{n[1]}" for s in sockets if (n := s.getsockname())
    )


def _close(sockets: list[socket.socket]) -> None:
    for one in sockets:
        one.close()
