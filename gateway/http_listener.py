"""The HTTP door: waitress in a thread of its own, with bounds on slow and idle clients."""

import socket
import threading
import time

from waitress.channel import HTTPChannel
from waitress.server import create_server

from core import journal
from gateway.runtime import Runtime

BACKLOG = 2048
_OTHER_CALLS = 32
"""Threads kept for calls that are not held."""
_IDLE_SECONDS = 75
"""For a connection between two requests: longer than the minute for which proxies keep theirs."""
_CLEANUP_SECONDS = 5
_SPARE = 50
"""Connections that are left when the idlest begin to make room: newcomers come before idle ones close."""


class BoundedChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection whose requests must arrive in time, and which makes room when all places are taken."""

    request_seconds = 30.0
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
        elif now - self._began > self.request_seconds:
            self.will_close = True
        return bool(taken)

    def _make_room(self) -> None:
        waiting = [
            c for c in self.server.active_channels.values() if not (c.requests or c.will_close or c is self)
        ]
        if waiting:
            min(waiting, key=lambda channel: channel.last_activity).will_close = True


class HttpListener:
    """Answers requests, with a thread for every held request and some for other calls."""

    def __init__(self, runtime: Runtime, sockets: list[socket.socket]) -> None:
        limits = runtime.settings.http
        self._server = create_server(
            runtime.app,
            sockets=sockets,
            threads=limits.max_held_requests + _OTHER_CALLS,
            connection_limit=2 * limits.max_held_requests + 500,
            backlog=BACKLOG,
            asyncore_use_poll=True,
            channel_request_lookahead=1,
            channel_timeout=max(_IDLE_SECONDS, limits.request_seconds),
            cleanup_interval=_CLEANUP_SECONDS,
            max_request_body_size=limits.max_body_bytes,
            max_request_header_size=64 * 1024,
            ident=None,
            clear_untrusted_proxy_headers=False,  # the app reads them, of named proxies
        )
        channel = type("Channel", (BoundedChannel,), {"request_seconds": limits.request_seconds})
        for one in [self._server, *getattr(self._server, "map", {}).values()]:
            if hasattr(one, "channel_class"):
                one.channel_class = channel
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Answer requests."""
        self._thread.start()

    def stop(self, grace: float) -> None:
        """Let the requests under way end within `grace` seconds, then close."""
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=grace)
        self._server.close()

    def _run(self) -> None:
        try:
            self._server.run()
        except Exception as error:  # noqa: BLE001 - the supervisor sees the thread end and stops all
            journal.failed("http", error)
