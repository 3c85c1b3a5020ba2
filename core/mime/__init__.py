"""Raw mail bytes to headers, subject, text and HTML: bounded, and never raising on bad mail."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from core.mime import charsets, headers, transfer
from core.mime.addresses import Mailbox, mailboxes
from core.mime.headers import Headers

__all__ = ["Headers", "Mail", "Mailbox", "mailboxes", "read"]

_DEEPEST = 20
_MOST_PARTS = 200
_LONGEST_BODY = 1024 * 1024
_LONGEST_TEXT = 256 * 1024
_GUESSED_BOUNDARY = re.compile(
    rb"^--([^\r\n]{1,200}?)[ \t]{0,9}\r?\n(?=content-|\r?\n)", re.IGNORECASE | re.MULTILINE
)
_LONGEST_PREAMBLE = 64 * 1024
_LF = 0x0A
_LINE_END = re.compile("\r\n?")
_TAIL = re.compile(rb"(--)?[ \t]{0,99}(?:\r?\n|\Z)")
_MAILS = frozenset({"message/rfc822", "message/global"})
_HTMLS = frozenset({"text/html", "application/xhtml+xml"})
_LOOKS_LIKE_HTML = re.compile(r"\s{0,99}<(?:!doctype\s{1,9}html|html|head|body|div|table|p|meta)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail as read. `faults` names, in fixed phrases, what could not be understood."""

    headers: Headers
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    """The plain text of the body's visible text/plain parts, decoded; line ends are LF."""
    html: str = field(default="", repr=False)
    """The body's text/html, decoded, as written; "" where there is none. Plain parts that a person sees
    beside it (not instead of it) stand in it as `<pre>`."""
    attached: tuple["Mail", ...] = field(default=(), repr=False)
    """The message/rfc822 parts, outermost first."""
    faults: tuple[str, ...] = ()


def read(raw: bytes) -> Mail:
    """Read a mail of any bytes; bounds per FACTS 22 (100 KB of headers, depth 20, 200 parts)."""
    raw = raw.lstrip(b"\r\n")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return _Reader(_Budget()).mail(raw, 0)


