"""Codes that go out by themselves, to somebody who does not ask: to Skyvern's API, to webhooks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from core.ids import new_id
from core.matching import Ask, obstacle
from core.store import Claim, Code, Showing, State, Store, Trust


class Outlet:
    """Says which codes may go out, and claims them for whoever sends them."""

    def __init__(self, store: Store, clock: Callable[[], datetime], minimum: Trust) -> None:
        self._store, self._clock, self._minimum = store, clock, minimum

    def lets(self, code: Code) -> bool:
        """Whether trust and the identifier's policy let the value go out, to however many."""
        usable = code.expires_at > self._clock() and code.state not in {State.REJECTED, State.SUPERSEDED}
        return usable and self._passes(replace(code, state=State.FRESH, lease_until=None))

    def claim(self, code: Code, run_id: str, showing: Showing) -> Claim | None:
        """The claim of that run on a code, if it may go out and is free; the same when asked again."""
        wanted = Claim(
            id=new_id("claim", self._clock()),
            code=code,
            run_id=run_id,
            after=code.received_at - timedelta(microseconds=1),
            ask=code.id,
        )
        chosen = [code] if self._passes(code) else []
        return self._store.claims.make(wanted, lambda _: chosen, self._clock(), showing).result()

    def hold(self, code: Code, run_id: str, showing: Showing) -> Claim | None:
        """That run's claim on a code, made anew where the code is free again; None where it may not have it."""
        held = code.holder == run_id and code.state_at(self._clock()) in {State.CLAIMED, State.ACCEPTED}
        if held and self.lets(code):
            return self._store.claims.find(code.claim_id)
        return self.claim(code, run_id, showing)

    def _passes(self, code: Code) -> bool:
        ask = Ask(
            identifier=code.identifier,
            names=tuple({code.run_id, code.workflow_id, code.task_id} - {""}),
            min_trust=self._minimum,
            policy=self._store.registry.get(code.identifier),
        )
        return obstacle(code, ask, self._clock()) is None
