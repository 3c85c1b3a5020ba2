"""What an IMAP server sends (RFC 3501, 7 and 9), read within bounds: a server is an outsider too.

Own code, since no library fits: aioimaplib is GPL; IMAPClient and imap-tools poll the socket while the answer
may stand in imaplib's buffer already, so that a mail that comes as IDLE begins is seen when the next one comes,
they take an end of file in IDLE for silence, and imaplib takes a literal of any size.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from gateway.mailboxes.errors import LostError

LONGEST_LINE = 1024 * 1024
"""Bytes; only the answer to SEARCH comes near it: 100,000 numbers."""
_MOST_LITERALS = 100
_LITERAL = re.compile(rb"\{([0-9]{1,10})\+?\}$")
_STATUS = re.compile(rb"(OK|NO|BAD|BYE|PREAUTH)(?: (?:\[([^\]]{1,2000})\])? ?(.*))?", re.IGNORECASE | re.DOTALL)
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)')

Value = bytes | list["Value"]
"""A word, quoted text or literal; or a list in parentheses."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """One response: the line's text with its literals apart, in order."""

    tag: bytes
    """Of the command that it ends, * for data, + for "go on"."""
    lines: tuple[bytes, ...] = field(repr=False)
    literals: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def text(self) -> bytes:
        """The response without its tag, up to the first literal."""
        return self.lines[0]

    @property
    def status(self) -> "Status | None":
        """What a status response says."""
        match = _STATUS.fullmatch(self.text)
        if match is None:
            return None
        code, _, argument = (match[2] or b"").partition(b" ")
        return Status(word=match[1].upper(), code=code.upper(), argument=argument)

    def number_of(self, word: bytes) -> int | None:
        """The number before a word, as in `23 EXISTS`."""
        match = re.match(rb"([0-9]{1,10}) " + word + rb"\b", self.text, re.IGNORECASE)
        return int(match[1]) if match else None


@dataclass(frozen=True, kw_only=True)
class Status:
    """OK, NO, BAD, BYE or PREAUTH, with the response code and its argument (RFC 3501, 7.1; RFC 5530)."""

    word: bytes
    code: bytes
    argument: bytes


class Reader:
    """Reads responses from a stream, each within bounds and a time."""

    def __init__(self, stream: asyncio.StreamReader, largest_literal: int) -> None:
        self._stream, self._largest = stream, largest_literal

    async def response(self, seconds: float, rest: float = 30.0) -> Response:
        """The next response, whose first line begins to count now; raises TimeoutError, then nothing is lost.

        Once begun, a response may take `rest` seconds. Raises LostError for an end or nonsense.
        """
        async with asyncio.timeout(seconds):
            first = await self._line()
        try:
            async with asyncio.timeout(rest):
                return await self._whole(first)
        except TimeoutError as error:
            raise LostError("silent", "the mail server stopped in the middle of an answer") from error

    async def _whole(self, first: bytes) -> Response:
        tag, _, line = first.partition(b" ")
        lines, literals = [line], list[bytes]()
        while tag == b"*" and not _STATUS.match(lines[0]) and (match := _LITERAL.search(lines[-1])):
            if int(match[1]) > self._largest or len(literals) > _MOST_LITERALS:
                raise LostError("nonsense", "the mail server sends more than was asked for")
            literals.append(await self._exactly(int(match[1])))
            lines[-1] = lines[-1][: match.start()]
            lines.append(await self._line())
        return Response(tag=tag, lines=tuple(lines), literals=tuple(literals))

    async def _line(self) -> bytes:
        with _ended():
            return (await self._stream.readuntil(b"\n")).rstrip(b"\r\n")

    async def _exactly(self, size: int) -> bytes:
        with _ended():
            return await self._stream.readexactly(size)


@contextmanager
def _ended() -> Iterator[None]:
    try:
        yield
    except asyncio.LimitOverrunError as error:
        raise LostError("nonsense", "the mail server sends endless lines") from error
    except TimeoutError:
        raise
    except (asyncio.IncompleteReadError, OSError) as error:
        raise LostError("closed", "the mail server closed the connection") from error


def fetched(response: Response) -> dict[bytes, Value]:
    """The items of a FETCH response by name in upper case; {} for any other response."""
    if response.number_of(b"FETCH") is None:
        return {}
    values = list(_values(response))
    items = values[2] if len(values) > 2 and isinstance(values[2], list) else []  # noqa: PLR2004 - "23 FETCH (…)"
    return {name.upper(): value for name, value in _pairs(items) if isinstance(name, bytes)}


def _pairs(items: Sequence[Value]) -> Iterator[tuple[Value, Value]]:
    return (pair for at, pair in enumerate(pairwise(items)) if at % 2 == 0)


def _values(response: Response) -> list[Value]:
    """The words and lists of a response; what is not closed ends with it."""
    found: list[Value] = []
    open_lists = [found]
    for token in _tokens(response):
        if token == b"(":
            inner: list[Value] = []
            open_lists[-1].append(inner)
            open_lists.append(inner)
        elif token == b")":
            if len(open_lists) > 1:
                open_lists.pop()
        else:
            open_lists[-1].append(token[1:])
    return found


def _tokens(response: Response) -> Iterator[bytes]:
    """Parentheses as they are, everything else with an = before it."""
    for at, line in enumerate(response.lines):
        for quoted, parenthesis, word in _TOKEN.findall(line):
            yield parenthesis or b"=" + (word or re.sub(rb"\\(.)", rb"\1", quoted))
        if at < len(response.literals):
            yield b"=" + response.literals[at]
