"""What scoring sees of one candidate, and the small questions that features ask of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.extract.candidates import Span
from core.extract.context import Sight
from core.extract.spoken import Names


# Views are not frozen: a mail may have hundreds of candidates, and freezing doubles the cost of each.
@dataclass(kw_only=True, slots=True, eq=False)
class View:
    """All that scoring may look at for one candidate."""

    span: Span
    sight: Sight
    looks_like: frozenset[str]
    about: Names
    """Word classes of the subject, or of the top of the text for a candidate in the subject."""
    marks: frozenset[str]
    """What was seen of it beyond words: `repeated`, `in subject`, `only number`, …"""


@dataclass(frozen=True, slots=True)
class Feature:
    """One fixed phrase, and when it holds; its weight is in `weights`."""

    name: str
    holds: Callable[[View], object]


CODE = frozenset({"code", "otp"})
CODE_OR_LOGIN = CODE | {"verify", "login"}
ACTION = frozenset({"verify", "login", "enter"})
PREFIX = re.compile(r"[A-Z]{1,5}-[0-9]+")
DASHED_PAIR = 3
USUAL = 6
MIXED = frozenset({"letters and digits", "dashed", "spaced"})
UNITS = frozenset({"unit", "minute", "hour", "second", "day", "week"})
COMMAND = frozenset({"verify", "enter"})
LOGIN = frozenset({"verify", "login", "secret"})
ELSEWHERE = frozenset({"promo", "booking", "parcel", "meeting"})
OTHER_USE = frozenset({"promo", "booking", "parcel", "place", "meeting"})


def shape(*names: str) -> Callable[[View], bool]:
    """Whether it is written in one of these shapes."""
    return lambda view: view.span.shape in names


def like(name: str) -> Callable[[View], bool]:
    """Whether it reads as that something else."""
    return lambda view: name in view.looks_like


def mark(name: str) -> Callable[[View], bool]:
    """Whether it bears that mark."""
    return lambda view: name in view.marks


def near(*names: str) -> Callable[[View], bool]:
    """Whether a word of these classes stands near."""
    wanted = frozenset(names)
    return lambda view: not wanted.isdisjoint(view.sight.near)


def sentence(*names: str) -> Callable[[View], bool]:
    """Whether a word of these classes stands in its sentence."""
    wanted = frozenset(names)
    return lambda view: not wanted.isdisjoint(view.sight.sentence)


def length(*lengths: int) -> Callable[[View], bool]:
    """Whether it is that many digits."""
    return lambda view: view.span.value.isdigit() and len(view.span.value) in lengths


def has(names: Names, wanted: Names) -> bool:
    """Whether two sets of classes meet."""
    return not names.isdisjoint(wanted)
