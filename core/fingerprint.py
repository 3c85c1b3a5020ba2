"""What makes two deliveries the same message."""

import hashlib
import re
import secrets
import unicodedata

from core.message import Channel, InboundMessage

_TRANSIT = re.compile(
    rb"^(received|x-received|return-path|delivered-to|authentication-results|received-spf|envelope-to|"
    rb"(x-|x-ms-exchange-)?arc-[a-z-]+|x-forwarded-[a-z-]+|x-google-smtp-source|x-gm-[a-z-]+|"
    rb"x-original-to|x-spam-[a-z-]+|x-delivered-to|x-resolved-to|"
    rb"x-mailgun-[a-z-]+|x-envelope-from|x-ses-[a-z-]+|x-cf-[a-z-]+)[ \t]*:",  # whose webhooks hand mails on
    re.IGNORECASE,
)
_HEADER_LIMIT = 100 * 1024
_TELLING = 7
"""Last digits of a number that are the same with a country code, a trunk prefix or neither."""


def mark(message: InboundMessage, identifier: str, found: str = "") -> str:
    """A hash that the same message for the same identifier always has, whichever way it came again.

    A mail counts without the headers that its way adds; the Message-ID alone would let anyone suppress a
    real mail. A provider's or client's own id counts where there is one; else every push is a new message.
    Of a call, what was found in it counts: a voice says a code more than once.
    """
    if message.channel is Channel.EMAIL:
        what = b"mail\0" + _without_transit(message.raw)
    elif message.conversation and found:
        what = _bytes(f"{message.door}\0{message.conversation}\0{found}")
    elif message.external_id:
        what = _bytes(f"{message.door}\0{message.external_id}")
    else:
        what = b"once\0" + secrets.token_bytes(16)
    return hashlib.sha256(what + b"\0" + _bytes(identifier)).hexdigest()


def likeness(sender: str, text: str) -> str:
    """What two doors that bring the same SMS agree on, whatever they do to blanks and to country codes."""
    digits = re.sub("[^0-9]", "", sender)
    numeric = len(digits) >= _TELLING and not re.search("[^0-9+() .-]", sender)
    who = digits[-_TELLING:] if numeric else "".join(sender.casefold().split())
    return f"{who}\0{' '.join(unicodedata.normalize('NFKC', text).split())}"


def _bytes(text: str) -> bytes:
    """UTF-8, also of what is none: any bytes may come in as an address."""
    return text.encode("utf-8", "surrogatepass")


def _without_transit(raw: bytes) -> bytes:
    """The mail without its transit headers and their folded lines, and without blank lines at its end.

    Headers beyond 100 KB count as they are. Mail programs add or drop blank lines at the end (RFC 6376, 3.4.3).
    """
    head, blank, body = raw[:_HEADER_LIMIT].partition(b"\r\n\r\n")
    kept: list[bytes] = []
    dropping = False
    for line in head.split(b"\r\n"):
        if line[:1] not in {b" ", b"\t"}:
            dropping = _TRANSIT.match(line) is not None
        if not dropping:
            kept.append(line)
    return (b"\r\n".join(kept) + blank + body + raw[_HEADER_LIMIT:]).rstrip(b"\r\n")
