"""Any script's text brought to one alphabet of digits and letters, with the way back to the given text."""

import re
import unicodedata
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

LIMIT = 131_072
"""Characters of a text that are read; the rest is left out."""

_DROPPED = frozenset("\ufe0e\ufe0f\u20e3\u0640\u093c\u09bc\u0a3c\u0abc\u0b3c\u3099\u309a")
_SAME = {
    "đ": "d", "ø": "o", "ł": "l", "ı": "i", "ħ": "h", "ə": "e", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه",
    "ہ": "ه", "ھ": "ه", "ە": "ه", "ے": "ي", "ٹ": "ت", "ؤ": "و", "ئ": "ي", "ς": "σ", "ँ": "ं", "ґ": "г",
    "’": "'", "‘": "'", "´": "'", "`": "'",
}  # fmt: skip
_STANDINGS = dict.fromkeys("‐‑‒–—―−﹘﹣－", "-") | {
    "٬": ",",
    "٫": ".",
    "،": ",",
    "│": "|",
    "┃": "|",
    "║": "|",
    "\u3000": " ",
    "，": ", ",
    "、": ", ",
}
"""Signs that mean what an ASCII sign means."""
_COMBINING_FREE = ((0x0300, 0x0370), (0x0483, 0x0488), (0x0591, 0x05C8), (0x0610, 0x061B), (0x064B, 0x0660))
"""Marks that writers leave out at will: accents, Hebrew points, Arabic vowels; Indic vowel signs are letters."""


def _is_free_mark(code: int) -> bool:
    return any(low <= code < high for low, high in _COMBINING_FREE) or code == 0x0670  # noqa: PLR2004


def _shown(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf" or char in _DROPPED or _is_free_mark(ord(char)):
        return ""
    if category in {"Zl", "Zp"} or char == "\x85":
        return "\n"
    if category in {"Zs", "Cc", "Cs"}:
        return char if char == "\n" else " "
    if char in _STANDINGS:
        return _STANDINGS[char]
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    wide = (
        char if category == "No" and unicodedata.digit(char, None) is None else unicodedata.normalize("NFKC", char)
    )
    return "".join(c for c in wide if c not in _DROPPED and not _is_free_mark(ord(c)))


def _plain(char: str) -> str:
    """One character, folded to one character, so that both texts keep the same offsets."""
    lower = char.lower()[:1]
    if "\uac00" <= char <= "\ud7a3":
        return char
    bare = unicodedata.normalize("NFD", _SAME.get(lower, lower))[:1].lower()
    return _SAME.get(bare, bare)


class _Table(dict[int, str]):
    """A translation table that fills itself; the 1.1 million characters of Unicode bound it."""

    def __init__(self, *, plain: bool) -> None:
        super().__init__()
        self._to_plain = plain

    def __missing__(self, code: int) -> str:
        shown = _shown(chr(code))
        answer = "".join(_plain(char) for char in shown) if self._to_plain else shown
        if code < 0x10000:  # noqa: PLR2004 - beyond it stand emoji and rare scripts: computed, not kept
            self[code] = answer
        return answer


_SHOWN = _Table(plain=False)
_PLAIN = _Table(plain=True)
_NOT_SHOWN_SO = re.compile("[^\n -~][^\n!-~]*")
_NOT_PLAIN_SO = re.compile("[^\n -_a-~][^\n!-_a-~]*")
"""What a table changes, but for case: the most of a text, in most scripts, needs no table."""


class Folded:
    """A text as read: `shown` keeps case, `plain` is without case and accents; both have the same offsets."""

    def __init__(self, text: str) -> None:
        self.given = text[:LIMIT]
        self.shown = _NOT_SHOWN_SO.sub(lambda run: run[0].translate(_SHOWN), self.given)
        if self.given.isascii():
            self.plain = self.shown.lower()
        else:
            self.plain = _NOT_PLAIN_SO.sub(lambda run: run[0].translate(_PLAIN), self.given).lower()

    @cached_property
    def _ends(self) -> list[int] | None:
        """Where in `shown` each given character ends; None where each became one."""
        if all(len(_SHOWN[ord(char)]) == 1 for char in set(self.given) if not char.isascii()):
            return None
        return list(accumulate(map(len, map(_SHOWN.__getitem__, map(ord, self.given)))))

    def at(self, offset: int) -> int:
        """Where the given text's character `offset` stands in `shown` and `plain`."""
        if self._ends is None or offset <= 0:
            return min(max(offset, 0), len(self.shown))
        return self._ends[min(offset, len(self._ends)) - 1] if self._ends else 0

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where `shown[start:end]` stands in the given text; `end` is exclusive."""
        if self._ends is None:
            return start, end
        return bisect_right(self._ends, start), bisect_right(self._ends, end - 1) + 1


def plain(text: str) -> str:
    """Return the text without case, accents and invisible characters, digits in ASCII."""
    return text[:LIMIT].lower() if text.isascii() and text.isprintable() else Folded(text).plain
