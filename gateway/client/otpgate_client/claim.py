"""One code held by one run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What the gateway handed to this run; `value` is the code to type or the link to open."""

    id: str
    kind: str
    value: str = field(repr=False)
    identifier: str
    run_id: str
    channel: str
    sender: str
    sender_domain: str
    subject: str = field(repr=False)
    link_host: str
    route: str
    author: str
    confidence: float
    received_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """The claim in the gateway's JSON; members that this version does not know are left out."""
        texts = ("kind", "value", "identifier", "run_id", "channel", "sender", "sender_domain", "subject")
        return cls(
            id=str(given["claim_id"]),
            **{name: str(given.get(name) or "") for name in (*texts, "link_host", "route", "author")},
            confidence=float(given.get("confidence") or 0),
            received_at=_moment(given.get("received_at")),
            expires_at=_moment(given.get("expires_at")),
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
