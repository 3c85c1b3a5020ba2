"""How a candidate is written: its letters and digits, and the capitals around it."""

import re

from core.extract.candidates import LETTERS, Span
from core.extract.context import Scene
from core.extract.letter_runs import are_strange
from core.extract.spelling import is_foreign, is_in_capitals, is_interleaved, is_unpronounceable

YEAR = re.compile(r"(?:19[5-9]|20[0-4])[0-9]")
_WORD_AND_NUMBER = re.compile(
    r"[A-Z]{4,}[0-9]{1,3}|[A-Z]?[a-z]{2,}[0-9]{1,4}|(?:[0-9]{1,3}|[a-z]{2,}[2-9])[a-z]{2,}"
)
_ROUND = re.compile(r"[0-9]+000|[0-9]{2}00")
_RANGE = re.compile(r"([0-9]{2}) ?- ?([0-9]{2})")
_SCALE = "12345678910 0123456789"
"""As in a survey: `1 2 3 4 5`."""
_SUFFIX = re.compile(r"[A-Z][0-9]{3}")
_SHORT, _FAR = 60, 300
_THESE_YEARS = 2
"""How far from the year of arrival seasons, copyrights and deadlines lie."""


def marks(scene: Scene, span: Span, name: str, year: int) -> dict[str, bool]:
    """What its letters and digits tell of a candidate; `name` is the sender's, in small letters."""
    is_year = span.end - span.start == len(span.value) and bool(YEAR.fullmatch(span.value))
    return {
        "year": is_year,
        "these years": is_year and abs(int(span.value) - year) <= _THESE_YEARS,
        "word and number": bool(_WORD_AND_NUMBER.fullmatch(span.value)),
        "interleaved": is_interleaved(span.value),
        "initials": span.shape == "prefixed" and _is_initials(scene, span, name),
        "suffix": bool(_SUFFIX.fullmatch(span.value)) and not scene.plain[span.end : span.end + _SHORT].strip(),
        "round": bool(_ROUND.fullmatch(span.value)) or (span.shape == "spelled" and span.value in _SCALE),
        "from and to": _is_range(scene.shown[span.start : span.end]),
        "unpronounceable": is_unpronounceable(span.value),
        "strange letters": span.shape in LETTERS and are_strange(span.value),
        "foreign letters": span.shape in LETTERS and is_foreign(scene.plain[:_FAR]),
        "amid capitals": _is_amid_capitals(scene, span),
    }


def _is_range(shown: str) -> bool:
    """Whether it says from when to when or how many, as `14-18`."""
    pair = _RANGE.fullmatch(shown)
    return pair is not None and pair[1] < pair[2]


def _is_amid_capitals(scene: Scene, span: Span) -> bool:
    """Whether its line is written in capitals, so that capitals say nothing."""
    start, end = scene.line(span.start, span.end)
    rest = scene.shown[start : span.start] + scene.shown[span.end : end]
    return is_in_capitals(rest)


def _is_initials(scene: Scene, span: Span, name: str) -> bool:
    """Whether the letters before the dash are those of a name, as G- for Google and FB- for Facebook."""
    prefix = scene.shown[span.start : span.end].partition("-")[0].lower()
    rest = "".join(f"(?>[a-z]{{0,12}}?{letter})" for letter in prefix[1:])  # else time grows by 13 a letter
    pattern = re.compile(rf"(?<![^\W_]){prefix[0]}{rest}[a-z]", re.ASCII)
    near = scene.plain[max(0, span.start - _FAR) : span.end + _FAR] if len(prefix) == 1 else ""
    return bool(pattern.search(f"{name} {near}"))