class _Budget:
    """How many more parts a mail may have, attached mails included."""

    def __init__(self) -> None:
        self.parts = _MOST_PARTS


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What a part shows to a reader of plain text, and to one of HTML."""

    text: str = ""
    html: str = ""

    def as_html(self) -> str:
        """Its HTML, or its text as HTML."""
        return self.html or (f"<pre>{html.escape(self.text)}</pre>" if self.text else "")


_NOTHING = _Shown()


class _Part:
    """A mail or a part of one: its headers and its body, still encoded."""

    def __init__(self, raw: bytes, default_kind: str = "text/plain") -> None:
        self.headers, self.body = headers.split(raw)
        kind, self.parameters = headers.parameters(self.headers.first("content-type"))
        self.kind = kind if "/" in kind else default_kind
        self.encoding = self.headers.first("content-transfer-encoding")

    @cached_property
    def is_attachment(self) -> bool:
        """It is offered for saving, not shown."""
        return self._disposition[0] == "attachment"

    @cached_property
    def is_mail(self) -> bool:
        """It is a mail of its own, by its type or its file name."""
        names = (self.parameters.get("name", ""), self._disposition[1].get("filename", ""))
        return self.kind in _MAILS or any(name.lower().endswith(".eml") for name in names)

    @cached_property
    def _disposition(self) -> tuple[str, dict[str, str]]:
        return headers.parameters(self.headers.first("content-disposition"))

    def decoded(self) -> bytes:
        """The whole body, transfer encoding undone."""
        return transfer.decode(self.body, self.encoding)


class _Reader:
    """Reads one mail; the budget is shared with the mails attached to it."""

    def __init__(self, budget: _Budget) -> None:
        self._budget = budget
        self._faults: list[str] = []
        self._attached: list[Mail] = []

    def mail(self, raw: bytes, depth: int) -> Mail:
        part = _Part(raw)
        shown = self._show(part, depth)
        return Mail(
            headers=part.headers,
            subject=part.headers.first("subject"),
            text=shown.text[:_LONGEST_TEXT],
            html=shown.html,
            attached=tuple(self._attached),
            faults=tuple(dict.fromkeys(self._faults)),
        )

    def _show(self, part: _Part, depth: int) -> _Shown:
        if depth > _DEEPEST or self._budget.parts <= 0:
            self._faults.append("nested too deep" if self._budget.parts else "too many parts")
            return _NOTHING
        self._budget.parts -= 1
        if part.kind.startswith("multipart/"):
            return self._show_parts(part, depth)
        if part.is_mail:
            self._attached.append(_Reader(self._budget).mail(part.decoded().lstrip(b"\r\n"), depth + 1))
            return _NOTHING
        return _NOTHING if part.is_attachment else self._leaf(part)

    def _show_parts(self, part: _Part, depth: int) -> _Shown:
        default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        shown = [self._show(_Part(raw, default), depth + 1) for raw in self._pieces(part)]
        text = "\n".join(each.text for each in shown if each.text)
        if part.kind == "multipart/alternative":
            return _Shown(text=text, html=next((each.html for each in reversed(shown) if each.html), ""))
        if any(each.html for each in shown):
            return _Shown(text=text, html="\n".join(each.as_html() for each in shown))
        return _Shown(text=text)

    def _pieces(self, part: _Part) -> list[bytes]:
        """The parts of a multipart body, as many as the budget allows; all as one if there is no boundary."""
        boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
        body = part.body if b"--" + boundary in part.body else part.decoded()
        pieces = self._split(body, boundary)
        if not pieces:
            self._faults.append("boundary not found")
            pieces = self._split(body, _guessed_boundary(body))
        return pieces or [b"\n" + body]

    def _split(self, body: bytes, boundary: bytes) -> list[bytes]:
        return list(islice(_split(body, boundary), self._budget.parts + 1)) if boundary else []

    def _leaf(self, part: _Part) -> _Shown:
        if part.kind not in _HTMLS and part.kind != "text/plain":
            return _NOTHING
        body = part.body
        if len(body) > _LONGEST_BODY:
            self._faults.append("body cut")
            body = body[: body.rfind(b"\n", 0, _LONGEST_BODY) + 1] or body[:_LONGEST_BODY]
        is_html = part.kind in _HTMLS
        charset = part.parameters.get("charset", "")
        if charset and not charsets.python_codec(charset):
            self._faults.append("unknown charset")
        data = transfer.decode(body, part.encoding)
        if body.strip() and not data:
            self._faults.append("body could not be decoded")
        text = charsets.decode(data, charset, markup=is_html)
        text = text.replace("\0", "") if "\0" in text else text
        return _Shown(html=text) if is_html else _of_plain(text, part.parameters)


def _of_plain(text: str, parameters: dict[str, str]) -> _Shown:
    """What a text/plain part shows; some call HTML that."""
    text = _LINE_END.sub("\n", text) if "\r" in text else text
    if _LOOKS_LIKE_HTML.match(text) and "</" in text:
        return _Shown(html=text)
    if parameters.get("format", "").lower() == "flowed":
        text = _unflowed(text, drop_space=parameters.get("delsp", "").lower() == "yes")
    return _Shown(text=text)


def _split(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """The parts between the boundary's delimiter lines (RFC 2046, 5.1.1); the last may lack its end."""
    delimiter = b"--" + boundary
    start = -1
    at = body.find(delimiter)
    while at >= 0:
        end = at + len(delimiter)
        if at == 0 or body[at - 1] == _LF:
            tail = _TAIL.match(body, end)
            if tail:
                if start >= 0:
                    yield body[start:at].removesuffix(b"\n").removesuffix(b"\r")
                if tail.group(1):
                    return
                start = end = tail.end()
        at = body.find(delimiter, end)
    if start >= 0:
        yield body[start:]


def _guessed_boundary(body: bytes) -> bytes:
    """The boundary that the body uses, whatever its header said: a line of dashes before a part's headers."""
    match = _GUESSED_BOUNDARY.search(body, 0, _LONGEST_PREAMBLE)
    return match.group(1) if match else b""


def _unflowed(text: str, *, drop_space: bool) -> str:
    """Flowed text with its soft line breaks undone (RFC 3676, 4)."""
    lines: list[list[str]] = []
    flows_at = -1  # the quote depth of a line that goes on, or -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        if depth != flows_at or content == "-- ":
            lines.append([f"{'>' * depth} " if depth else ""])
        lines[-1].append(content[:-1] if flows and drop_space else content)
        flows_at = depth if flows else -1
    return "\n".join("".join(pieces) for pieces in lines)
