"""Plain frozen values that go into and come out of the store; rows never leave it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any


class State(StrEnum):
    """Where a code stands (CONTRACT, "state")."""

    FRESH = "fresh"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class Trust(StrEnum):
    """How much vouches for a message; later ones include earlier ones."""

    NONE = "none"
    ROUTE = "route"
    AUTHOR = "author"

    @property
    def rank(self) -> int:
        """0, 1 or 2."""
        return _RANKS[self]


_RANKS = {trust: rank for rank, trust in enumerate(Trust)}


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message for one identifier, and what was made of it."""

    id: str
    trace_id: str
    door: str
    channel: str
    identifier: str
    identity_source: str
    identity_evidence: str = ""
    sender: str = ""
    sender_name: str = ""
    sender_domain: str = ""
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    route: str = "open"
    author: str = ""
    evidence: str = ""
    kind: str = "none"
    value: str = field(default="", repr=False)
    """The link of a forwarding confirmation, else ""."""
    confidence: float = 0.0
    reason: str = ""
    verdict: str = ""
    """What went wrong with it, in fixed phrases; "" for nothing."""
    candidates_text: str = field(default="", repr=False)
    """The candidates as JSON; "" for none. Hardly anybody asks for them, so they stay as they were written."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What it came with: what SMTP said, under names that no header can have, then the mail's headers in order."""
    alternative: str = field(default="", repr=False)
    """The plain part, where a candidate stands in it and `text` is another one."""
    source: str = ""
    run_id: str = ""
    workflow_id: str = ""
    task_id: str = ""
    received_at: datetime
    size: int = 0

    @cached_property
    def candidates(self) -> tuple[Mapping[str, Any], ...]:
        """All that could be the code or the link, best first, each with its reasons."""
        return tuple(json.loads(self.candidates_text or "[]"))


@dataclass(frozen=True, kw_only=True)
class Code:
    """One code or link for one identifier."""

    id: str
    message_id: str
    identifier: str
    kind: str
    value: str = field(repr=False)
    alternate: bool = False
    """A link beside a code in the same message: served only where no code is wanted."""
    channel: str
    sender: str = ""
    sender_domain: str = ""
    bound_host: str = ""
    subject: str = field(default="", repr=False)
    link_host: str = ""
    host_expected: bool = False
    """The link's host needs no naming: it is the author's, or a key's holder pushed the bare URL."""
    route: str = "open"
    author: str = ""
    evidence: str = ""
    confidence: float = 0.0
    contradicts: bool = False
    source: str = ""
    run_id: str = ""
    workflow_id: str = ""
    task_id: str = ""
    received_at: datetime
    expires_at: datetime
    state: State = State.FRESH
    claim_id: str = ""
    holder: str = ""
    """The run that holds it."""
    lease_until: datetime | None = None

    @property
    def trust(self) -> Trust:
        """How much vouches for it."""
        if self.author:
            return Trust.AUTHOR
        return Trust.NONE if self.route == "open" else Trust.ROUTE

    def state_at(self, now: datetime) -> State:
        """Its state then: a fresh one past its end is expired, a lapsed claim is fresh again."""
        if self.state not in {State.FRESH, State.CLAIMED}:
            return self.state
        if self.expires_at <= now:
            return State.EXPIRED
        lapsed = self.lease_until is not None and self.lease_until <= now
        return State.FRESH if lapsed else self.state


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One run holding one code."""

    id: str
    code: Code
    run_id: str
    after: datetime
    """The run's cursor, or where its look-back began."""
    ask: str = ""
    """Fingerprint of what was asked, so that the same question gets the same code."""
    lease_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """An API key as stored: never the key itself."""

    id: str
    name: str
    scopes: tuple[str, ...]
    only: tuple[str, ...] = ()
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """A registered identifier and its policy."""

    identifier: str
    secret_address: str = field(repr=False)
    """Local part of the address that we issued for it."""
    aliases: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    link_hosts: tuple[str, ...] = ()
    min_trust: str = ""
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Showing:
    """One audit row: a value that was shown, to whom, and how it ended."""

    at: datetime
    action: str
    result: str
    key_id: str = ""
    identifier: str = ""
    code_id: str = ""
    message_id: str = ""
    run_id: str = ""
    address: str = ""
