"""Starts and drains the SMTP door."""

import asyncio
import logging
import socket
from collections.abc import Sequence

from gateway.smtp.crowd import Crowd
from gateway.smtp.door import SmtpDoor
from gateway.smtp.limits import SmtpSettings
from gateway.smtp.port import Port
from gateway.smtp.session import SmtpSession

BACKLOG = 2048
"""Connections that the kernel keeps for us: with 100, a burst waits for SYN retries (FACTS 4)."""


class SmtpListener:
    """Takes mail on any number of sockets, with one set of limits over all of them."""

    def __init__(self, settings: SmtpSettings, door: SmtpDoor) -> None:
        if settings.require_tls and door.tls is None:
            raise ValueError("require_tls needs a certificate")
        self._settings = settings
        self._door = door
        self._crowd = Crowd(settings)
        self._servers: list[asyncio.Server] = []

    async def start(self, sockets: Sequence[socket.socket], port: Port | None = None) -> None:
        """Listens on bound sockets; may be called again for more. Raises OSError if one cannot listen."""
        port = port or Port()
        if port.implicit_tls and self._door.tls is None:
            raise ValueError("implicit TLS needs a certificate")
        # aiosmtpd logs what peers say, at INFO and DEBUG.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        loop = asyncio.get_running_loop()

        def session() -> SmtpSession:
            return SmtpSession(settings=self._settings, door=self._door, crowd=self._crowd, port=port)

        for one in sockets:
            self._servers.append(await loop.create_server(session, sock=one, backlog=BACKLOG))

    @property
    def alive(self) -> bool:
        """Whether it listens on every socket that it was given."""
        return bool(self._servers) and all(server.is_serving() for server in self._servers)

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Host and port of each listening socket, in the order they were given."""
        return tuple(one.getsockname()[:2] for server in self._servers for one in server.sockets)

    @property
    def port(self) -> int:
        """The port of the first socket."""
        return self.addresses[0][1]

    async def stop(self, grace: float) -> None:
        """Closes the door; mails in flight are stored or refused within `grace` seconds, then cut."""
        for server in self._servers:
            server.close()
        await self._crowd.disperse(grace)
        self._servers.clear()
