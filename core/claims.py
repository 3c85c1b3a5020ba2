"""Which code a run may have, waiting for it, how it ends, and why there is none."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from core import journal
from core.diagnosis import explain
from core.ids import cursor_at, cursor_moment, new_id
from core.matching import Ask, choose
from core.store import Claim, Code, Showing, State, Store, Trust
from core.waiting import Bell, Place

T = TypeVar("T")
Gone = Callable[[], bool]
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_SETTLING = timedelta(seconds=2)
"""How long a message may take from its arrival to its commit without falling behind a poll's cursor."""
_LOOK_UP = timedelta(seconds=5)
"""How often a held request looks whether its client is still there."""


@dataclass(frozen=True, kw_only=True)
class Answer(Generic[T]):
    """What was found, the cursor to ask on from, and, when nothing was found, why."""

    found: T | None
    cursor: str
    diagnosis: str | None


@dataclass(frozen=True, kw_only=True)
class Request:
    """A question with its circumstances: since when, for how long, who asks, and is the asker still there."""

    ask: Ask
    after: str = ""
    """A cursor, or "" for the default look-back."""
    wait: timedelta = timedelta()
    lease: timedelta | None = None
    run_id: str = ""
    gone: Gone = lambda: False
    showing: Showing
    may_see: Callable[[str], bool] = lambda _: False
    """Whether the asker may know of an identifier: the diagnosis names no other."""


class Claims:
    """Hands out codes: one holder at a time, in the order of asking."""

    def __init__(
        self, store: Store, bell: Bell, clock: Callable[[], datetime], look_back: timedelta, minimum: Trust
    ) -> None:
        self._store, self._bell, self._clock = store, bell, clock
        self._look_back, self._minimum = look_back, minimum
        self._stopping = False

    def stop(self) -> None:
        """Let every held request end with what there is."""
        self._stopping = True
        self._bell.ring_all()

    def latest(self, request: Request) -> Answer[Code]:
        """The newest fresh match, not consumed; raises AmbiguousCodeError."""
        started = self._clock()
        after = cursor_moment(request.after) if request.after else _EVER
        request = self._with_policy(request)

        def attempt() -> Code | None:
            now = self._clock()
            found = choose(self._store.codes.recent(request.ask.identifier, after), request.ask, now)
            return found[0] if found else None

        code = self._wait(request, attempt, after)
        if code:
            shown = replace(request.showing, identifier=code.identifier, code_id=code.id)
            self._store.audit.add(shown).result()
        cursor = cursor_at(code.received_at) if code else request.after or cursor_at(started - _SETTLING)
        return Answer(found=code, cursor=cursor, diagnosis=None if code else self._explain(request, after))

    def claim(self, request: Request) -> Answer[Claim]:
        """One code handed to one run, waiting for it in line; raises AmbiguousCodeError."""
        started = self._clock()
        request = self._with_policy(request)
        run_id = request.run_id or new_id("run", started)
        identifier = request.ask.identifier
        after = cursor_moment(request.after) if request.after else started - self._look_back
        after = max(after, self._store.codes.rejected_until(identifier, run_id) or _EVER)
        fingerprint = _fingerprint(request)

        def attempt() -> Claim | None:
            return self._attempt(request, run_id, after, fingerprint)

        claim = self._wait(request, attempt, after)
        if claim:
            journal.code_claimed(
                identifier=identifier, code_id=claim.code.id, run_id=run_id, key_id=request.showing.key_id
            )
        cursor = cursor_at(claim.code.received_at) if claim else request.after or cursor_at(after)
        return Answer(found=claim, cursor=cursor, diagnosis=None if claim else self._explain(request, after))

    def end(self, claim_id: str, outcome: State, showing: Showing) -> Claim:
        """Accept, reject or release (`FRESH`); raises NotFoundError, ClaimHeldError."""
        claim = self._store.codes.end_claim(claim_id, outcome, self._clock(), showing).result()
        journal.claim_ended(claim_id=claim_id, outcome="released" if outcome is State.FRESH else outcome.value)
        return claim

    def _attempt(self, request: Request, run_id: str, after: datetime, ask: str) -> Claim | None:
        """Try to claim; the database is written to only when a look shows something to claim."""
        now, identifier, codes = self._clock(), request.ask.identifier, self._store.codes
        held = codes.held_by(identifier, run_id, ask, now)
        if not held and not choose(codes.recent(identifier, after), request.ask, now):
            return None
        if request.gone():
            return None
        wanted = Claim(
            id=new_id("claim", now),
            code=_placeholder(identifier, now),
            run_id=run_id,
            after=after,
            ask=ask,
            lease_until=now + request.lease if request.lease else None,
        )
        made = codes.claim(wanted, lambda found: choose(found, request.ask, now), now, request.showing)
        return made.result()

    def _with_policy(self, request: Request) -> Request:
        """The request with its canonical identifier, the identifier's policy and the gateway's least trust."""
        identifier = self._store.registry.owner(request.ask.identifier) or request.ask.identifier
        policy = self._store.registry.get(identifier)
        least = max(request.ask.min_trust, self._minimum, key=lambda trust: trust.rank)
        return replace(request, ask=replace(request.ask, identifier=identifier, policy=policy, min_trust=least))

    def _wait(self, request: Request, attempt: Callable[[], T | None], after: datetime) -> T | None:
        deadline = self._clock() + request.wait
        with self._bell.place(request.ask.identifier) as place:
            while True:
                found = attempt()
                if found is not None or self._over(request, deadline):
                    return found
                self._sleep(place, request, deadline, after)

    def _over(self, request: Request, deadline: datetime) -> bool:
        return self._stopping or self._clock() >= deadline or request.gone()

    def _sleep(self, place: Place, request: Request, deadline: datetime, after: datetime) -> None:
        """Until a ring, the deadline, a lapsing lease, or the client's leaving."""
        wake_at = min([deadline, *self._lapses(request.ask.identifier, after)])
        while (now := self._clock()) < wake_at and not self._stopping:
            if place.wait(min(wake_at - now, _LOOK_UP).total_seconds()) or request.gone():
                return

    def _lapses(self, identifier: str, after: datetime) -> list[datetime]:
        now = self._clock()
        leases = [code.lease_until for code in self._store.codes.recent(identifier, after)]
        return [lease for lease in leases if lease and lease > now]

    def _explain(self, request: Request, after: datetime) -> str:
        return explain(self._store, request.ask, after, self._clock(), request.may_see)


def _fingerprint(request: Request) -> str:
    """Tells whether a run asks the same again."""
    ask = request.ask
    parts = [ask.identifier, ask.kinds, ask.senders, ask.link_hosts, ask.min_trust.value, request.after]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _placeholder(identifier: str, now: datetime) -> Code:
    """Stands in a claim for the code that is yet to be chosen; says only whose it is."""
    return Code(
        id="",
        message_id="",
        identifier=identifier,
        kind="",
        value="",
        channel="",
        received_at=now,
        expires_at=now,
    )
