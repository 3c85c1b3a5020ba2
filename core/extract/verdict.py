"""Weighs the candidates of a message's parts against each other."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from core.extract import candidates, link_scoring, link_view, links, naming, numerals, scoring
from core.extract.context import Scene
from core.extract.folding import plain
from core.extract.link_standing import Company
from core.extract.marks import Marker
from core.extract.result import Candidate, Kind, Part, Reason
from core.extract.spelling import is_unpronounceable
from core.extract.spoken import Names
from core.extract.view import CODE, MIXED, View
from core.message import Content, Link

_NAMING = frozenset({"code", "otp", "letters"})
_ASKS_FOR = frozenset({"code", "otp", "letters", "digits", "enter", "is"})
_ASKING = frozenset({"enter", "verify", "login", "notme"})
_CLOSE = 14
_SHORTEST = 4
_TEMPER = 1.7
_EXPLAINED = frozenset(
    {"joined", "part", "number sign", "word and number", "in a name", "money next", "unit next", "month next",
     "suffix", "hash", "sender", "forwarded from"}
)  # fmt: skip
_NOTICE = frozenset({"only a notice", "only an old one"})
"""What a message is not, for a code that a sentence of its own names."""
_ELSES = frozenset({"masked", "phone"})
_OTHER = frozenset({"ref", "card", "phone", "place", "money", "to", "meeting", "booking", "parcel", "promo"})
_LIST = 4
"""Different values that make a list."""
SHOWN = 12
"""Candidates of a kind that are kept for showing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What is known of a message outside the part that is judged."""

    content: Content = field(repr=False)
    aside: Names
    """Word classes of the subject, or of the top of the text for the subject itself."""
    subject: str = field(default="", repr=False)
    whole: frozenset[str]
    """The marks of the message as a whole (`shape.marks`)."""
    wording: Mapping[Kind, tuple[Reason, ...]]
    """What its single words weigh for a code and for a link (`learned.of_message`)."""


def codes(scene: Scene, part: Part, around: Surroundings) -> Iterator[Candidate]:
    """Every candidate code of one part, judged."""
    if not scene.plain:
        return
    found = [
        *candidates.find(scene.shown),
        *(candidates.Span(*place, "in words") for place in numerals.find(scene.plain)),
        *candidates.named(scene.shown, (hit.end for hit in scene.hits if not hit.names.isdisjoint(CODE))),
        *candidates.asked_for(scene.shown, (hit.end for hit in scene.hits if not hit.names.isdisjoint(_ASKS_FOR))),
    ]
    spans = _promising(scene, sorted(span for span in found if _is_worth_it(scene, span)))
    bound = candidates.find_bound(scene.folded.shown)
    if bound:
        spans = [*(s for s in spans if s.end <= bound[0].start), bound[0]]
    if not spans:
        return
    marker = Marker(scene, spans, around.content, part, around.subject)
    views = [_view(scene, span, marker, around) for span in spans]
    _look_at_the_others(views)
    _look_for_lists(scene.plain, views)
    for view, (score, reasons) in zip(views, scoring.judge(views, around.wording[Kind.CODE]), strict=True):
        span = view.span
        start, end = scene.folded.place(span.start, span.end)
        yield Candidate(
            kind=Kind.CODE, value=span.value, part=part, start=start, end=end, score=score, reasons=reasons
        )


def _view(scene: Scene, span: candidates.Span, marker: Marker, around: Surroundings) -> View:
    sight = scene.sight(span.start, span.end, around.aside)
    return View(
        span=span,
        sight=sight,
        looks_like=_looks_like(scene, span),
        about=around.aside,
        marks=marker.marks(span) | (around.whole - _NOTICE if naming.is_plain(sight) else around.whole),
    )


def _look_at_the_others(views: list[View]) -> None:
    """Mark in each view what only the others can tell of it."""
    left = [view for view in views if _is_unexplained(view)]
    unexplained = {view.span.value for view in left if "year" not in view.marks} or {v.span.value for v in left}
    for view in left:
        if unexplained == {view.span.value}:
            view.marks |= {"unexplained"}
    for mark, tells in _ELSEWHERE.items():
        values = {view.span.value for view in views if tells(view)}
        for view in views:
            if view.span.value in values and not tells(view):
                view.marks |= {mark}


def _look_for_lists(plain: str, views: list[View]) -> None:
    """Mark numbers of one form that follow each other with no word between, as recovery codes do."""
    runs: dict[tuple[str, int], list[list[View]]] = defaultdict(lambda: [[]])
    for view in views:
        alike = runs[view.span.shape, len(view.span.value)]
        if alike[-1] and any(map(str.isalpha, plain[alike[-1][-1].span.end : view.span.start])):
            alike.append([])
        alike[-1].append(view)
    for run in chain.from_iterable(runs.values()):
        if len({view.span.value for view in run}) >= _LIST:
            for view in run:
                view.marks |= {"one of a list"}


def _looks_like(scene: Scene, span: candidates.Span) -> frozenset[str]:
    """What it reads as; a random word such as `MLV4H` is no time for the `4h` in it, `N12,000` an amount."""
    found = scene.lookalikes.over(span.start, span.end)
    first = scene.shown[span.start : span.end].partition(" ")[0]
    if span.shape in MIXED and (span.shape != "spaced" or not (first.isdigit() or first.isalpha())):
        found = [
            item for item in found if item.end >= span.end and item.start <= span.start + (item.name == "amount")
        ]
    return frozenset(item.name for item in found)


def _is_reference(view: View) -> bool:
    return "ref" in view.sight.label and view.sight.label.isdisjoint(CODE)


def _is_somebody_elses(view: View) -> bool:
    """Whether it is the end of a card, or a number to call."""
    return bool(view.looks_like & _ELSES) or ("card" in view.sight.label and view.sight.label.isdisjoint(CODE))


_ELSEWHERE: dict[str, Callable[[View], bool]] = {
    "a reference elsewhere": _is_reference,
    "explained elsewhere": _is_somebody_elses,
    "at the foot as well": lambda view: "foot" in view.marks,
}
"""What another place of the same value tells of it, by the mark that it gives."""


def _is_unexplained(view: View) -> bool:
    """Whether a number is no date, amount, reference or the like by its looks or by the word before it."""
    return (
        not view.looks_like
        and any(map(str.isdigit, view.span.value))
        and len(view.span.value) >= _SHORTEST
        and view.marks.isdisjoint(_EXPLAINED)
        and (view.sight.label.isdisjoint(_OTHER) or not view.sight.label.isdisjoint(CODE))
    )


def _is_worth_it(scene: Scene, span: candidates.Span) -> bool:
    """Letters alone are worth a look only where a word near speaks of codes or letters."""
    if span.shape not in candidates.LETTERS:
        return True
    names = scene.names_in(max(0, span.start - candidates.BESIDE), span.end + candidates.BESIDE)
    if is_unpronounceable(span.value):
        return not names.isdisjoint(_NAMING | _ASKING)
    return not names.isdisjoint(_NAMING) or "enter" in scene.names_in(max(0, span.start - _CLOSE), span.start)


def _promising(scene: Scene, spans: list[candidates.Span]) -> list[candidates.Span]:
    """At most `LIMIT` spans: where there are more, those with the most telling words near."""
    if len(spans) <= candidates.LIMIT:
        return spans

    def promise(span: candidates.Span) -> int:
        names = scene.names_in(max(0, span.start - candidates.NEAR), span.end + candidates.NEAR)
        return len(names & candidates.TELLING)

    return sorted(sorted(spans, key=promise, reverse=True)[: candidates.LIMIT])


def hrefs(scene: Scene, part: Part, anchors: tuple[Link, ...], around: Surroundings) -> Iterator[Candidate]:
    """Every link of one part, judged; the same href counts once."""
    by_href: dict[str, list[links.Spot]] = defaultdict(list)
    for spot in links.find(scene, anchors, around.aside):
        by_href[spot.href].append(spot)
    company = Company(scene, plain(around.subject), by_href)
    marked = [around.whole | company.marks(href, spots) for href, spots in by_href.items()]
    views = [link_view.view_of(tuple(s), m, around.aside) for s, m in zip(by_href.values(), marked, strict=True)]
    for view, (score, reasons) in zip(views, link_scoring.judge(views, around.wording[Kind.LINK]), strict=True):
        first, anchored = view.spots[0], any(spot.anchored for spot in view.spots)
        yield Candidate(
            kind=Kind.LINK, value=first.href, part=Part.LINK if anchored else part,
            start=first.start, end=first.end, score=score, reasons=reasons,
        )  # fmt: skip


def best_first(found: Iterable[Candidate]) -> list[Candidate]:
    """One candidate a value, the best scored, best first."""
    kept: dict[str, Candidate] = {}
    for candidate in found:
        known = kept.get(candidate.value)
        if known is None or candidate.score > known.score:
            kept[candidate.value] = candidate
    return sorted(kept.values(), key=lambda c: (-c.score, c.start))[:SHOWN]


def probability(ranked: list[Candidate]) -> float:
    """How sure the first candidate is, against every other one and against there being none.

    On messages that were left out of fitting, in turn, one in a hundred of those answered at 0.9 or more was
    wrong; divided by `_TEMPER`, the log-odds leave about one in two hundred above 0.9, and 0.5 where it was.
    """
    if not ranked:
        return 0.0
    peak = max(0.0, ranked[0].score)
    others = math.exp(-peak) + sum(math.exp(candidate.score - peak) for candidate in ranked[1:])
    odds = math.exp(ranked[0].score - peak) / others
    return 1 / (1 + odds ** (-1 / _TEMPER)) if odds else 0.0
