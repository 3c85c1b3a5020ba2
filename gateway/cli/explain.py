"""`otpgate parse --explain`: a message's candidates, for and against, and whose it is, for a person."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.extract.result import Candidate, Kind, Part
from core.message import Content
from core.reading import Reading
from core.recipients import Recipient
from gateway.cli.samples import Sample
from gateway.cli.terminal import visible

_AROUND = 40
"""Characters of the line shown on each side of a candidate."""
_LONGEST_VALUE = 60


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What was found in a message and whose it is; `recipient` is None when nothing says so."""

    reading: Reading
    recipient: Recipient | None


def explain_to_person(sample: Sample, parsed: Parsed | None) -> None:
    """Print what was made of a sample: the verdict, whose it is and why, and every candidate, winner first."""
    console = Console(highlight=False)
    console.rule(Text(visible(str(sample.file or f"line {sample.id}")), style="bold"), align="left")
    if parsed is None:
        console.print(Text(f"not read: {sample.error}", style="red"))
        return
    for label, text in _summary(parsed):
        console.print(Text.assemble((f"{label:<10}", "dim"), visible(text)))
    if parsed.reading.extracted.candidates:
        console.print(_table(parsed.reading))
    console.print()


def _summary(parsed: Parsed) -> Iterator[tuple[str, str]]:
    reading, found, whose = parsed.reading, parsed.reading.extracted, parsed.recipient
    yield "found", " ".join(part for part in (found.kind.value, found.value) if part)
    yield "because", f"{found.reason} ({found.confidence:.0%} sure)"
    yield "for", f"{whose.identifier} ({whose.source}: {whose.evidence})" if whose else "nobody that it names"
    yield "from", " ".join(part for part in (reading.content.sender_name, reading.content.sender) if part)
    if reading.original:
        yield "forwarded", "a person forwarded it: the inner message is read"
    if found.contradicts:
        yield "beware", "the plain part and the visible HTML give different codes"
    if reading.verdict:
        yield "trouble", reading.verdict


def _table(reading: Reading) -> Table:
    table = Table(
        "value", "score", "where it stands", "for and against", box=None, header_style="bold", padding=(0, 2, 1, 0)
    )
    found = reading.extracted
    for place, candidate in enumerate(found.candidates):
        won = place == 0 and found.kind is not Kind.NONE
        value = Text(_short(visible(candidate.value)), style="bold green" if won else "")
        table.add_row(value, f"{candidate.score:+.1f}", _standing(candidate, reading.content), _reasons(candidate))
    return table


def _reasons(candidate: Candidate) -> Text:
    lines = [
        Text(f"{reason.weight:+.1f} {reason.name}", style="green" if reason.weight > 0 else "red")
        for reason in sorted(candidate.reasons, key=lambda reason: -reason.weight)
    ]
    return Text("\n").join(lines)


def _standing(candidate: Candidate, content: Content) -> Text:
    """The line in which a candidate stands, the candidate itself marked."""
    texts = {Part.SUBJECT: content.subject, Part.ALTERNATIVE: content.alternative}
    text, start, end = texts.get(candidate.part, content.text), candidate.start, candidate.end
    first = max(text.rfind("\n", 0, start) + 1, start - _AROUND)
    stop = text.find("\n", end)
    last = min(stop if stop >= 0 else len(text), end + _AROUND)
    where = {Part.SUBJECT: "subject: ", Part.ALTERNATIVE: "plain part: "}.get(candidate.part, "")
    marked = visible(_short(text[start:end])).replace("\n", " ")
    return Text.assemble((where, "dim"), visible(text[first:start]), (marked, "reverse"), visible(text[end:last]))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
