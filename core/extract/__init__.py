"""The one-time code or the sign-in link of a message, with every candidate and the reasons.

`extract` is pure: text in, `Extracted` out. The given text is folded to one alphabet (`folding`), searched for
the words of more than a hundred languages (`words`) and for what numbers otherwise are (`lookalikes`), and seen
as a whole (`shape`); every candidate (`candidates`, `links`) gets the features that hold for it (`scoring`,
`link_scoring`), whose weights add up with those of single words and their classes (`learned`).
"""

from dataclasses import replace

from core.extract import candidates, learned, relayed, shape, validity, verdict
from core.extract.candidates import find_bound
from core.extract.context import Scene
from core.extract.result import Candidate, Extracted, Kind, Part
from core.extract.verdict import Surroundings
from core.message import Content

__all__ = ["extract"]

_TOP = 600
_OUTDONE = ((1.5, 3.0), (4.0, 6.5))
"""Up to which log-odds of a code a link is taken in its place, and by how many the link must be likelier."""
_NAMED_OUTDONE = ((1.0, 3.0),)
"""Likewise where a code word names the code: it is no postal code."""
_NAMED = "a code word before"


class _Reading:
    """A message's parts as scenes, and the candidates of each."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.subject = Scene(content.subject)
        self.text = Scene(content.text, older_from=content.older_from)
        about = self.subject.names_in(0, len(self.subject.plain))
        whole = shape.marks(self.text, content, about)
        self.around = Surroundings(
            content=content,
            aside=about,
            subject=self.subject.shown,
            whole=whole,
            wording={kind: learned.of_message(kind, self.subject, self.text) for kind in (Kind.CODE, Kind.LINK)},
        )

    def codes(self) -> list[Candidate]:
        """Candidate codes of text and subject, best first."""
        top = replace(self.around, aside=self.text.names_in(0, _TOP), subject="")
        return verdict.best_first(
            [
                *verdict.codes(self.text, Part.TEXT, self.around),
                *verdict.codes(self.subject, Part.SUBJECT, top),
            ]
        )

    def links(self) -> list[Candidate]:
        """Candidate links of the text, or of the alternative where the text has none."""
        found = verdict.best_first(verdict.hrefs(self.text, Part.TEXT, self.content.links, self.around))
        if found or not self.content.alternative:
            return found
        return verdict.best_first(
            verdict.hrefs(Scene(self.content.alternative), Part.ALTERNATIVE, (), self.around)
        )

    def alternative_codes(self, known: list[Candidate]) -> list[Candidate]:
        """Candidate codes of the alternative, best first; none where it holds the best known one too."""
        said = candidates.values(self.content.alternative) - {c.value for c in known if c.score < 0}
        if not said or (known and known[0].value in said):
            return []
        return verdict.best_first(verdict.codes(Scene(self.content.alternative), Part.ALTERNATIVE, self.around))


def _is_contradicted(codes: list[Candidate], other: list[Candidate], threshold: float) -> bool:
    return (
        verdict.probability(codes) >= threshold
        and verdict.probability(other) >= threshold
        and codes[0].value != other[0].value
    )


def _is_outdone(codes: list[Candidate], links: list[Candidate]) -> bool:
    """Whether a link is so much likelier that a number which is no sure code is a postal code or the like."""
    bounds = _NAMED_OUTDONE if any(reason.name == _NAMED for reason in codes[0].reasons) else _OUTDONE
    return bool(links) and any(
        codes[0].score < sure and links[0].score > codes[0].score + more for sure, more in bounds
    )


def _reason(kind: Kind, winner: Candidate | None) -> str:
    if winner is None:
        return "Nothing in it looks like a code or a sign-in link."
    strongest = sorted(winner.reasons, key=lambda reason: -abs(reason.weight))
    side = [r.name for r in strongest if (r.weight < 0) == (kind is Kind.NONE)][:3]
    said = {Kind.CODE: "A code", Kind.LINK: "A sign-in link"}.get(kind, "Nothing likely enough; against the best")
    return f"{said}: {', '.join(side)}."


def extract(content: Content, *, threshold: float = 0.5) -> Extracted:
    """Find what the login needs: the code, else the link; `none` below the threshold, with the candidates."""
    reading = _Reading(relayed.unwrapped(content))
    codes = reading.codes()
    other = reading.alternative_codes(codes)
    contradicts = _is_contradicted(codes, other, threshold)
    if verdict.probability(codes) < threshold <= verdict.probability(other):
        codes = other
    links = reading.links()
    kind, ranked, winner = Kind.NONE, codes + links, max(codes + links, key=lambda c: c.score, default=None)
    chance = 1 - max(verdict.probability(codes), verdict.probability(links))
    if verdict.probability(codes) >= threshold and not _is_outdone(codes, links):
        kind, winner, chance = Kind.CODE, codes[0], verdict.probability(codes)
    elif verdict.probability(links) >= threshold:
        kind, ranked, winner, chance = Kind.LINK, links + codes, links[0], verdict.probability(links)
    bound = find_bound(reading.text.folded.shown)
    return Extracted(
        kind=kind,
        value=winner.value if winner and kind is not Kind.NONE else None,
        confidence=chance,
        reason=_reason(kind, winner),
        candidates=tuple(ranked),
        bound_host=bound[1] if bound else "",
        validity=validity.find(reading.text),
        contradicts=contradicts,
    )
