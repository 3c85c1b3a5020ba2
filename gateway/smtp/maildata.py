"""One DATA transfer: taken in bulk, bounded, and ended by CRLF.CRLF alone (FACTS 2, 7, 9, 11)."""

from dataclasses import dataclass

from core.errors import BusyError, MalformedMailError, MessageTooLargeError, OtpgateError

END = b"\r\n.\r\n"
_OVERLAP = len(END) - 1
"""Bytes that may be the beginning of an end which the next chunk completes."""


@dataclass(kw_only=True)
class Room:
    """The memory that all transfers share, in bytes."""

    limit: int
    used: int = 0


class MailData:
    """Collects the bytes of one mail up to its end; keeps nothing of a mail that will be refused."""

    def __init__(self, *, max_bytes: int, max_line_bytes: int, room: Room) -> None:
        self._max_bytes = max_bytes
        self._max_line_bytes = max_line_bytes
        self._room = room
        # The line end of the DATA command counts: it makes ".CRLF" alone an empty mail.
        self._kept = bytearray(b"\r\n")
        self._held = 0
        self._received = 0
        self._line = 0
        self._fault: OtpgateError | None = None
        self.complete = False

    @property
    def endless(self) -> bool:
        """Twice the limit came without an end: waiting for the dot is pointless."""
        return not self.complete and self._received > 2 * self._max_bytes

    def feed(self, data: bytes) -> bytes:
        """Takes the next bytes; returns those after the end, which are commands."""
        if self.complete:
            return data
        searched = max(0, len(self._kept) - _OVERLAP)
        self._kept += data
        end = self._kept.find(END, searched)
        rest = b""
        if end >= 0:
            self.complete = True
            rest = bytes(self._kept[end + len(END) :])
            del self._kept[end + 2 :]
        self._received += len(data) - len(rest)
        self._judge(data)
        return rest

    def take(self) -> bytes:
        """The mail as it was before dot-stuffing; raises for what may not be stored (RFC 5321, 2.3.8, 4.5.2)."""
        if self._fault:
            raise self._fault
        ends = self._kept.count(b"\r\n")
        if ends != self._kept.count(b"\r") or ends != self._kept.count(b"\n") or b"\0" in self._kept:
            raise MalformedMailError("bare CR, bare LF or NUL in the mail")
        mail = self._kept.replace(b"\r\n.", b"\r\n") if b"\r\n." in self._kept else self._kept
        raw = bytes(memoryview(mail)[2:])
        self._kept.clear()
        return raw

    def release(self) -> None:
        """Gives the shared room back: nobody holds this mail any more."""
        self._hold(0)

    def _judge(self, data: bytes) -> None:
        newline = data.rfind(b"\n")
        self._line = len(data) - newline - 1 if newline >= 0 else self._line + len(data)
        if self._received > self._max_bytes:
            self._fault = MessageTooLargeError(f"mail is larger than {self._max_bytes} bytes")
        elif self._line > self._max_line_bytes:
            self._fault = MessageTooLargeError(f"mail has a line longer than {self._max_line_bytes} bytes")
        elif self._room.used + len(data) > self._room.limit:
            self._fault = self._fault or BusyError("too much mail at once, try again later")
        if self._fault:
            del self._kept[:-_OVERLAP]
        self._hold(len(self._kept))

    def _hold(self, size: int) -> None:
        self._room.used += size - self._held
        self._held = size
