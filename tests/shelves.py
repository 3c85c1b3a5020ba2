"""An open store with a clock that tests set, and codes put there without reading messages."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.claims import Claims, Request
from core.ids import cursor_at
from core.matching import Ask
from core.secrets import Key
from core.store import Claim, Code, Message, Showing, State, Store, Trust, open_store
from core.turns import Turns
from core.waiting import Bell

KEY = Key(material=b"0123456789abcdef0123456789abcdef")


def open_shelf(url: str, clock: "Clock") -> "Shelf":
    """An open store of a migrated database."""
    bell = Bell()
    return Shelf(store=open_store(url, bell.ring, [KEY]), bell=bell, clock=clock)


class Clock:
    """A clock that stands still but for a microsecond a look, until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The present moment."""
        self.now += timedelta(microseconds=1)
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """An open store with its bell and a clock, and a way to put codes there without reading messages."""

    store: Store
    bell: Bell
    clock: Clock

    def arrive(self, identifier: str, value: str = "482913", lasts: float = 600, **fields: Any) -> Code:
        """Stores a message that holds a code."""
        message, code = self.of(identifier, value, lasts, **fields)
        assert self.store.messages.add([(message, (code,), message.id)]).result() == (True,)
        return code

    def of(
        self, identifier: str, value: str = "482913", lasts: float = 600, **fields: Any
    ) -> tuple[Message, Code]:
        """A message and its code, not stored."""
        now, number = self.clock(), uuid.uuid4().hex[:16]
        message = Message(
            id=f"msg_{number}",
            trace_id=number,
            door="push",
            channel=fields.get("channel", "email"),
            identifier=identifier,
            identity_source="pushed",
            kind="code",
            received_at=now,
        )
        given = {"kind": "code", "channel": "email", "sender": "a@acme.example", "sender_domain": "acme.example"}
        expires = now + timedelta(seconds=lasts)
        code = Code(
            id=f"code_{number}",
            message_id=message.id,
            identifier=identifier,
            value=value,
            received_at=now,
            expires_at=expires,
            **{**given, **fields},
        )
        return message, code


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Claims and turns over a shelf, asked in few words."""

    shelf: Shelf
    claims: Claims
    turns: Turns

    def request(self, identifier: str, run: str = "", **fields: Any) -> Request:
        """A question; `fields` are those of Request, and of its Ask."""
        circumstances = ("after", "wait", "lease", "gone", "check", "may_see")
        of_request = {name: fields.pop(name) for name in circumstances if name in fields}
        ask = Ask(identifier=identifier, names=(run,) if run else (), **fields)
        showing = Showing(at=self.shelf.clock(), action="claim", result="shown", key_id="test")
        return Request(ask=ask, run_id=run, showing=showing, **of_request)

    def claim(self, identifier: str, run: str = "", **fields: Any) -> Claim | None:
        """The claim that a run gets, or None."""
        return self.claims.claim(self.request(identifier, run, **fields)).found

    def why(self, identifier: str, run: str = "", **fields: Any) -> str:
        """Why a run gets none."""
        return self.claims.claim(self.request(identifier, run, **fields)).diagnosis or ""

    def latest(self, identifier: str, **fields: Any) -> Code | None:
        """The newest fresh match, or None."""
        return self.claims.latest(self.request(identifier, **fields)).found

    def end(self, claim: Claim, outcome: State) -> Claim:
        """Accepts, rejects or releases (fresh)."""
        return self.claims.end(
            claim.id, outcome, Showing(at=self.shelf.clock(), action="end", result=outcome.value)
        )

    def cursor(self) -> str:
        """A cursor for now."""
        return cursor_at(self.shelf.clock())


def open_desk(shelf: Shelf, clock: Callable[[], datetime] | None = None) -> Desk:
    """Claims and turns over an open store."""
    now = clock or shelf.clock
    claims = Claims(shelf.store, shelf.bell, now, timedelta(seconds=120), Trust.NONE)
    return Desk(shelf=shelf, claims=claims, turns=Turns(shelf.store, shelf.bell, now))
