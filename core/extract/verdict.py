"""Weighs the candidates of a message's parts against each other."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from core.extract import candidates, link_scoring, links, scoring
from core.extract.context import Scene
from core.extract.marks import Marker
from core.extract.result import Candidate, Kind, Part
from core.extract.view import View
from core.extract.words import Names
from core.message import Content, Link

_NAMING = frozenset({"code", "otp", "letters"})
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


def codes(scene: Scene, part: Part, around: Surroundings) -> Iterator[Candidate]:
    """Every candidate code of one part, judged."""
    if not scene.plain:
        return
    spans = _promising(scene, [span for span in candidates.find(scene.shown) if _is_worth_it(scene, span)])
    bound = candidates.find_bound(scene.folded.shown)
    if bound:
        spans = [*(s for s in spans if s.end <= bound[0].start), bound[0]]
    marker = Marker(scene, spans, around.content, part, around.subject)
    for span in spans:
        view = View(
            span=span,
            sight=scene.sight(span.start, span.end, around.aside),
            looks_like=frozenset(item.name for item in scene.lookalikes.over(span.start, span.end)),
            about=around.aside,
            marks=marker.marks(span) | around.whole,
        )
        score, reasons = scoring.judge(view)
        start, end = scene.folded.place(span.start, span.end)
        yield Candidate(
            kind=Kind.CODE, value=span.value, part=part, start=start, end=end, score=score, reasons=reasons
        )


def _is_worth_it(scene: Scene, span: candidates.Span) -> bool:
    """Letters alone are worth a look only where a word near speaks of codes or letters."""
    if span.shape not in candidates.LETTERS:
        return True
    names = scene.names_in(max(0, span.start - candidates.BESIDE), span.end + candidates.BESIDE)
    return not names.isdisjoint(_NAMING)


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
    for href, spots in by_href.items():
        anchored = [spot for spot in spots if spot.anchored]
        marks = {
            "repeated": len(spots) > 1,
            "anchored and bare": 0 < len(anchored) < len(spots),
            "only link": len(by_href) == 1,
        }
        view = link_scoring.view_of(tuple(spots), around.whole | {name for name, holds in marks.items() if holds})
        score, reasons = link_scoring.judge(view)
        yield Candidate(
            kind=Kind.LINK, value=href, part=Part.LINK if anchored else part,
            start=spots[0].start, end=spots[0].end, score=score, reasons=reasons,
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
    """Of the first candidate, against every other one and against there being none."""
    if not ranked:
        return 0.0
    peak = max(0.0, ranked[0].score)
    total = math.exp(-peak) + sum(math.exp(candidate.score - peak) for candidate in ranked)
    return math.exp(ranked[0].score - peak) / total
