"""The part that delivers: one thread with an event loop, so that slow receivers delay nobody."""

import asyncio
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from core import journal
from core.claims import Claims
from core.errors import OtpgateError
from core.outlet import Outlet
from core.settings import OutgoingSettings
from core.store import WEBHOOKS_LINE, Code, Delivery, Store, Trust, Webhook, database_away
from gateway.outgoing.planning import Planner
from gateway.outgoing.sending import Sender

AT_ONCE_EACH = 8
"""Attempts that one webhook may have under way at this node."""
_LOOK_SECONDS = 1.0
"""A look though nobody rang: another node may have stored something."""
_SLACK = timedelta(seconds=15)
"""What a lease is longer than an attempt may take."""


class Outgoing:
    """Delivers codes to webhooks until it is stopped."""

    def __init__(
        self,
        store: Store,
        claims: Claims,
        clock: Callable[[], datetime],
        settings: OutgoingSettings,
        minimum: Trust,
    ) -> None:
        self._store, self._claims, self._clock, self._settings = store, claims, clock, settings
        self._outlet = Outlet(store, clock, minimum)
        self._planner = Planner(store, self._outlet, clock)
        self._node = secrets.token_hex(8)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="outgoing", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._stopping = self._any = False
        self._under_way: dict[asyncio.Task[None], str] = {}

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def wake(self, line: str = "") -> None:
        """Something happened; without any webhook only theirs counts."""
        if self._any or line == WEBHOOKS_LINE:
            self._wake()

    def start(self) -> None:
        """Begin with what was under way when the process before ended."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is not delivered is left to the next start, or to another node."""
        self._stopping = True
        self._wake()
        self._thread.join()

    def _wake(self) -> None:
        if self._loop and not self._woken.is_set():
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._woken.set)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        sender = Sender(self._store, self._outlet, self._claims, self._clock, self._settings)
        released = False
        while not self._stopping:
            self._woken.clear()
            try:
                if not released:
                    await asyncio.to_thread(self._release)
                    released = True
                await self._round(sender)
            except OtpgateError as error:
                journal.store_failed(error)  # the database is away: the next round tries again
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _LOOK_SECONDS)
        await self._end(sender)

    async def _round(self, sender: Sender) -> None:
        webhooks = await asyncio.to_thread(self._webhooks)
        self._any = bool(webhooks)
        if not webhooks:
            return
        if await asyncio.to_thread(self._planner.step, webhooks):
            self._woken.set()
        for webhook, taken in await asyncio.to_thread(self._take, webhooks, Counter(self._under_way.values())):
            for one in taken:
                task = asyncio.create_task(self._deliver(sender, webhook, one))
                self._under_way[task] = webhook.id
                task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        """Make room for the next one; a fault of ours ends the part."""
        self._under_way.pop(task, None)
        self._woken.set()
        if not task.cancelled() and (error := task.exception()):
            journal.failed("outgoing", error)
            self._stopping = True

    def _webhooks(self) -> list[Webhook]:
        with database_away():
            return self._store.webhooks.all()

    def _take(
        self, webhooks: Sequence[Webhook], busy: Counter[str]
    ) -> list[tuple[Webhook, list[tuple[Delivery, Code]]]]:
        """What is due and has room, by webhook."""
        now = self._clock()
        until = now + timedelta(seconds=self._settings.answer_seconds) + _SLACK
        with database_away():
            due = self._store.deliveries.due()
        ready = [one for one in webhooks if one.disabled_at is None and one.id in due and due[one.id] <= now]
        room = {one.id: AT_ONCE_EACH - busy[one.id] for one in ready}
        take = self._store.deliveries.take
        return [(one, take(one.id, room[one.id], self._node, now, until)) for one in ready if room[one.id] > 0]

    async def _deliver(self, sender: Sender, webhook: Webhook, taken: tuple[Delivery, Code]) -> None:
        try:
            delivery, body = await asyncio.to_thread(sender.prepare, webhook, *taken)
            met = await sender.attempt(webhook, delivery, body)
            await asyncio.to_thread(sender.settle, webhook, (delivery, taken[1]), met, self._node)
        except OtpgateError as error:
            journal.store_failed(error)  # the database is away: its lease ends, and it comes due again

    async def _end(self, sender: Sender) -> None:
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await sender.close()
        with suppress(OtpgateError):
            await asyncio.to_thread(self._release)

    def _release(self) -> None:
        self._store.deliveries.release(self._node, self._clock()).result()
