"""Makes deliveries of what happened. What a killed process had not planned, the next finds there."""

from collections.abc import Callable, Sequence
from datetime import datetime

from core import access
from core.ids import new_id
from core.outlet import Outlet
from core.store import Code, Delivery, Event, Showing, Store, Webhook, database_away

AT_ONCE = 200
"""Events a step."""


class Planner:
    """Reads on in the events, and plans a delivery of each code to each webhook that it is for."""

    def __init__(self, store: Store, outlet: Outlet, clock: Callable[[], datetime]) -> None:
        self._store, self._outlet, self._clock = store, outlet, clock

    def step(self, webhooks: Sequence[Webhook]) -> bool:
        """Plan some; whether there may be more. Raises StoreUnavailableError."""
        position = min(webhook.position for webhook in webhooks)
        with database_away():
            events, reached = self._store.events.after(position, AT_ONCE)
            planned = [one for event in events for one in self._of(event, webhooks)]
        if reached > position:
            self._store.deliveries.plan(planned, reached).result()
        return len(events) == AT_ONCE

    def _of(self, event: Event, webhooks: Sequence[Webhook]) -> list[Delivery]:
        if event.kind != "code" or event.code is None or event.code.kind == "totp":
            return []
        made = (self._delivery(webhook, event.code) for webhook in webhooks if _wants(webhook, event))
        return [delivery for delivery in made if delivery]

    def _delivery(self, webhook: Webhook, code: Code) -> Delivery | None:
        """None where a webhook that claims finds the code claimed."""
        now, claim_id = self._clock(), ""
        if webhook.claims:
            showing = Showing(at=now, action="webhook", result="claimed", key_id=webhook.key_id)
            claim = self._outlet.claim(code, webhook.run_id, showing)
            if claim is None:
                return None
            claim_id = claim.id
        return Delivery(
            id=new_id("msg", now),
            webhook_id=webhook.id,
            code_id=code.id,
            claim_id=claim_id,
            identifier=code.identifier,
            received_at=code.received_at,
            begun_at=now,
            due_at=now,
        )


def _wants(webhook: Webhook, event: Event) -> bool:
    fresh = event.number > webhook.position and webhook.disabled_at is None
    return fresh and access.matches(event.identifier, webhook.only)
