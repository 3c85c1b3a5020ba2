"""The HTTP door: waitress in a thread of its own, with bounds on slow and idle clients."""

import copy
import json
import socket
import threading
import time
import weakref
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask
from waitress.utilities import Error

from core import journal
from core.settings import HttpSettings
from gateway.http_threads import GrowingThreads
from gateway.runtime import Runtime

BACKLOG = 2048
_OTHER_CALLS = 32
"""Threads kept for calls that are not held."""
_IDLE_SECONDS = 75
"""For a connection between two requests: longer than the minute for which proxies keep theirs."""
_CLEANUP_SECONDS = 5
_AT_ONCE = 256
_ROUND_SECONDS = 0.5
"""For which the loop waits at most before it looks whether it should end."""
_FLUSH_SECONDS = 0.01
_ADVICE = {
    413: "the body is too large: send less",
    431: "the headers are too large: send less",
    503: "too many large bodies at once: try again",
}
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{name} - otpgate</title>'
    '<h1>{name}</h1><p>Nothing was taken: {advice}.</p><p><a href="">Back to the page</a></p></html>'
)
_MOST_LARGE = 32
"""Bodies over `http.max_body_bytes` that may be on their way at once: each lies on the disk till it is whole."""
_SPARE = 50
"""Connections that are left when the idlest begin to make room: newcomers come before idle ones close."""


class TooBusyError(Error):  # type: ignore[misc]  # waitress has no types
    """What cannot be taken now."""

    code = 503
    reason = "Busy"


class BoundedRequest(HTTPRequestParser):  # type: ignore[misc]  # the same
    """A request whose body may be as large as its path allows: whole mails come to some webhooks alone."""

    adj: Any
    path: str
    chunked: bool
    content_length: int

    def parse_header(self, header_plus: bytes) -> None:
        """Reads the headers, after which the path is known and before the body is taken."""
        super().parse_header(header_plus)
        largest = self.adj.largest_bodies.get(self.path.rstrip("/"))
        if largest and (self.chunked or self.content_length >= self.adj.max_request_body_size):
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = largest
            if len(self.adj.large_ones) >= _MOST_LARGE:
                self.error, self.completed = TooBusyError(""), True
            else:
                self.adj.large_ones.add(self)


class Refusal(ErrorTask):  # type: ignore[misc]  # the same
    """The answer to what is no request that the app could see, as problem details (RFC 9457) like the app's.

    To a browser, as a page: its own button to go back then finds what somebody had written.
    """

    def execute(self) -> None:
        """Answers and closes."""
        error = self.request.error
        advice = _ADVICE.get(error.code, "this is no HTTP request that can be understood")
        if "text/html" in self.request.headers.get("ACCEPT", ""):
            self._say("text/html; charset=utf-8", _PAGE.format(name=error.reason, advice=advice))
            return
        body = {
            "type": f"urn:otpgate:problem:{error.reason.lower().replace(' ', '-')}",
            "title": error.reason.lower(),
            "status": error.code,
            "detail": advice,
        }
        self._say("application/problem+json", json.dumps(body))

    def _say(self, kind: str, told: str) -> None:
        text = told.encode("ascii")
        self.status = f"{self.request.error.code} {self.request.error.reason}"
        self.response_headers += [("Content-Type", kind), ("Content-Security-Policy", "default-src 'none'")]
        self.set_close_on_finish()
        self.content_length = len(text)
        self.write(text)


