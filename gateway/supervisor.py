"""Starts the doors, watches them, and stops them: one failure stops all, and a signal drains."""

import asyncio
import resource
import signal
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from waitress.server import create_server

from core import journal
from core.message import InboundMessage
from core.settings import Settings, split_address
from gateway.housekeeping import Housekeeper
from gateway.runtime import Runtime, new_trace
from gateway.smtp import SmtpDoor, SmtpListener, SmtpSettings, bind
from gateway.smtp_events import JournalEvents

DRAIN_SECONDS = 4.0
_OTHER_CALLS = 32
"""HTTP threads kept for calls that are not held."""
_WATCH_SECONDS = 0.5
_READERS = 16
"""Threads that read mails: more than cores, since a signature's check may wait for DNS."""


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the doors listen, each as HOST:PORT."""

    smtp: tuple[str, ...]
    http: tuple[str, ...]


class Supervisor:
    """Runs one gateway until a signal or a failure; `run` answers the exit code."""

    def __init__(self, runtime: Runtime, ready: Callable[[Addresses], None]) -> None:
        self._runtime, self._ready = runtime, ready
        self._readers = ThreadPoolExecutor(max_workers=_READERS, thread_name_prefix="reader")
        self._stop = asyncio.Event()
        self._failure = ""

    def run(self) -> int:
        """Listen, serve, drain; 0 after a signal, 1 after a failure. Raises ConfigurationError for a port."""
        raise_file_limit()
        settings = self._runtime.settings
        smtp = bind(*split_address(settings.smtp.listen), key="smtp.listen")
        try:
            http = bind(*split_address(settings.http.listen), key="http.listen")
        except BaseException:
            _close(smtp)
            raise
        return asyncio.run(self._serve(smtp, http))

    def stop(self) -> None:
        """Ask for a drain, from inside the event loop."""
        self._stop.set()

    async def _serve(self, smtp: list[socket.socket], http: list[socket.socket]) -> int:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            with suppress(ValueError, RuntimeError):  # signals reach the main thread only
                loop.add_signal_handler(name, self.stop)
        listener = SmtpListener(_smtp_settings(self._runtime.settings), self._door())
        await listener.start(smtp)
        web = WebDoor(self._runtime, http)
        web.start()
        housekeeper = Housekeeper(self._runtime)
        housekeeper.start()
        self._runtime.works.update(smtp=lambda: bool(listener.addresses), http=lambda: web.alive)
        self._ready(Addresses(smtp=_shown(smtp), http=_shown(http)))
        await self._watch(web, housekeeper)
        journal.stopping(self._failure or "asked to stop")
        await asyncio.to_thread(housekeeper.stop)
        await self._drain(listener, web)
        journal.stopped()
        return 1 if self._failure else 0

    def _door(self) -> SmtpDoor:
        return SmtpDoor(
            accept_recipient=self._runtime.accept_recipient,
            deliver=self._deliver,
            now=self._runtime.clock,
            new_trace=new_trace,
            events=JournalEvents(),
        )

    async def _deliver(self, message: InboundMessage) -> None:
        """Read the mail in a thread, then wait for the commit without one."""
        loop = asyncio.get_running_loop()
        committed = await loop.run_in_executor(self._readers, self._runtime.ingest, message)
        await asyncio.wrap_future(committed)

    async def _watch(self, web: "WebDoor", housekeeper: Housekeeper) -> None:
        while not self._stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _WATCH_SECONDS)
            writer = self._runtime.store.writer
            living = {"http": web.alive, "store": writer.alive, "housekeeper": housekeeper.alive}
            for part, lives in living.items():
                if not lives:
                    self._failure = f"{part} died"
                    self._stop.set()

    async def _drain(self, listener: SmtpListener, web: "WebDoor") -> None:
        self._runtime.claims.stop()
        await listener.stop(DRAIN_SECONDS)
        await asyncio.to_thread(web.stop)
        self._readers.shutdown()
        await asyncio.to_thread(self._runtime.store.close)


class WebDoor:
    """waitress in a thread of its own, with a thread for every held request and some for other calls."""

    def __init__(self, runtime: Runtime, sockets: list[socket.socket]) -> None:
        limits = runtime.settings.http
        self._server = create_server(
            runtime.app,
            sockets=sockets,
            threads=limits.max_held_requests + _OTHER_CALLS,
            connection_limit=2 * limits.max_held_requests + 500,
            backlog=2048,
            asyncore_use_poll=True,
            channel_request_lookahead=1,
            channel_timeout=120,
            max_request_body_size=limits.max_body_bytes,
            max_request_header_size=64 * 1024,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Answer requests."""
        self._thread.start()

    def stop(self) -> None:
        """Let the requests under way end, then close."""
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=DRAIN_SECONDS)
        self._server.close()

    def _run(self) -> None:
        try:
            self._server.run()
        except Exception as error:  # noqa: BLE001 - the supervisor sees the thread end and stops all
            journal.failed("http", error)


def raise_file_limit() -> None:
    """Allow as many open files as the system lets us: one a connection."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _smtp_settings(settings: Settings) -> SmtpSettings:
    limits = settings.smtp
    return SmtpSettings(
        max_message_bytes=limits.max_message_bytes,
        max_connections=limits.max_connections,
        max_connections_per_address=limits.max_connections_per_address,
        session_seconds=limits.session_seconds,
        idle_seconds=limits.idle_seconds,
    )


def _shown(sockets: list[socket.socket]) -> tuple[str, ...]:
    return tuple(
        f"[{n[0]}]:{n[1]}" if ":" in n[0] else f"{n[0]}:{n[1]}" for s in sockets if (n := s.getsockname())
    )


def _close(sockets: list[socket.socket]) -> None:
    for one in sockets:
        one.close()
