"""How IMAP writes things: names, times, credentials; and what a refusal means."""

import base64
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from gateway.mailboxes.errors import LostError, ShutOutError, ThrottledError
from gateway.mailboxes.wire import Status

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BUSY = {b"UNAVAILABLE", b"LIMIT", b"INUSE", b"OVERQUOTA", b"THROTTLED", b"SERVERBUG"}
"""Response codes of a server that may do the same later (RFC 5530; Gmail's OVERQUOTA and THROTTLED)."""
_WHEN = re.compile(rb"\s*([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_LAST = 2**32
"""UIDs and sizes are below it (RFC 3501, 9)."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """How to log in: by a password, or by an OAuth access token."""

    name: str
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def refusal(status: Status | None, purpose: str) -> LostError | ThrottledError | ShutOutError:
    """What a refusal of that purpose means, and so what to do about it."""
    if status and (status.code in _BUSY or status.word == b"BYE"):
        busy = "the mail server asks to come again later"
        return ThrottledError("busy", busy) if status.code in _BUSY else LostError("said good-bye", busy)
    if status is None or status.word != b"NO":
        return LostError("nonsense", "the mail server does not speak IMAP as expected")
    texts = {
        "login": "the server does not accept this login: many providers want an app password, or --oauth",
        "folder": "the server has no such folder, or does not show it: check --folder",
        "starttls": "the server offers no STARTTLS: try --security tls",
    }
    if purpose in texts:
        return ShutOutError(f"{purpose} refused", texts[purpose])
    return LostError("command refused", "the mail server refused a command")


def bearing(login: Login, *, bearer: bool) -> bytes:
    """The first message of OAUTHBEARER (RFC 7628, 3.1) or XOAUTH2 (Google's and Microsoft's documents)."""
    name = login.name.replace("=", "=3D").replace(",", "=2C") if bearer else login.name
    begin = f"n,a={name},\x01" if bearer else f"user={name}\x01"
    return f"{begin}auth=Bearer {login.token}\x01\x01".encode()


def quoted(text: str) -> bytes:
    """A quoted string (RFC 3501, 4.3); control characters, which none may hold, are dropped."""
    plain = re.sub(r"[\x00-\x1f\x7f]", "", text)
    return b'"' + re.sub(r'(["\\])', r"\\\1", plain).encode("ascii", "replace") + b'"'


def folder_name(folder: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501, 5.1.3)."""

    def shifted(match: re.Match[str]) -> str:
        packed = base64.b64encode(match[0].encode("utf-16-be", "surrogatepass")).decode("ascii")
        return f"&{packed.rstrip('=').replace('/', ',')}-"

    return re.sub(r"[^\x20-\x7e]+", shifted, folder.replace("&", "&-"))


def moment(value: object) -> datetime | None:
    """INTERNALDATE as an aware datetime; None for what is none."""
    match = _WHEN.fullmatch(value) if isinstance(value, bytes) else None
    if match is None or match[2].decode().title() not in MONTHS:
        return None
    day, year, hour, minute, second = (int(match[n]) for n in (1, 3, 4, 5, 6))
    east = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == b"-" else 1)
    month = MONTHS.index(match[2].decode().title()) + 1
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone(east))
    except (ValueError, OverflowError):
        return None


def number(value: object) -> int:
    """A number as sent; 0 for what is none."""
    found = int(value) if isinstance(value, bytes) and re.fullmatch(rb"[0-9]{1,10}", value) else 0
    return found if found < _LAST else 0
