"""Bytes that a peer has sent and that nobody has read yet."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from gateway.smtp.maildata import MailData

T = TypeVar("T")
READ_AHEAD = 64 * 2**10
"""Bytes of pipelined commands that are held before the peer has to wait."""


class LineTooLongError(Exception):
    """A command goes on beyond the bound."""


class Wire:
    """Turns arriving chunks into command lines and mails; one reader at a time, EOFError at the end.

    `resume` is called before it waits: a peer that had to wait goes on.
    """

    def __init__(self, *, max_line: int, resume: Callable[[], None]) -> None:
        self._max_line = max_line
        self._resume = resume
        self._unread = bytearray()
        self._mail: MailData | None = None
        self.ended = False
        self._news = asyncio.Event()

    @property
    def full(self) -> bool:
        """More commands wait than should be held in memory."""
        return len(self._unread) > READ_AHEAD

    @property
    def in_mail(self) -> bool:
        """What arrives now belongs to a mail."""
        return self._mail is not None

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        self._unread += self._mail.feed(data) if self._mail else data
        self._news.set()

    def end(self) -> None:
        """Nothing more will come; what came is still read."""
        self.ended = True
        self._news.set()

    def forget(self) -> None:
        """Throws away what nobody has read."""
        self._unread.clear()

    async def line(self) -> bytes:
        """The next command without its line end (CRLF, and LF for people at a terminal)."""
        while (end := self._unread.find(b"\n", 0, self._max_line)) < 0:
            if len(self._unread) >= self._max_line:
                raise LineTooLongError
            await self._more()
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        return line.removesuffix(b"\r")

    async def take(self, read: Callable[[bytes], tuple[T, int] | None]) -> T:
        """What `read` finds at the beginning; it answers None as long as that is not all there."""
        while (found := read(bytes(self._unread))) is None:
            await self._more()
        value, size = found
        del self._unread[:size]
        return value

    async def mail(self, mail: MailData) -> None:
        """Returns when the mail is complete, or so large that its end is not worth waiting for."""
        arrived = bytes(self._unread)
        self._unread.clear()
        self._mail = mail
        try:
            self.feed(arrived)
            while not (mail.complete or mail.endless):
                await self._more()
        finally:
            self._mail = None

    async def _more(self) -> None:
        if self.ended:
            raise EOFError
        self._resume()
        self._news.clear()
        await self._news.wait()
