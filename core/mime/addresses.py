"""Address headers to mailboxes (RFC 5322, 3.4), leaving out what two readers could read as two addresses."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_MOST = 100
_LONGEST = 100 * 1024
_USUAL = 500
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*+"?|\[[^\[\]\\<>"]{0,255}\]|\\.?|[()<>,;:]|[^"\\()<>,;:\[\]]+|[\[\]]', re.DOTALL
)
_ADDRESS = re.compile(
    r'(?:"(?:[^"\\]|\\.)+"|[^\s"\\()<>,;:@\[\]]+)@'
    r"(?:\[[0-9A-Za-z.:]{1,80}\]|[^\s\"\\()<>,;:@\[\]!-,/.]+(?:\.[^\s\"\\()<>,;:@\[\]!-,/.]+)*+)"
)
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """One address of a header: display name and address, both decoded."""

    name: str
    address: str


def mailboxes(value: str) -> tuple[Mailbox, ...]:
    """The mailboxes of an address header's decoded value (RFC 5322, 3.4), at most 100; bad ones left out.

    Of `"bank@b.example" <evil@e.example>` the address is the one in angle brackets; an entry with text
    after them, several of them, an unclosed quote, comment or bracket, or a control character is bad.
    """
    return (_kept if len(value) <= _USUAL else _parsed)(value)


def _parsed(value: str) -> tuple[Mailbox, ...]:
    found: list[Mailbox] = []
    entry = _Entry()
    for match in _TOKEN.finditer(value[:_LONGEST]):
        if entry.take(match.group()):
            found += entry.mailbox()
            entry = _Entry()
            if len(found) >= _MOST:
                return tuple(found)
    return tuple(found + entry.mailbox())


_kept = lru_cache(maxsize=1_000)(_parsed)
"""The same, kept: a mail is asked several times who sent it."""


class _Entry:
    """One entry of an address list, while its pieces are read."""

    def __init__(self) -> None:
        self._before: list[str] = []
        self._inside: list[str] = []
        self._comment: list[str] = []
        self._depth = 0
        self._bracket = ""
        """The last angle bracket read."""
        self._bad = False

    def take(self, piece: str) -> bool:
        """Read a piece; whether it ends the entry."""
        if self._depth or piece in "()":
            self._take_comment(piece)
        elif piece in ",;" and self._bracket != "<":
            return True
        elif piece == ":" and not self._bracket:
            self._bad |= "@" in "".join(self._before)
            self._before.clear()  # what stood there was a group's name
        elif piece in "<>":
            self._bad |= self._bracket + piece not in {"<", "<>"}
            self._bracket = piece
        else:
            self._take_text(piece)
        return False

    def _take_comment(self, piece: str) -> None:
        self._depth += (piece == "(") - (piece == ")")
        # Whether a quote counts in a comment, or a comment in brackets, is read in two ways.
        self._bad |= self._depth < 0 or piece.startswith('"') or self._bracket == "<"
        self._comment.append(" " if piece in "()" else piece)
        self._before.append(" ")

    def _take_text(self, piece: str) -> None:
        self._bad |= bool(_CONTROL.search(piece)) or (piece.startswith('"') and not _QUOTED.fullmatch(piece))
        if self._bracket == "<":
            self._inside.append(piece)
        else:
            self._bad |= self._bracket == ">" and not piece.isspace()
            self._before.append(piece)

    def mailbox(self) -> list[Mailbox]:
        """The entry's mailbox, or nothing if it is empty or bad."""
        if self._bad or self._depth or self._bracket == "<":
            return []
        address = "".join(self._inside if self._bracket else self._before).strip()
        if not _ADDRESS.fullmatch(address) or (
            not address.isprintable() and any(unicodedata.category(char)[0] == "C" for char in address)
        ):
            return []
        name = "".join(_unquoted(piece) for piece in self._before) if self._bracket else "".join(self._comment)
        return [Mailbox(name=" ".join(name.split()), address=address)]


def _unquoted(piece: str) -> str:
    quoted = _QUOTED.fullmatch(piece)
    return re.sub(r"\\(.)", r"\1", quoted.group(1), flags=re.DOTALL) if quoted else piece
