"""One attempt at a delivery: what is sent, what the answer means, and when to try again."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import httpx

from core import access, journal
from core.claims import Claims
from core.outlet import Outlet
from core.settings import OutgoingSettings
from core.store import Code, Delivery, Showing, Stage, State, Store, Webhook, database_away
from gateway.outgoing.event import body_of, headers_of

GONE = 410
"""The receiver wants no more of these (the specification's word for it)."""
ELSEWHERE = "gone to another run"
"""What the list of given up deliveries says of a code that another run has: it is not sent."""
_GROWTH = 1.5
_STEPS = 60
"""Steps of growth that count: the pause has long reached its longest."""
_JITTER = 0.25
Settled = Callable[[Delivery], None]


class Sender:
    """Sends deliveries that this node has taken, and settles them."""

    def __init__(
        self,
        store: Store,
        outlet: Outlet,
        claims: Claims,
        clock: Callable[[], datetime],
        settings: OutgoingSettings,
    ) -> None:
        self._store, self._outlet, self._claims, self._clock = store, outlet, claims, clock
        self._settings = settings
        direct = dict.fromkeys(("all://localhost", "all://127.0.0.1", "all://[::1]"))
        self._client = httpx.AsyncClient(  # a proxy for the outside must not see what stays on this machine
            follow_redirects=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
            mounts=dict(direct),
            timeout=settings.answer_seconds,
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    def prepare(self, webhook: Webhook, delivery: Delivery, code: Code) -> tuple[Delivery, bytes]:
        """The delivery with its webhook's claim as it stands, and its body: b"" where another run has the code.

        A value that the body shows has its audit row before it leaves.
        """
        with database_away():
            if webhook.claims:
                claim = self._outlet.hold(code, webhook.run_id, self._showing(webhook, "claimed"))
                delivery = replace(delivery, claim_id=claim.id if claim else "")
                if claim is None and code.holder not in {"", webhook.run_id}:
                    return delivery, b""
                code, value = claim.code if claim else code, claim is not None
            else:
                value = webhook.include_value and self._outlet.lets(code) and not self._is_reserved(code)
        if value:
            self._audit(webhook, code)
        return delivery, body_of(delivery, code, self._clock(), value=value)

    def _is_reserved(self, code: Code) -> bool:
        """Whether a webhook that claims covers the identifier or has the code: then it is for that one alone."""
        claiming = [one for one in self._store.webhooks.all() if one.claims]
        return any(
            one.run_id == code.holder or (one.disabled_at is None and access.matches(code.identifier, one.only))
            for one in claiming
        )

    def _audit(self, webhook: Webhook, code: Code) -> None:
        shown = replace(
            self._showing(webhook, "sent"),
            identifier=code.identifier,
            code_id=code.id,
            message_id=code.message_id,
        )
        self._store.audit.add(shown).result()

    async def attempt(self, webhook: Webhook, delivery: Delivery, body: bytes) -> tuple[int, str, float]:
        """The HTTP status (0 for none), what went wrong as a class ("" for nothing), and Retry-After's seconds."""
        if not body:
            return 0, ELSEWHERE, 0.0
        headers = headers_of(delivery, body, webhook.signing(self._clock()), self._clock())
        try:
            async with asyncio.timeout(self._settings.answer_seconds):  # in all, however slowly it drips
                request = self._client.build_request("POST", webhook.url, content=body, headers=headers)
                answer = await self._client.send(request, stream=True)
                await answer.aclose()  # its body says nothing that counts
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:  # whatever a host's name may do
            return 0, type(error).__name__, 0.0
        return answer.status_code, "", _seconds(answer.headers.get("retry-after", ""))

    def settle(
        self, webhook: Webhook, taken: tuple[Delivery, Code], met: tuple[int, str, float], node: str
    ) -> Delivery:
        """Note how the attempt went, and end what it claimed; the delivery as it stands now."""
        (delivery, code), (status, error, after), now = taken, met, self._clock()
        reason = error or str(status)
        if 200 <= status < 300:  # noqa: PLR2004 - HTTP's success
            settled = replace(delivery, state=Stage.DELIVERED, reason=reason, ended_at=now)
        elif status == GONE or error == ELSEWHERE or self._is_over(webhook, delivery, code, now):
            settled = replace(delivery, state=Stage.FAILED, reason=reason, ended_at=now)
        else:
            pause = max(self._pause(delivery.attempts), min(after, self._settings.longest_pause))
            settled = replace(delivery, due_at=now + timedelta(seconds=pause), reason=reason)
        self._store.deliveries.settle(settled, node).result()
        self._end(webhook, settled, gone=status == GONE)
        journal.webhook_tried(
            webhook_id=webhook.id,
            delivery_id=delivery.id,
            identifier=delivery.identifier,
            state=settled.state.value,
            outcome=reason,
        )
        return settled

    def _end(self, webhook: Webhook, settled: Delivery, *, gone: bool) -> None:
        if gone:
            self._store.webhooks.disable(webhook.id, self._clock()).result()
            journal.webhook_disabled(webhook_id=webhook.id)
        if not settled.claim_id or not (gone or settled.state is Stage.DELIVERED):
            return  # one that may have arrived never goes back
        outcome = State.FRESH if gone else State.ACCEPTED
        with database_away():
            claim = self._store.claims.find(settled.claim_id)
        if claim and claim.code.claim_id == claim.id and claim.code.state_at(self._clock()) is State.CLAIMED:
            self._claims.end(settled.claim_id, outcome, self._showing(webhook, outcome.value))

    def _is_over(self, webhook: Webhook, delivery: Delivery, code: Code, now: datetime) -> bool:
        """Whether trying on is pointless: a day has gone by, or the value that was wanted is of no use now."""
        late = now >= delivery.begun_at + timedelta(hours=self._settings.give_up_hours)
        return late or ((webhook.include_value or webhook.claims) and now >= code.expires_at)

    def _pause(self, attempts: int) -> float:
        pause = self._settings.first_pause * _GROWTH ** min(attempts - 1, _STEPS)
        return min(pause, self._settings.longest_pause) * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - spreads load, guards nothing

    def _showing(self, webhook: Webhook, result: str) -> Showing:
        return Showing(
            at=self._clock(), action="webhook", result=result, key_id=webhook.key_id, run_id=webhook.run_id
        )


def _seconds(retry_after: str) -> float:
    """Retry-After in seconds; its other form, a date, counts as none."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 7 else 0.0  # noqa: PLR2004 - a week
