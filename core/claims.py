"""Which code a run may have, waiting for it, how it ends, and why there is none."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from core import journal
from core.authenticator import Authenticator
from core.diagnosis import explain
from core.errors import OtpgateError
from core.ids import cursor_at, cursor_moment, new_id
from core.matching import Ask, choose
from core.store import Claim, Code, Showing, State, Store, Trust
from core.waiting import Bell, Patience, Try, in_line

T = TypeVar("T")
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_SETTLING = timedelta(seconds=10)
"""How long a message may take from its arrival to its commit without falling behind a poll's cursor."""


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
    gone: Callable[[], bool] = lambda: False
    check: Callable[[], None] = lambda: None
    """Raises when the asker, who may have waited long, may have nothing any more; asked before it is answered."""
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
        self._authenticator = Authenticator(store, clock)

    def stop(self) -> None:
        """Let every held request end with what there is."""
        self._bell.stop()

    def latest(self, request: Request) -> Answer[Code]:
        """The newest fresh match, not consumed; raises AmbiguousCodeError."""
        started = self._clock()
        after = cursor_moment(request.after) if request.after else _EVER
        request = self._with_policy(request)

        def attempt(seen: Sequence[Code]) -> Try[Code]:
            now, ask = self._clock(), request.ask
            codes = [code for code in seen if code.received_at > after]
            found = next(iter(choose(codes, ask, now)), None)
            if not found and "totp" in ask.kinds:
                found = self._authenticator.look(ask.identifier, ask.issuer)
            return Try(found=found, again_at=_next_lapse(codes, now))

        code = self._wait(request, attempt)
        request.check()
        if code and not request.gone():
            shown = replace(
                request.showing, identifier=code.identifier, code_id=code.id, message_id=code.message_id
            )
            self._store.audit.add(shown).result()
        cursor = cursor_at(code.received_at) if code else request.after or cursor_at(started - _SETTLING)
        return Answer(found=code, cursor=cursor, diagnosis=None if code else self._explain(request, after))

    def claim(self, request: Request) -> Answer[Claim]:
        """One code handed to one run, waiting for it in line; raises AmbiguousCodeError, AmbiguousIssuerError."""
        started = self._clock()
        request = self._with_policy(replace(request, run_id=request.run_id or new_id("run", started)))
        rejected = self._store.claims.rejected_until(request.ask.identifier, request.run_id)
        after = cursor_moment(request.after) if request.after else started - self._look_back
        after, until = max(after, rejected or _EVER), started + request.wait
        wanted = _wanted(request, after, started)
        claim = self._wait(request, lambda seen: self._attempt(request, wanted, until, seen))
        self._check(request, wanted, claim)
        cursor = cursor_at(claim.code.received_at) if claim else request.after or cursor_at(after)
        return Answer(found=claim, cursor=cursor, diagnosis=None if claim else self._explain(request, after))

    def end(self, claim_id: str, outcome: State, showing: Showing) -> Claim:
        """Accept, reject or release (`FRESH`); raises NotFoundError, ClaimHeldError."""
        claim = self._store.claims.end(claim_id, outcome, self._clock(), showing).result()
        journal.claim_ended(claim_id=claim_id, outcome="released" if outcome is State.FRESH else outcome.value)
        return claim

    def _wait(self, request: Request, attempt: Callable[[list[Code]], Try[T]]) -> T | None:
        identifier = request.ask.identifier
        patience = Patience(clock=self._clock, wait=request.wait, gone=request.gone)
        return in_line(
            self._bell,
            identifier,
            lambda: self._store.codes.usable(identifier, _EVER, self._clock()),
            attempt,
            patience,
        )

    def _attempt(self, request: Request, wanted: Claim, until: datetime, seen: list[Code]) -> Try[Claim]:
        """Try to claim; the database is written to only when there is something to claim in what was seen."""
        now, ask = self._clock(), request.ask
        codes = [code for code in seen if code.received_at > wanted.after]
        tried = Try[Claim](again_at=_next_lapse(codes, now))
        if request.gone():
            return tried
        wanted = replace(wanted, lease_until=now + request.lease if request.lease else None)
        if choose(codes, ask, now) or self._holds(wanted, seen, now):
            tried = replace(tried, found=self._make(wanted, request, seen))
        if not tried.found and "totp" in ask.kinds:
            tried = tried.or_else(self._authenticator.attempt(wanted, ask.issuer, until, request.showing))
        kept = tried.found and self._still_wanted(tried.found, wanted, request)
        return tried if kept else replace(tried, found=None)

    def _holds(self, wanted: Claim, seen: Sequence[Code], now: datetime) -> bool:
        """Whether the run holds what it asks for already."""
        held = self._store.claims.held_by
        return any(code.holder == wanted.run_id for code in seen) and bool(
            held(wanted.code.identifier, wanted.run_id, wanted.ask, now)
        )

    def _make(self, wanted: Claim, request: Request, seen: list[Code]) -> Claim | None:
        """The claim, made of what was seen: what came since is for those before in the line."""
        now, known = self._clock(), {code.id for code in seen}
        made = self._store.claims.make(
            wanted,
            lambda found: choose([code for code in found if code.id in known], request.ask, now),
            now,
            request.showing,
        ).result()
        if made:
            seen[:] = [made.code if code.id == made.code.id else code for code in seen]
        return made

    def _still_wanted(self, made: Claim, wanted: Claim, request: Request) -> bool:
        """Whether the client is there to take it; what was made for one that left goes back."""
        if request.gone() and self._gave_back(made, wanted, request, "client left"):
            return False
        journal.code_claimed(
            identifier=made.code.identifier,
            code_id=made.code.id,
            run_id=made.run_id,
            key_id=request.showing.key_id,
            seconds=(self._clock() - made.code.received_at).total_seconds(),
        )
        return True

    def _check(self, request: Request, wanted: Claim, made: Claim | None) -> None:
        """Raises what the request's check does; what was claimed goes back then."""
        try:
            request.check()
        except OtpgateError:
            if made:
                self._gave_back(made, wanted, request, "key ended")
            raise

    def _gave_back(self, made: Claim, wanted: Claim, request: Request, why: str) -> bool:
        """Whether the claim was of this request's making, and is released now; what its run held before stays."""
        if made.id != wanted.id:
            return False
        self.end(made.id, State.FRESH, replace(request.showing, at=self._clock(), result=why))
        return True

    def _with_policy(self, request: Request) -> Request:
        """The request with its canonical identifier, the identifier's policy and the gateway's least trust."""
        identifier = self._store.registry.owner(request.ask.identifier) or request.ask.identifier
        policy = self._store.registry.get(identifier)
        least = max(request.ask.min_trust, self._minimum, key=lambda trust: trust.rank)
        return replace(request, ask=replace(request.ask, identifier=identifier, policy=policy, min_trust=least))

    def _explain(self, request: Request, after: datetime) -> str:
        ask = request.ask
        found = self._authenticator.explain(ask.identifier, ask.issuer, ask.kinds) if "totp" in ask.kinds else ""
        return found or explain(self._store, ask, after, self._clock(), request.may_see)


def _wanted(request: Request, after: datetime, now: datetime) -> Claim:
    """The claim to make, its code yet to be chosen; a lease begins when it is."""
    return Claim(
        id=new_id("claim", now),
        code=_yet_to_be_chosen(request.ask.identifier, now),
        run_id=request.run_id,
        after=after,
        ask=_fingerprint(request),
    )


def _next_lapse(codes: Sequence[Code], now: datetime) -> datetime | None:
    """When the first of the leases on these codes is over."""
    return min((code.lease_until for code in codes if code.lease_until and code.lease_until > now), default=None)


def _fingerprint(request: Request) -> str:
    """Tells whether a run asks the same again."""
    ask = request.ask
    parts = [
        ask.identifier,
        ask.kinds,
        ask.senders,
        ask.link_hosts,
        ask.min_trust.value,
        ask.issuer,
        request.after,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _yet_to_be_chosen(identifier: str, now: datetime) -> Code:
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
