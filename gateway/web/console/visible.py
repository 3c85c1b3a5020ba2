"""Strangers' text as a page may show it: escaped, cut, and with the characters that turn text around named."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

_TURNING = {
    "\u202a": ("LRE", "left-to-right embedding"),
    "\u202b": ("RLE", "right-to-left embedding"),
    "\u202c": ("PDF", "end of an embedding or override"),
    "\u202d": ("LRO", "left-to-right override"),
    "\u202e": ("RLO", "right-to-left override"),
    "\u2066": ("LRI", "left-to-right isolate"),
    "\u2067": ("RLI", "right-to-left isolate"),
    "\u2068": ("FSI", "isolate"),
    "\u2069": ("PDI", "end of an isolate"),
}
"""What makes text read in another order than it is written (Unicode TR 9, 2.1 to 2.4; TR 36, 2.5)."""
_CONTROL = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f]")
_PICTURES = 0x2400
_DELETE = 0x7F
LONGEST_LINE = 300


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of a text; `rank` is the place, from 1, of the candidate that stands there, 0 for none."""

    text: str
    rank: int = 0


def plain(text: str) -> Markup:
    """The text as markup, with controls named in place."""
    parts: list[Markup] = []
    end = 0
    for match in _CONTROL.finditer(text):
        parts += [escape(text[end : match.start()]), _named(match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def shown(text: str, longest: int = LONGEST_LINE) -> Markup:
    """The text as `plain` does, cut where it is long, and kept from turning what stands around it."""
    cut = f" … ({len(text) - longest:,} more characters)" if len(text) > longest else ""
    return Markup("<bdi>{}</bdi>{}").format(plain(text[:longest]), cut)


def pieces(text: str, spans: list[tuple[int, int, int]]) -> list[Piece]:
    """The text in runs, by the candidate that stands there: of several the first in rank; no mark ends in space.

    `spans` are start, end and rank; those outside the text are left out.
    """
    found = [(s, e, rank) for s, e, rank in spans if 0 <= s < e <= len(text)]
    edges = sorted({0, len(text), *(s for s, _, _ in found), *(e for _, e, _ in found)})
    runs: list[Piece] = []
    for start, end in pairwise(edges):
        rank = min((r for s, e, r in found if s <= start and end <= e), default=0)
        for part in _unspaced(text[start:end], rank):
            if runs and runs[-1].rank == part.rank:
                runs[-1] = Piece(text=runs[-1].text + part.text, rank=part.rank)
            else:
                runs.append(part)
    return runs


def _unspaced(text: str, rank: int) -> Iterator[Piece]:
    """A run, with the space around it as runs without a rank."""
    inner = text.strip()
    start = text.find(inner) if inner else len(text)
    around = ((text[:start], 0), (inner, rank), (text[start + len(inner) :], 0))
    yield from (Piece(text=part, rank=of) for part, of in around if part)


def _named(control: str) -> Markup:
    if control in _TURNING:
        short, meaning = _TURNING[control]
        return Markup('<span class="control" title="{}">{}</span>').format(meaning, short)
    number = ord(control)
    picture = chr(_PICTURES + (number if number != _DELETE else 0x21))
    return Markup('<span class="control" title="control character {}">{}</span>').format(
        f"U+{number:04X}", picture
    )