class BoundedChannel(HTTPChannel):  # type: ignore[misc]  # the same
    """A connection whose requests must arrive in time, and which makes room when all places are taken."""

    parser_class = BoundedRequest
    error_task_class = Refusal
    _began = 0.0
    """When the first byte of a request that is not complete yet came."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        if len(self.server.active_channels) > self.adj.connection_limit - _SPARE:
            self._make_room()

    def received(self, data: bytes) -> bool:
        """Takes bytes; drops whoever takes too long over one request, however steadily they drip."""
        now = time.monotonic()
        self._began = self._began or now
        taken = super().received(data)
        if self.request is None:
            self._began = 0.0
        elif now - self._began > self.server.request_seconds:
            self.will_close = True
        return bool(taken)

    def _make_room(self) -> None:
        waiting = [
            c for c in self.server.active_channels.values() if not (c.requests or c.will_close or c is self)
        ]
        if waiting:
            min(waiting, key=lambda channel: channel.last_activity).will_close = True


class Server(TcpWSGIServer):  # type: ignore[misc]  # the same
    """One listening socket; takes all who wait at once: each round of the loop looks at every connection."""

    channel_class = BoundedChannel
    request_seconds = 30

    def handle_accept(self) -> None:
        """Accept as many connections as wait, up to a bound that leaves time for those that are there."""
        for _ in range(_AT_ONCE):
            before = len(self._map)
            super().handle_accept()
            if len(self._map) == before:
                return

    def adopt(self, one: socket.socket, address: tuple[str, int]) -> None:
        """Serve a connection that came by another way; `address` is its client's. From any thread."""
        self.trigger.pull_trigger(lambda: self.channel_class(self, one, address, self.adj, map=self._map))


class HttpListener:
    """Answers requests, with a thread for every held request and some for other calls.

    Where HTTP has a certificate, it listens itself on none of the sockets: `adopt` brings the connections.
    """

    def __init__(self, runtime: Runtime, sockets: list[socket.socket]) -> None:
        limits = runtime.settings.http
        adjustments = _adjustments(limits, sockets)
        adjustments.largest_bodies = {
            f"/hooks/{name}": hook.settings.largest_body for name, hook in runtime.parts.hooks.items()
        }
        adjustments.large_ones = weakref.WeakSet()
        self._workers = GrowingThreads(adjustments.threads)
        self._map: dict[int, Any] = {}
        for one in sockets:
            server = Server(
                runtime.app,
                self._map,
                _sock=one,
                dispatcher=self._workers,
                adj=adjustments,
                sockinfo=(one.family, one.type, one.proto, one.getsockname()),
                bind_socket=False,
                _start=not limits.certificate,
            )
            server.request_seconds = limits.request_seconds
            self.adopt = server.adopt
        self.most = adjustments.connection_limit
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Answer requests."""
        self._thread.start()

    def stop(self, grace: float) -> None:
        """Let the requests under way end within `grace` seconds and their answers go out, then close."""
        end = time.monotonic() + grace
        self._workers.shutdown(cancel_pending=True, timeout=grace)
        while self._unsent() and time.monotonic() < end:
            time.sleep(_FLUSH_SECONDS)
        self._closing.set()
        self._thread.join(2 * _ROUND_SECONDS)

    def _unsent(self) -> bool:
        """Whether answers wait for their clients to read."""
        return self.alive and any(getattr(one, "total_outbufs_len", 0) for one in list(self._map.values()))

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                wasyncore.loop(_ROUND_SECONDS, use_poll=True, map=self._map, count=1)
        except Exception as error:  # noqa: BLE001 - the supervisor sees the thread end and stops all
            journal.failed("http", error)
        finally:
            wasyncore.close_all(self._map)


def _adjustments(limits: HttpSettings, sockets: list[socket.socket]) -> Adjustments:
    """The bounds as waitress names them."""
    return Adjustments(
        sockets=sockets,
        threads=limits.max_held_requests + _OTHER_CALLS,
        connection_limit=2 * limits.max_held_requests + 500,
        backlog=BACKLOG,
        channel_request_lookahead=1,
        channel_timeout=max(_IDLE_SECONDS, limits.request_seconds),
        cleanup_interval=_CLEANUP_SECONDS,
        max_request_body_size=limits.max_body_bytes,
        max_request_header_size=64 * 1024,
        ident=None,
        clear_untrusted_proxy_headers=False,  # the app reads them, of named proxies
    )
