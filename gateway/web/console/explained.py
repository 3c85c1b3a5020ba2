"""What was made of one message, in the shapes that its page shows: why this code, or why none."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from core.store import Code, Message, Showing, State
from gateway.web.console.visible import Piece, pieces

LONGEST_TEXT = 100_000
"""Characters of a text that are shown."""
_FOUND = frozenset({"code", "link"})
_SHORTEST_AGAIN, _MOST_AGAIN = 3, 50
"""The same text is marked wherever it is written again, if it has so many characters, and so many times."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One candidate: its place from 1, whether it won, and what speaks for and against it, strongest first."""

    rank: int
    won: bool
    kind: str
    value: str = field(repr=False)
    part: str
    score: float
    reasons_for: tuple[Mapping[str, Any], ...]
    reasons_against: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A message with its candidates, and its texts in runs with each candidate marked."""

    message: Message
    candidates: tuple[Standing, ...]
    subject: tuple[Piece, ...] = field(repr=False)
    text: tuple[Piece, ...] = field(repr=False)
    alternative: tuple[Piece, ...] = field(repr=False)
    unshown: int = 0
    """Characters of the text that are left out."""
    envelope: tuple[tuple[str, str], ...] = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that happened to a message: when, what, and by whom."""

    at: datetime
    what: str
    who: str = ""
    times: int = 1


def explained(message: Message) -> Explained:
    """A message, ready to be shown; marks stand where extraction noted them at the time."""
    text, alternative = message.text[:LONGEST_TEXT], message.alternative[:LONGEST_TEXT]
    texts = {"subject": message.subject, "text": text, "link": text, "alternative": alternative}
    said = message.headers
    return Explained(
        message=message,
        candidates=tuple(_standing(message, place, one) for place, one in enumerate(message.candidates, start=1)),
        subject=tuple(pieces(message.subject, _spans(message.candidates, texts, "subject"))),
        text=tuple(pieces(text, _spans(message.candidates, texts, "text"))),
        alternative=tuple(pieces(alternative, _spans(message.candidates, texts, "alternative"))),
        unshown=len(message.text) - len(text),
        envelope=tuple(pair for pair in said if " " in pair[0]),
        headers=tuple(pair for pair in said if " " not in pair[0]),
    )


def _standing(message: Message, place: int, one: Mapping[str, Any]) -> Standing:
    weighed = sorted(one["reasons"], key=lambda reason: -abs(reason["weight"]))
    return Standing(
        rank=place,
        won=place == 1 and message.kind in _FOUND,
        kind=one["kind"],
        value=one["value"],
        part=one["part"],
        score=one["score"],
        reasons_for=tuple(reason for reason in weighed if reason["weight"] > 0),
        reasons_against=tuple(reason for reason in weighed if reason["weight"] < 0),
    )


def _spans(
    candidates: Iterable[Mapping[str, Any]], texts: Mapping[str, str], part: str
) -> list[tuple[int, int, int]]:
    """Where candidates stand in one of the texts: where each was found, and wherever else the same is written."""
    spans: list[tuple[int, int, int]] = []
    for rank, one in enumerate(candidates, start=1):
        of, start, end = one["part"], one["start"], one["end"]
        if texts.get(of) == texts[part]:
            spans.append((start, end, rank))
        written = texts.get(of, "")[start:end]
        if len(written) >= _SHORTEST_AGAIN and of != "link":
            again = re.finditer(rf"(?<!\w){re.escape(written)}(?!\w)", texts[part])
            spans += [(match.start(), match.end(), rank) for match in islice(again, _MOST_AGAIN)]
    return spans


_ENDED = {State.SUPERSEDED: "Superseded by a newer code that worked", State.EXPIRED: "Expired, unused"}
_WORDS = {
    ("claim", "shown"): "Claimed",
    ("claim", State.ACCEPTED.value): "Accepted: it worked",
    ("claim", State.REJECTED.value): "Rejected: it did not work",
    ("claim", State.FRESH.value): "Handed back",
    ("relay", "relay"): "Claimed for Skyvern",
    ("relay", "relayed"): "Pushed to Skyvern",
    ("relay", "refused"): "Refused by Skyvern, handed back",
    ("pull", "shown"): "Pulled by Skyvern",
    ("latest", "shown"): "Looked at by a poll",
    ("push", "shown"): "Answered to whoever pushed it",
}
_LOOKED = "Shown to a person or a list"


def steps(
    message: Message, codes: Sequence[Code], shown: Sequence[Showing], names: Mapping[str, str], now: datetime
) -> list[Step]:
    """What happened to a message and its codes, in order of time; `names` are those of API keys by their ids."""
    client = dict(message.headers).get("client address", "")
    door = f"Came in by {message.door}" + (f" from {client}" if client else "")
    found = [
        Step(at=code.received_at, what=f"{code.kind.capitalize()} stored, good for {_span(code)}")
        for code in codes
        if not code.alternate
    ]
    told = [Step(at=one.at, what=_what(one), who=_who(one, names)) for one in shown]
    ended = [
        Step(at=code.expires_at if state is State.EXPIRED else now, what=_ENDED[state])
        for code in codes
        if not code.alternate and (state := code.state_at(now)) in _ENDED
    ]
    first = Step(at=message.received_at, what=door, who=f"trace {message.trace_id}")
    return [first, *found, *_gathered(sorted([*told, *ended], key=lambda step: step.at))]


def _gathered(told: Iterable[Step]) -> list[Step]:
    """The same thing by the same one again and again as one step."""
    gathered: list[Step] = []
    for step in told:
        last = gathered[-1] if gathered else None
        if last and (last.what, last.who) == (step.what, step.who):
            gathered[-1] = Step(at=last.at, what=last.what, who=last.who, times=last.times + 1)
        else:
            gathered.append(step)
    return gathered


def _what(one: Showing) -> str:
    return _WORDS.get((one.action, one.result), _LOOKED)


def _who(one: Showing, names: Mapping[str, str]) -> str:
    key = f"key {names.get(one.key_id, one.key_id)}" if one.key_id else ""
    return ", ".join(part for part in (f"run {one.run_id}" if one.run_id else "", key) if part)


def _span(code: Code) -> str:
    minutes = round((code.expires_at - code.received_at) / timedelta(minutes=1))
    hours = 60
    return f"{minutes} min" if minutes < 2 * hours else f"{round(minutes / hours)} hours"
