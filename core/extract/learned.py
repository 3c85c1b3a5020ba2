"""What the corpus taught beyond the reasons set by hand: what each class weighs in each place, and each word.

The reasons of `scoring` and `link_scoring` ask what a person would ask. These weights say how much every class
of words counts in every place where it can stand, and how much single words of a message speak for it. Each is
small; they are fitted with the others (tests/accuracy/fit.py) and shown as one reason a place.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from importlib import resources
from itertools import repeat

from core.extract.context import Scene
from core.extract.link_view import LinkView
from core.extract.result import Kind, Reason
from core.extract.spoken import Names
from core.extract.view import CODE, CODE_OR_LOGIN, View, has

FILE = "learned.weights"
_FIRST = 3000
"""Characters of a text whose words are weighed."""
_WORD = re.compile(r"[^\W\d_]+")
_ASCII_WORD = re.compile("[a-z]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""Letters of scripts that leave no space between words: two at a time stand for a word."""

OF_CODES: dict[str, Callable[[View], Names | tuple[str, ...]]] = {
    "what the word that names it speaks of": lambda v: v.sight.label,
    "what the words right before it speak of": lambda v: v.sight.close_before,
    "what the words before it speak of": lambda v: v.sight.before,
    "what the words right after it speak of": lambda v: v.sight.close_after,
    "what the words after it speak of": lambda v: v.sight.after,
    "what its sentence speaks of": lambda v: v.sight.sentence,
    "what the words near speak of": lambda v: v.sight.near,
    "what the subject speaks of": lambda v: v.about,
    "where and in what message it stands": lambda v: v.marks,
    "what else it reads as": lambda v: v.looks_like,
    "how it is written": lambda v: (v.span.shape, _length(v.span.value)),
}
"""Where the classes of a candidate code stand, by the reason that they make together."""
OF_LINKS: dict[str, Callable[[LinkView], Names]] = {
    "what its label speaks of": lambda v: v.label_names,
    "what its sentence speaks of": lambda v: v.around_names,
    "what the words right before it speak of": lambda v: v.before_names,
    "what the words near speak of": lambda v: v.near_names,
    "what the subject speaks of": lambda v: v.about,
    "what its address speaks of": lambda v: v.address_names,
    "in what message it stands": lambda v: v.marks,
}
CIRCUMSTANCES: dict[str, Callable[[View], object]] = {
    "in a mail": lambda v: "email" in v.marks,
    "under a subject of signing in": lambda v: not v.about.isdisjoint(CODE_OR_LOGIN),
    "near a word for one-time codes": lambda v: "otp" in v.sight.near,
    "secret or good for minutes": lambda v: "secret" in v.sight.near or "soon over" in v.marks,
    "the only number that nothing explains": lambda v: "unexplained" in v.marks,
    "in the subject": lambda v: "subject" in v.marks,
    "named a code outright": lambda v: v.sight.outright and has(v.sight.label, CODE),
}
"""In which each class of words in its place weighs more or less than elsewhere, for a code."""
LINK_CIRCUMSTANCES: dict[str, Callable[[LinkView], object]] = {"in a mail": lambda v: "a mail" in v.marks}
"""Likewise for a link."""
WORDS = "single words of the message"
SUBJECT_WORDS = "single words of the subject"

Weights = dict[str, dict[str, float]]
"""By place, what each class or word that stands there weighs."""


def _length(value: str) -> str:
    return f"{len(value)} {'digits' if value.isdigit() else 'characters'}"


def read(text: str) -> dict[Kind, dict[str, Weights]]:
    """The weights in a file's text, by kind and circumstance.

    Its lines are `code|link / place: name weight, name weight`, or with a circumstance before the place.
    """
    found: dict[Kind, dict[str, Weights]] = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for line in text.splitlines():
        head, colon, entries = line.partition(": ")
        if colon and not line.startswith("#"):
            kind, *circumstance, place = head.split(" / ")
            pairs = (entry.rpartition(" ") for entry in entries.split(", "))
            weights = found[Kind(kind)]["".join(circumstance)][place]
            weights.update({said: float(weight) for said, _, weight in pairs})
    return found


@cache
def _all() -> dict[Kind, dict[str, Weights]]:
    return read((resources.files("core.extract") / FILE).read_text("utf-8"))


@cache
def _weights(kind: Kind, circumstances: tuple[str, ...] = ()) -> Weights:
    """What weighs in all of some circumstances together."""
    total: Weights = defaultdict(lambda: defaultdict(float))
    for circumstance in ("", *circumstances):
        for place, weights in _all()[kind][circumstance].items():
            for said, weight in weights.items():
                total[place][said] += weight
    return total


def of_code(view: View) -> Iterable[Reason]:
    """What each place of a candidate code weighs, where it weighs anything."""
    kind, held = Kind.CODE, tuple([name for name, holds in CIRCUMSTANCES.items() if holds(view)])
    return filter(None, [_of_names(kind, held, place, said(view)) for place, said in OF_CODES.items()])


def of_link(view: LinkView) -> Iterable[Reason]:
    """Likewise of a link."""
    kind, held = Kind.LINK, tuple([name for name, holds in LINK_CIRCUMSTANCES.items() if holds(view)])
    return filter(None, [_of_names(kind, held, place, said(view)) for place, said in OF_LINKS.items()])


@lru_cache(maxsize=10_000)
def _of_names(
    kind: Kind, circumstances: tuple[str, ...], place: str, said: Names | tuple[str, ...]
) -> Reason | None:
    """What names weigh in a place, if anything; kept, for neighbours in a mail see the same."""
    total = _total(_weights(kind, circumstances).get(place), said)
    return Reason(name=place, weight=total) if total else None


def of_message(kind: Kind, subject: Scene, text: Scene) -> tuple[Reason, ...]:
    """What the single words of a message weigh for every candidate of a kind."""
    weights = _weights(kind)
    totals = {place: _total(weights.get(place), single(scene)) for place, scene in places(subject, text)}
    return tuple(Reason(name=place, weight=total) for place, total in totals.items() if total)


def places(subject: Scene, text: Scene) -> tuple[tuple[str, Scene], ...]:
    """Where the single words of a message stand, by the reason that they make together."""
    return (WORDS, text), (SUBJECT_WORDS, subject)


def _total(weights: dict[str, float] | None, said: Iterable[str]) -> float:
    """The sum, rounded so that the order in which sets give their names leaves no trace."""
    return round(sum(map(weights.get, said, repeat(0.0))), 6) if weights else 0.0


def single(scene: Scene) -> frozenset[str]:
    """The different words at the start of a text; of scripts without spaces, the different pairs of letters."""
    return _single(scene.plain[:_FIRST])


@lru_cache(maxsize=4)
def _single(text: str) -> frozenset[str]:
    """Kept for a moment: subject and text are asked for codes, and again for links."""
    if text.isascii():
        return frozenset(_ASCII_WORD.findall(text))
    words: set[str] = set()
    for word in _WORD.findall(text):
        if not word.isascii() and _UNSPACED.search(word):
            words.update(word[at : at + 2] for at in range(max(1, len(word) - 1)))
        else:
            words.add(word)
    return frozenset(words)
