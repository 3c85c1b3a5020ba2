"""What extraction answers: the winner, every candidate, and the reasons."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum


class Kind(StrEnum):
    """What a message was found to hold."""

    CODE = "code"
    LINK = "link"
    NONE = "none"
    GMAIL_CONFIRMATION = "gmail-confirmation"
    FORWARDING_CONFIRMATION = "forwarding-confirmation"


class Part(StrEnum):
    """Where a candidate stands: which text its offsets count in."""

    SUBJECT = "subject"
    TEXT = "text"
    ALTERNATIVE = "alternative"
    LINK = "link"
    """An anchor's href; the offsets are those of its label in the text."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason for (weight > 0) or against (weight < 0) a candidate; the name is a fixed phrase."""

    name: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Something that could be the code or the link; `value` is what the user would type or open."""

    kind: Kind
    value: str = field(repr=False)
    part: Part
    start: int
    end: int
    score: float
    """Log-odds that this is what the login needs."""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Validity:
    """How long the message says its code or link is good: a span from arrival, or a time of day."""

    lasts: timedelta | None = None
    until: time | None = None
    """A clock time as stated."""
    zone: tzinfo | None = None
    """The zone stated beside the clock time; None where none was."""

    def end(self, received_at: datetime) -> datetime | None:
        """When it ends, for a message that arrived then (an aware datetime); None where that is not certain."""
        if self.lasts is not None:
            return received_at + self.lasts
        if self.until is None or self.zone is None:
            return None
        local = received_at.astimezone(self.zone)
        end = local.replace(
            hour=self.until.hour, minute=self.until.minute, second=self.until.second, microsecond=0
        )
        return (end if end > local else end + timedelta(days=1)).astimezone(received_at.tzinfo)


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """What a message holds for a login.

    `value` is None exactly when `kind` is `none`; `candidates` come best first and include the winner.
    """

    kind: Kind
    value: str | None = field(default=None, repr=False)
    confidence: float = 0.0
    """Probability (0 to 1) that `kind` and `value` are right."""
    reason: str = ""
    """One sentence for a person; holds no value."""
    candidates: tuple[Candidate, ...] = ()
    bound_host: str = ""
    """Host that an origin-bound code names (`@host #code`), or ""."""
    validity: Validity | None = None
    contradicts: bool = False
    """The plain part and the visible HTML give different codes."""
