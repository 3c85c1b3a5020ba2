"""What `otpgate doctor` looks at in the clock: TOTP codes need the right time."""

import ctypes
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from core.errors import OtpgateError
from core.settings import Settings
from gateway.cli.checkups import Finding, State, finding
from gateway.ntp import offset, told

_FUTURE = 60.0
"""Seconds by which a file may seem to come from the future."""
_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)


def clock(settings: Settings) -> Iterator[Finding]:
    """Whether time went backwards, and whether the system keeps it."""
    yield finding("clock", _in_time, settings.server.data_dir)
    if settings.server.time_server:
        yield finding("clock", _on_time, settings.server.time_server)
    libc = ctypes.CDLL(None)
    if hasattr(libc, "adjtimex") and libc.adjtimex(ctypes.create_string_buffer(512)) == _UNSYNCHRONISED:
        yield Finding(
            what="clock", state=State.LOOK, text="no time service keeps this clock: TOTP codes need the right time"
        )


def _on_time(server: str) -> str:
    wrong = told(offset(server), datetime.now(UTC))
    if wrong:
        raise OtpgateError(wrong)
    return f"agrees with {server}"


def _in_time(folder: Path) -> str:
    future = [file.name for file in folder.iterdir() if file.stat().st_mtime > time.time() + _FUTURE]
    if future:
        raise OtpgateError(f"the clock went back: {future[0]} was written in the future; set the time")
    return "nothing was written in the future"
