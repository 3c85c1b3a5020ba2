"""Finds everything in a text that could be a code, with where it stands and how it is written."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from core.extract.folding import Folded

LIMIT = 300
"""Spans of one text that are looked at closely."""
NEAR = 80
BESIDE = 40
LETTERS = frozenset({"capitals", "dashed capitals", "word"})
"""Shapes without a digit."""
TELLING = frozenset({"code", "otp", "verify", "login", "enter", "secret", "expire"})
"""Classes of words within `NEAR` characters that make a span worth a closer look."""

_SEPARATOR = r"(?: ?[ .,·|•_-] ?|\n{1,2})"
_SPELLED = re.compile(rf"(?<![0-9A-Za-z])[0-9](?:(?:{_SEPARATOR})[0-9](?![0-9A-Za-z])){{3,9}}")
_SPELLED_MIXED = re.compile(r"(?<![0-9A-Za-z])[0-9A-Z](?:[ .-][0-9A-Z](?![0-9A-Za-z])){3,9}")
_SPELLED_CAPITALS = re.compile(r"(?<![0-9A-Za-z])[A-Z](?:[ .-][A-Z](?![0-9A-Za-z])){3,9}")
_GROUPS = re.compile(
    r"(?<![0-9A-Za-z])[0-9]{1,4}(?:[ -][0-9]{1,4}){1,5}(?![0-9A-Za-z])|[0-9]{3} - [0-9]{3}(?![0-9])"
)
_PAIR = re.compile(r"(?=(?<![0-9A-Za-z])([0-9]{2,5})([ -])([0-9]{2,5})(?![0-9A-Za-z]))")
_ATOM = re.compile(r"(?<![0-9A-Za-z])(?=[A-Za-z]{0,23}[0-9])[0-9A-Za-z]{3,24}(?![0-9A-Za-z])")
_CAPITALS = re.compile(r"(?<![0-9A-Za-z])[A-Z]{4,12}(?![0-9A-Za-z])")
_ODD = re.compile(r"(?<![0-9A-Za-z])(?=[A-Za-z][a-z]{0,10}[A-Z])[A-Za-z]{4,12}(?![0-9A-Za-z])")
_NO_WORD = re.compile(r"(?<![^\W_])[b-df-hj-np-tv-xz]{5,10}(?![^\W_])")
"""Lower-case letters without a vowel."""
_DASHED = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{2,8}(?:-[0-9A-Za-z]{2,8}){1,4}(?![0-9A-Za-z])")
_SPACED = re.compile(
    r"(?<![0-9A-Za-z-])(?:[0-9A-Z]{2}(?: [0-9A-Z]{2}){2,4}|[0-9A-Z]{3}(?: [0-9A-Z]{3}){1,2}"
    r"|[0-9A-Z]{3,4} [0-9A-Z]{3,4})(?![0-9A-Za-z-])"
)
_PREFIXED = re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,5}-([0-9]{3,8}|[0-9]{3}[ -][0-9]{3})(?![0-9A-Za-z])")
_GLUED = re.compile(r"([A-Za-z]{3,12})([0-9]{4,8})|([0-9]{4,8})([A-Za-z]{2,12})")
_WORD_AND_DIGITS = re.compile(r"[a-z]{1,8}-[0-9]{2,8}|[0-9]{1,3}-[A-Z]?[a-z]{3,8}")
"""A small word joined to a number, as Zulu writes `is 123456`, or a number to a word, as `15-digit`."""
_BOUND = re.compile(r"(?:^|\n)[ \t]*@([a-z0-9][a-z0-9.-]{1,250}) #([0-9A-Za-z-]{1,40})", re.IGNORECASE)
_SHORTEST = 4
_LONGEST = 12
_LONGEST_WHOLE = 9


class Span(NamedTuple):
    """`shown[start:end]` could be a code; `value` is what a person would type; `shape` how it is written."""

    start: int
    end: int
    value: str
    shape: str


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def _spelled(shown: str) -> Iterator[Span]:
    for match in _SPELLED.finditer(shown):
        yield Span(match.start(), match.end(), _digits(match.group()), "spelled")
    for match in _SPELLED_MIXED.finditer(shown):
        value = re.sub(r"[ .-]", "", match.group())
        if not value.isdigit() and any(char.isdigit() for char in value):
            yield Span(match.start(), match.end(), value, "spelled letters")


def _groups(shown: str) -> Iterator[Span]:
    """Runs of digit groups, and the even pairs within a run that is no code as a whole."""
    whole: list[tuple[int, int]] = []
    for match in _GROUPS.finditer(shown):
        groups = re.split("[ -]+", match.group())
        value = "".join(groups)
        if _SHORTEST <= len(value) <= _LONGEST:
            even = len({len(group) for group in groups}) == 1 and len(groups[0]) > 1
            yield Span(match.start(), match.end(), value, "groups" if even else "uneven groups")
            whole += [match.span()] if even and len(value) <= _LONGEST_WHOLE else []
    for match in _PAIR.finditer(shown):
        first, _, second = match.groups()
        if any(start <= match.start(1) and match.end(3) <= end for start, end in whole):
            continue
        if len(first) == len(second) and len(first) > 2:  # noqa: PLR2004 - two pairs of two are no code
            yield Span(match.start(1), match.end(3), first + second, "groups")


def _atoms(shown: str) -> Iterator[Span]:
    for match in _ATOM.finditer(shown):
        atom = match.group()
        if len(atom) <= _LONGEST:
            yield Span(match.start(), match.end(), atom, "digits" if atom.isdigit() else "letters and digits")
        glued = _GLUED.fullmatch(atom)
        if glued:
            group = 2 if glued.group(2) else 3
            start, end = match.start() + glued.start(group), match.start() + glued.end(group)
            yield Span(start, end, glued.group(group), "glued")


def _letters(shown: str) -> Iterator[Span]:
    """Words of capitals, and words with capitals inside, as `qLmZx`; a name such as `PayFix` has one."""
    for match in _CAPITALS.finditer(shown):
        yield Span(match.start(), match.end(), match.group(), "capitals")
    for match in _SPELLED_CAPITALS.finditer(shown):
        yield Span(match.start(), match.end(), re.sub(r"[ .-]", "", match.group()), "capitals")
    for match in _ODD.finditer(shown):
        if sum(map(str.isupper, match.group()[1:])) > 1 and not match.group().isupper():
            yield Span(match.start(), match.end(), match.group(), "word")
    for match in _NO_WORD.finditer(shown):
        yield Span(match.start(), match.end(), match.group(), "word")


def _prefixed(shown: str) -> Iterator[Span]:
    for match in _PREFIXED.finditer(shown):
        yield Span(match.start(), match.end(), _digits(match.group(1)), "prefixed")


def _dashed(shown: str) -> Iterator[Span]:
    for match in _DASHED.finditer(shown):
        value = match.group()
        if _WORD_AND_DIGITS.fullmatch(value):
            continue
        mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
        if mixed or value.isupper():
            yield Span(match.start(), match.end(), value, "dashed" if mixed else "dashed capitals")


def _spaced(shown: str) -> Iterator[Span]:
    for match in _SPACED.finditer(shown):
        value = match.group().replace(" ", "")
        if any(char.isdigit() for char in value) and any(char.isalpha() for char in value):
            yield Span(match.start(), match.end(), value, "spaced")


_READERS: tuple[Callable[[str], Iterator[Span]], ...] = (
    _spelled,
    _groups,
    _prefixed,
    _dashed,
    _spaced,
    _atoms,
    _letters,
)


def find(shown: str) -> list[Span]:
    """Every span that could be a code, in order of place; a place may be read in several ways."""
    spans = {span for reader in _READERS for span in reader(shown)}
    return sorted(spans)


def values(text: str) -> set[str]:
    """The values of everything in a given text that could be a code."""
    return {span.value for span in find(Folded(text).shown)}


def find_bound(shown: str) -> tuple[Span, str] | None:
    """The origin-bound code of the last line (`@host #code`, WICG sms-one-time-codes) and its host."""
    found = None
    for match in _BOUND.finditer(shown):
        found = match
    if found is None:
        return None
    return Span(found.start(2), found.end(2), found.group(2), "origin-bound"), found.group(1).lower()
