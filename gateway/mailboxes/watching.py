"""Watches one mailbox for as long as this node holds it: what is new is ingested, then noted as read."""

import asyncio
import math
import random
from asyncio import gather, wrap_future
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn

from core import journal
from core.errors import OtpgateError
from core.ingest import Ingest
from core.message import Channel, Envelope, InboundMessage
from core.settings import MailboxSettings
from core.store import Mailbox, ReadUpTo, Store
from gateway.mailboxes.connection import Arrival, Connection, Folder
from gateway.mailboxes.entering import Entrance
from gateway.mailboxes.errors import LostError, MailboxError, ShutOutError, ThrottledError

_SETTLED = 10.0
"""Seconds that a connection watched after which it counts as one that went well: the next try comes at once."""
_BATCH, _BATCH_KIB = 20, 10 * 1024
"""How many mails are fetched at once, and how much."""
_LATE_LIVE, _LATE = timedelta(minutes=10), timedelta(minutes=2)
"""How much earlier the server may have taken a mail in and it still counts as arriving now: while we watch, and
after a gap. What is older arrived when the server says, so that an outage makes no stale code fresh."""
_NOTED_EACH = timedelta(minutes=1)
_MARGIN = timedelta(minutes=10)
_PAUSES = {LostError: (0.5, 60.0), ThrottledError: (30.0, 600.0), ShutOutError: (30.0, 3600.0)}
"""First and longest pause in seconds, by what went wrong."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """What watching needs from the gateway."""

    store: Store
    ingest: Ingest
    clock: Callable[[], datetime]
    new_trace: Callable[[], str]
    settings: MailboxSettings
    horizon: timedelta
    """How old a mail may be that can still hold something of use."""
    entrance: Entrance
    pool: Executor
    """Threads in which mails are read."""


class Watcher:
    """One mailbox being watched, until it is changed; only what opens it is read anew for each connection."""

    def __init__(self, mailbox: Mailbox, means: Means) -> None:
        self.mailbox, self._means = mailbox, means
        self._place, self._contact_at = mailbox.place, mailbox.contact_at
        self._noted = ("", "")
        self._watching_since = math.inf

    @property
    def name(self) -> str:
        """The mailbox as logs and metrics call it."""
        box = self.mailbox
        return box.address if box.folder == "INBOX" else f"{box.address} {box.folder}"

    async def run(self) -> NoReturn:
        """Watch until cancelled; whatever the server does, try again after a pause."""
        failures, loop = Counter[type[OtpgateError]](), asyncio.get_running_loop()
        while True:
            self._watching_since = math.inf
            try:
                await self._watch()
            except OtpgateError as error:
                if loop.time() - self._watching_since > _SETTLED:
                    failures.clear()
                failures[type(error)] += 1
                pause = await self._failed(error, failures[type(error)])
            await asyncio.sleep(pause)

    async def _watch(self) -> NoReturn:
        settings = self._means.settings
        await self._read_secret()
        connection = await self._means.entrance.enter(self.mailbox, self._keep)
        try:
            arrivals = await self._begin(connection, await connection.select())
            journal.mailbox_connected(mailbox=self.name, idle=connection.idles)
            await self._note("watching" if connection.idles else "polling")
            read = await self._read(connection, arrivals, _LATE)
            journal.mailbox_caught_up(mailbox=self.name, read=read, skipped=len(arrivals) - read)
            self._watching_since = asyncio.get_running_loop().time()
            while True:
                await connection.wait(settings.renew_seconds if connection.idles else settings.poll_seconds)
                await self._read(connection, await connection.after(self._place), _LATE_LIVE)
        finally:
            connection.close()

    async def _read_secret(self) -> None:
        """Read what opens it: a check by hand may have renewed the grant, and the token before is void then."""
        box, find = self.mailbox, self._means.store.mailboxes.find
        kept = await asyncio.get_running_loop().run_in_executor(self._means.pool, find, box.address, box.folder)
        if kept and kept.changed_at == box.changed_at:
            self.mailbox = replace(self.mailbox, secret=kept.secret)

    async def _keep(self, grant: Mapping[str, str]) -> None:
        box = self.mailbox
        self.mailbox = replace(box, secret=grant)
        await wrap_future(self._means.store.mailboxes.change_secret(box.id, grant, box.changed_at))

    async def _begin(self, connection: Connection, folder: Folder) -> list[Arrival]:
        """What arrived since the folder was last read; the present end is where a new one begins."""
        end = ReadUpTo(uid_validity=folder.uid_validity, last_uid=folder.uid_next - 1)
        if self._place.uid_validity == folder.uid_validity:
            return await connection.after(self._place)
        anew, self._place = self._place.uid_validity == 0, end
        if anew:
            return []
        # Numbers mean other mails now: go by the server's times, and let marks tell what was read before.
        since = max(self._contact_at - _MARGIN, self.mailbox.created_at.replace(microsecond=0))
        recent = await connection.since((since - timedelta(days=1)).date())
        return [one for one in recent if one.at is None or one.at >= since]

    async def _read(self, connection: Connection, arrivals: Sequence[Arrival], late: timedelta) -> int:
        """Ingest what can still be of use, and note how far that goes after its commit; how many were read.

        The youngest go first: after an outage no program should wait for its code behind a day of mail.
        """
        now = self._means.clock()
        useful = [one for one in arrivals if one.at is None or now - one.at < self._means.horizon]
        young = [one for one in useful if one.at is None or now - one.at < _LATE_LIVE]
        older = [one for one in useful if one not in young]
        for batch in self._batches(young):
            await self._take(connection, batch, late)
        for batch in self._batches(older):
            await self._take(connection, batch, late)
            await self._move(batch[-1].uid, arrived=True)
        await self._move(max((one.uid for one in arrivals), default=0), arrived=bool(useful))
        return len(useful)

    async def _take(self, connection: Connection, batch: Sequence[Arrival], late: timedelta) -> None:
        bodies = await connection.fetch([one.uid for one in batch])
        await gather(*(self._ingest(one, bodies[one.uid], late) for one in batch if one.uid in bodies))
        if self.mailbox.mark_seen and bodies:
            await connection.mark_seen(list(bodies))

    def _batches(self, arrivals: Sequence[Arrival]) -> Iterator[Sequence[Arrival]]:
        size = max(1, min(_BATCH, _BATCH_KIB // self._means.settings.fetch_kib))
        return (arrivals[at : at + size] for at in range(0, len(arrivals), size))

    async def _ingest(self, arrival: Arrival, raw: bytes, late: timedelta) -> None:
        now = self._means.clock()
        message = InboundMessage(
            channel=Channel.EMAIL,
            door=f"mailbox/{self.mailbox.address}",
            received_at=arrival.at if arrival.at and now - arrival.at > late else now,
            trace_id=self._means.new_trace(),
            envelope=Envelope(rcpt_to=(self.mailbox.address,)),
            raw=raw,
            whole=len(raw) < self._means.settings.fetch_kib * 1024,
            route="forwarder",
        )
        loop = asyncio.get_running_loop()
        committed = await loop.run_in_executor(self._means.pool, self._means.ingest, message)
        await wrap_future(committed)

    async def _move(self, uid: int, *, arrived: bool = False) -> None:
        """Note that everything up to there is stored; the time alone is noted once a minute."""
        now = self._means.clock()
        journal.mailbox_heard(mailbox=self.name)
        if uid <= self._place.last_uid and now - self._contact_at < _NOTED_EACH:
            return
        self._place = replace(self._place, last_uid=max(uid, self._place.last_uid))
        self._contact_at = now
        await wrap_future(self._means.store.mailboxes.move(self.mailbox.id, self._place, now, arrived=arrived))

    async def _note(self, state: str, reason: str = "") -> None:
        """Note how it goes, where that has changed; it is of no weight."""
        if self._noted != (state, reason):
            with suppress(OtpgateError):
                await wrap_future(self._means.store.mailboxes.note(self.mailbox.id, state, reason))
                self._noted = (state, reason)

    async def _failed(self, error: OtpgateError, failures: int) -> float:
        """Tell and note what went wrong; the seconds until the next try."""
        if not isinstance(error, MailboxError):  # our own store: what was not stored is fetched again
            journal.store_failed(error)
            return _pause(LostError("store"), failures)
        pause, shut_out = _pause(error, failures), isinstance(error, ShutOutError)
        told = journal.mailbox_gave_up if shut_out else journal.mailbox_lost
        told(mailbox=self.name, reason=error.reason, retry_seconds=pause)
        await self._note("shut out" if shut_out else "lost", error.reason)
        return pause


def _pause(error: MailboxError, failures: int) -> float:
    """Seconds until the next try: twice as long each time, half of it by chance, so that not all come at once."""
    first, longest = _PAUSES[type(error)]
    return min(first * 2.0 ** min(failures - 1, 30), longest) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
