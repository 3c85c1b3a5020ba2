"""TLS for the HTTP door: each connection is deciphered here and handed on with its client's address."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress

from gateway.certificate import Certificate

Adopt = Callable[[socket.socket, tuple[str, int]], None]
"""Takes one end of a socket pair, and the address of the client at the other end."""
_BACKLOG = 2048
_HANDSHAKE_SECONDS = 10
_GOODBYE_SECONDS = 5
_CHUNK = 64 * 1024


class TlsFront:
    """Listens with TLS; an asyncio server of its own, since waitress speaks none."""

    def __init__(self, certificate: Certificate, adopt: Adopt, most: int) -> None:
        self._certificate, self._adopt, self._most = certificate, adopt, most
        self._servers: list[asyncio.Server] = []
        self._carrying: set[asyncio.Task[None]] = set()

    @property
    def alive(self) -> bool:
        """Whether it listens on every socket that it was given."""
        return all(server.is_serving() for server in self._servers)

    async def start(self, sockets: Sequence[socket.socket]) -> None:
        """Listen on bound sockets; raises OSError for a certificate that cannot be read."""
        context = self._certificate()

        def renewed(connection: ssl.SSLObject, *_: object) -> None:
            connection.context = self._certificate()

        context.sni_callback = renewed  # called in every handshake, whether or not the client names a server
        for one in sockets:
            self._servers.append(
                await asyncio.start_server(
                    self._begin,
                    sock=one.dup(),  # waitress closes its own
                    ssl=context,
                    backlog=_BACKLOG,
                    ssl_handshake_timeout=_HANDSHAKE_SECONDS,
                    ssl_shutdown_timeout=_GOODBYE_SECONDS,
                )
            )

    async def stop(self) -> None:
        """Listen no more, and cut what is still carried: the answers under way went out before."""
        for server in self._servers:
            server.close()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side ends it."""
        task = asyncio.current_task()
        if task is None or len(self._carrying) >= self._most:
            writer.transport.abort()
            return
        self._carrying.add(task)
        try:
            with suppress(OSError):  # the client left
                await self._carry(reader, writer)
        finally:
            self._carrying.discard(task)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours, theirs = socket.socketpair()
        from_door, to_door = await asyncio.open_connection(sock=ours)
        self._adopt(theirs, writer.get_extra_info("peername")[:2])
        inward = asyncio.create_task(_pump(reader, to_door))
        try:
            await _pump(from_door, writer)  # the door ends every connection: after an answer, or for idleness
            with suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    writer.close()
                    await writer.wait_closed()
        finally:
            inward.cancel()
            to_door.transport.abort()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Carry bytes until the source ends, no faster than the sink takes them; then say so to the sink."""
    with suppress(OSError):  # either side left
        while chunk := await source.read(_CHUNK):
            sink.write(chunk)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
