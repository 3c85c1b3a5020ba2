"""Connections to mail servers: encrypted and verified, or on this machine."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from gateway.mailboxes.errors import LostError, ShutOutError
from gateway.mailboxes.wire import LONGEST_LINE

PATIENCE = 20.0
"""Seconds for a connection, and for the next line of an answer."""
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def trusting(ca_file: str) -> ssl.SSLContext:
    """How mail servers are verified: by the system's certificates and those of a file; raises OSError."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


async def connect(host: str, port: int, tls: ssl.SSLContext | None) -> Stream:
    """A connection, encrypted from the first byte if `tls` is given; raises LostError, ShutOutError."""
    name = host if tls else None
    with _explained(host, port):
        async with asyncio.timeout(PATIENCE):
            stream = await asyncio.open_connection(host, port, ssl=tls, server_hostname=name, limit=LONGEST_LINE)
    _keep_alive(stream[1].get_extra_info("socket"))
    return stream


async def start_tls(stream: Stream, host: str, tls: ssl.SSLContext) -> None:
    """Encrypt a connection from here on; raises LostError, ShutOutError.

    Whatever was said after the go-ahead in plain text is no answer of the server's (CVE-2011-0411 and its kin).
    """
    reader, writer = stream
    with suppress(TimeoutError):
        async with asyncio.timeout(0):
            await reader.read(1)
            raise LostError("nonsense", "somebody speaks in plain text where the mail server should begin TLS")
    with _explained(host, 0):
        async with asyncio.timeout(PATIENCE):
            await writer.start_tls(tls, server_hostname=host)


@contextmanager
def _explained(host: str, port: int) -> Iterator[None]:
    where = f"{host}:{port}" if port else host
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        reason = f"the certificate of {where} is not trusted ({error.verify_message})"
        raise ShutOutError("certificate", f"{reason}: see mailboxes.ca_file") from error
    except ssl.SSLError as error:
        raise LostError("no TLS", f"{where} does not speak TLS: check --port and --security") from error
    except socket.gaierror as error:
        raise LostError("no such host", f"{host} is not known: check --host") from error
    except (OSError, TimeoutError, UnicodeError) as error:
        raise LostError("unreachable", f"nothing answers at {where}: check --host and --port") from error


def _keep_alive(sock: socket.socket) -> None:
    """Notice a peer that went away without a word after two minutes, where the system can."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
