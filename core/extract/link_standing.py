"""How a link stands among the others of its message, in any language: as a button, in a row, as one of a pair."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import chain

from core.extract.context import Scene
from core.extract.links import Spot

_RUN = re.compile(r"[A-Za-z0-9_-]{4,}")
_DIGIT = re.compile("[0-9]")
_NUMBERED_HOST = re.compile(r"(?:https?://)?[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w.-])", re.IGNORECASE)
_RULE = re.compile(r"^(?:--|[-_=*~]{8}[^\n]{0,100}) *$", re.MULTILINE)
"""A rule, or the line above a signature (RFC 3676, 4.3): advertisements and footers stand below."""
_PAIR = 2
_TELLING = 4
"""Characters of a label that repeat the subject by no chance."""


class Company:
    """All links of one text together; `subject` is the message's, folded."""

    def __init__(self, scene: Scene, subject: str, by_href: Mapping[str, list[Spot]]) -> None:
        self._scene = scene
        self._subject = subject
        self._count = len(by_href)
        self._first = next(iter(by_href), "")
        self._longest = max(map(len, by_href), default=0)
        self._top = len(scene.plain) - len(scene.plain.lstrip())
        rule = _RULE.search(scene.folded.plain)
        self._rule = rule.end() if rule else len(scene.plain)
        self._tokens = {href: _tokens(href) for href in by_href}
        bearers = Counter(chain.from_iterable(self._tokens.values()))
        self._paired = {token for token, count in bearers.items() if count == _PAIR}
        rows = Counter([spot.line for spots in by_href.values() for spot in spots])
        self._rows = {line for line, count in rows.items() if count > 1}

    def marks(self, href: str, spots: list[Spot]) -> frozenset[str]:
        """The names of all marks that a link bears, by the places where it stands."""
        anchored = [spot for spot in spots if spot.anchored]
        tests = {
            "repeated": len(spots) > 1,
            "anchored and bare": 0 < len(anchored) < len(spots),
            "only link": self._count == 1,
            "the first of several": self._count > 1 and href == self._first,
            "the longest of several": self._count > 1 and len(href) == self._longest,
            "repeats the subject": any(map(self._is_in_subject, anchored)),
            "at the top": min([spot.plain for spot in spots])[0] <= self._top,
            "below a rule": min([spot.plain for spot in spots])[0] >= self._rule,
            "a host without a name": bool(_NUMBERED_HOST.match(href)),
            "a line of its own": any(map(self._is_alone, spots)),
            "in a row": self._rows.issuperset([spot.line for spot in spots]),
            "one of a pair": not self._paired.isdisjoint(self._tokens[href]),
        }
        return frozenset([name for name, holds in tests.items() if holds])

    def _is_in_subject(self, spot: Spot) -> bool:
        return len(spot.label) >= _TELLING and spot.label in self._subject

    def _is_alone(self, spot: Spot) -> bool:
        """Whether nothing else stands on its line, as around a button."""
        (low, high), (start, end) = spot.line, spot.plain
        return not any(map(str.isalnum, self._scene.plain[low:start] + self._scene.plain[end:high]))


def _tokens(href: str) -> set[str]:
    """What has a digit in an address behind its host: two links that bear the same one ask for yes and no."""
    return set(filter(_DIGIT.search, _RUN.findall(href.split("://", 1)[-1].partition("/")[2])))
