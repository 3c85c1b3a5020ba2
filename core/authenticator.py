"""Codes made from stored secrets: which secret, when a run may have its next code, and why not yet."""

import shlex
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from core.errors import AmbiguousIssuerError, NotFoundError
from core.store import Claim, Code, Showing, Store, TotpSecret, current_code
from core.totp import Method
from core.waiting import Try

_SHORT = timedelta(seconds=5)
"""With less time left, a code may be over before it is typed."""


class Authenticator:
    """What an authenticator app does, for programs that log in side by side."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock

    def pick(self, identifier: str, issuer: str) -> TotpSecret | None:
        """The secret of an issuer, or the only one; raises AmbiguousIssuerError when one must be named."""
        found = self._store.totp.of(identifier)
        if issuer:
            return next((one for one in found if one.secret.issuer.casefold() == issuer.strip().casefold()), None)
        if len(found) > 1:
            raise AmbiguousIssuerError([one.secret.issuer for one in found])
        return next(iter(found), None)

    def find(self, identifier: str, issuer: str) -> TotpSecret:
        """As `pick`; raises NotFoundError too."""
        found = self.pick(identifier, issuer)
        if found is None:
            raise NotFoundError("there is no such thing, or not for this API key")
        return found

    def look(self, identifier: str, issuer: str) -> Code | None:
        """The code of this moment, not handed out; raises AmbiguousIssuerError."""
        found = self.pick(identifier, issuer)
        return current_code(found, self._clock()) if found else None

    def attempt(self, wanted: Claim, issuer: str, until: datetime, showing: Showing) -> Try[Claim]:
        """The next code for a run that can wait until a moment, or when to try again; raises AmbiguousIssuerError.

        A code with under 5 s left (less for short periods) is kept back when the next one comes in time.
        """
        found = self.pick(wanted.code.identifier, issuer)
        if found is None:
            return Try()
        now = self._clock()
        due = due_at(found, now, until)
        held = self._store.claims.held_by
        if due > now and not held(found.identifier, wanted.run_id, wanted.ask, now):
            return Try(again_at=due)
        made = self._store.totp.hand_out(wanted, found.id, now, showing).result()
        return Try(found=made, again_at=now + found.secret.valid_for(now))

    def explain(self, identifier: str, issuer: str, kinds: Sequence[str]) -> str:
        """Why there is no code: CONTRACT's word, a colon and a sentence; "" where other kinds would do as well."""
        found = self.pick(identifier, issuer)
        if found is None:
            missing = f"nothing_arrived: no such secret is stored: otpgate totp add {shlex.quote(identifier)}"
            return missing if tuple(kinds) == ("totp",) else ""
        seconds = (due_at(found, now := self._clock(), now) - now).total_seconds()
        return f"claimed_by_another_run: the next code begins in {max(0, seconds):.0f} s"


def due_at(found: TotpSecret, now: datetime, until: datetime) -> datetime:
    """When a code may be handed out: now, or when a time step begins."""
    secret = found.secret
    if secret.method is Method.HOTP:
        return now
    step = secret.step(now)
    if found.was_handed_out(step):
        return secret.begins(found.last_step + 1)
    following = secret.begins(step + 1)
    short = min(_SHORT, timedelta(seconds=secret.period) / 6)
    return following if following - now < short and following <= until else now
