"""Ids that sort by time, and cursors."""

import base64
import binascii
import secrets
from datetime import UTC, datetime, timedelta

from core.errors import InvalidCursorError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR = "cur_"
"""What every cursor begins with."""
_MICROSECOND = timedelta(microseconds=1)


def new_id(prefix: str, now: datetime) -> str:
    """A new id such as `code_0192f3a1b2c3d4…`: milliseconds since 1970, then 64 random bits, in hexadecimal."""
    return f"{prefix}_{(now - _EPOCH) // timedelta(milliseconds=1):012x}{secrets.token_hex(8)}"


def cursor_at(moment: datetime) -> str:
    """The cursor of a moment."""
    micros = (moment - _EPOCH) // _MICROSECOND
    return CURSOR + base64.urlsafe_b64encode(micros.to_bytes(8)).decode("ascii").rstrip("=")


def cursor_moment(cursor: str) -> datetime:
    """The moment of a cursor that `cursor_at` made; raises InvalidCursorError."""
    try:
        raw = base64.b64decode(cursor.removeprefix(CURSOR) + "=", altchars=b"-_", validate=True)
        moment = _EPOCH + int.from_bytes(raw) * _MICROSECOND
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InvalidCursorError("`after` is no cursor of this gateway: take one from POST /v1/cursors") from error
    if not cursor.startswith(CURSOR) or cursor_at(moment) != cursor:
        raise InvalidCursorError("`after` is no cursor of this gateway: take one from POST /v1/cursors")
    return moment
