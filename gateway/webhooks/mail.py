"""Mails that a provider hands on: as received, or put together again from what it parsed."""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.errors import InvalidRequestError
from gateway.webhooks.brought import HookMail

MOST_RECIPIENTS = 100
LARGEST = 36 * 1024 * 1024
"""Bytes of a request that carries a mail of 25 MiB in base64, or as form fields with its attachments."""
_NAME = re.compile(r"[!-9;-~]{1,200}")
_CHARSET = re.compile(r"[A-Za-z0-9._:-]{1,40}")
_ADDRESS = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,320}")
_LINE_END = re.compile(r"[\r\n\0]+")
_REPLACED = ("content-", "mime-version", "dkim-signature", "arc-")
"""Headers that were true of the bytes as received, and of nothing that is put together again."""


@dataclass(frozen=True, kw_only=True)
class Body:
    """A mail's text or HTML, in the charset in which the provider hands it on."""

    content: bytes = field(default=b"", repr=False)
    charset: str = "utf-8"


def compose(headers: Iterable[tuple[str, str]], text: Body, html: Body) -> bytes:
    """A mail (RFC 5322) with these headers and bodies: the same bytes for the same mail, and without a signature.

    No header can end early or begin another: line ends in a value become blanks.
    """
    kept = [
        f"{name}: {_LINE_END.sub(' ', value)}".encode("utf-8", "replace")
        for name, value in headers
        if _NAME.fullmatch(name) and not name.lower().startswith(_REPLACED)
    ]
    boundary = hashlib.sha256(text.content + b"\0" + html.content).hexdigest()[:32]
    opening, ending = f"--{boundary}".encode(), f"--{boundary}--".encode()
    kind = f'Content-Type: multipart/alternative; boundary="{boundary}"'.encode()
    shown = [_part("plain", text), *([_part("html", html)] if html.content else [])]
    body = [line for part in shown for line in (opening, part)]
    return b"\r\n".join([*kept, b"MIME-Version: 1.0", kind, b"", *body, ending, b""])


def with_crlf(raw: bytes) -> bytes:
    """The mail with CRLF at its line ends where all of them lost their CR, as in JSON; any other as it is."""
    return raw if b"\r" in raw else raw.replace(b"\n", b"\r\n")


def addressed(raw: bytes, *, rcpt_to: object, mail_from: object, field_name: str) -> HookMail:
    """The mail with its envelope; raises InvalidRequestError naming the field that should hold the recipients."""
    found = rcpt_to if isinstance(rcpt_to, list) else [rcpt_to]
    named = [one.strip() for one in found if isinstance(one, str) and one.strip()]
    if not 1 <= len(named) <= MOST_RECIPIENTS or not all(map(_ADDRESS.fullmatch, named)):
        raise InvalidRequestError(f"{field_name} should name 1 to {MOST_RECIPIENTS} recipients of the envelope")
    sender = mail_from.strip().strip("<>") if isinstance(mail_from, str) else ""
    return HookMail(raw=raw, rcpt_to=tuple(named), mail_from=sender if _ADDRESS.fullmatch(sender) else "")


def pairs(headers: object, field_name: str) -> list[tuple[str, str]]:
    """Headers given as a list of [name, value] or of objects with a name and a value, in order.

    Raises InvalidRequestError naming the field when it is no list.
    """
    if not isinstance(headers, list):
        raise InvalidRequestError(f"{field_name} should be a list of headers")
    return [pair for header in headers if (pair := _pair(header))]


def _pair(header: object) -> tuple[str, str] | None:
    if isinstance(header, dict):
        lowered = {str(name).lower(): value for name, value in header.items()}
        header = [lowered.get("name"), lowered.get("value")]
    if isinstance(header, list) and len(header) == 2 and all(isinstance(one, str) for one in header):  # noqa: PLR2004
        return header[0], header[1]
    return None


def _part(kind: str, body: Body) -> bytes:
    charset = body.charset if _CHARSET.fullmatch(body.charset) else "utf-8"
    head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(body.content).replace(b"\n", b"\r\n")
