"""How far this machine's clock is off, asked of a time server (SNTPv4, RFC 5905)."""

import socket
import struct
import time
from datetime import UTC, datetime, timedelta

from core.errors import OtpgateError

TOLERATED = timedelta(seconds=2)
"""More than this, and TOTP codes come from the wrong step now and then."""
_CLIENT = b"\x23" + bytes(47)  # no warning, version 4, mode 3
_SERVER_MODE = 4
_LENGTH = 48
_SINCE_1900 = 2_208_988_800  # seconds from 1900, NTP's epoch, to 1970
_TIMEOUT = 3.0


class NoTimeError(OtpgateError):
    """The time server did not answer, or with something that is no time."""


def offset(server: str) -> timedelta:
    """How far the clock is behind (positive) or ahead of `server` (HOST or HOST:PORT); raises NoTimeError."""
    host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "123")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(_TIMEOUT)
            peer.connect((host, int(port)))
            sent = time.time()
            peer.send(_CLIENT)
            answer = peer.recv(512)
            came = time.time()
    except (OSError, ValueError) as error:
        raise NoTimeError(f"the time server {server} does not answer") from error
    if len(answer) < _LENGTH or answer[0] & 7 != _SERVER_MODE or not answer[1]:
        raise NoTimeError(f"the time server {server} does not know the time")
    received, answered = (_seconds(answer[at : at + 8]) for at in (32, 40))
    return timedelta(seconds=((received - sent) + (answered - came)) / 2)


def told(error: timedelta, now: datetime) -> str:
    """A sentence for a person; "" when the clock is right enough."""
    if abs(error) <= TOLERATED:
        return ""
    way = "behind" if error > timedelta() else "ahead"
    right = (now + error).astimezone(UTC).isoformat(timespec="seconds")
    return f"the clock is {abs(error).total_seconds():.1f} s {way}: it is {right}; TOTP codes need the right time"


def _seconds(stamp: bytes) -> float:
    """Seconds since 1970 of an NTP timestamp: 32 bits of seconds since 1900, 32 of a fraction."""
    whole, fraction = struct.unpack("!II", stamp)
    return float(whole - _SINCE_1900 + fraction / 2**32)
