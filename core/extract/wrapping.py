"""Where a sentence goes on in the next line, because its mail program broke the line at some column."""

import re
import unicodedata

from core.extract.context import Scene

_BREAK = re.compile(r"[ \t]{0,3}\n[> \t]{0,8}")
"""The end of a line, and the `>` before the next one in quoted mail."""
_ENDED = ".!?:;…。！？：।॥؟۔"
_SMALL_NUMBER = re.compile(r"[^\W\d_][ \t]?[0-9]{1,3}\Z")
"""One digit to three behind a word, as of hours or days."""
_INDENT = 12
_COLUMNS = range(45, 101)
"""How many columns a full line has: 72 less a long word, and what quoting adds."""


def joined(text: str) -> str:
    """The text with each line break, and what quotes the line below, as one space."""
    return _BREAK.sub(" ", text)


def widened(scene: Scene, low: int, high: int) -> tuple[int, int]:
    """Bounds of a sentence's part in the line `low:high`, with those in the lines above and below it."""
    if low > 0 and _is_wrapped(scene.shown, low - 1):
        low = scene.sentence(low - 1, low)[0]
    if high < len(scene.shown) and _is_wrapped(scene.shown, high - 1):
        high = scene.sentence(high, high + 1)[1]
    return low, high


def _is_wrapped(shown: str, at: int) -> bool:
    """Whether a line break at `at` parts no sentence.

    The line above is full or ends with a small number, or the one below begins with a small letter.
    """
    if shown[at] != "\n":
        return False
    above = shown[max(shown.rfind("\n", 0, at) + 1, at - _COLUMNS.stop) : at].rstrip()
    below = shown[at + 1 : at + _INDENT].lstrip("> \t")[:1]
    if not (above.strip("> ") and below.strip()) or above.endswith(tuple(_ENDED)):
        return False
    return below.islower() or bool(_SMALL_NUMBER.search(above)) or sum(map(_columns, above)) in _COLUMNS


def _columns(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
