"""Who is connected, and who must make room (FACTS 3)."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from typing import Protocol

from gateway.addresses import origin
from gateway.smtp.events import Refusal
from gateway.smtp.limits import SmtpSettings
from gateway.smtp.maildata import Room

STOPPING = "421 4.3.2 stopping, try again later"
UNWINDING_SECONDS = 1.0


class Member(Protocol):
    """A connection as the crowd sees it."""

    peer: str

    def hang_up(self, reply: str, reason: Refusal | None = None) -> None:
        """Says a last word and ends the connection."""

    def cut(self) -> None:
        """Ends the connection at once."""


class Crowd:
    """Counts connections by address and in all, and remembers who keeps us waiting for longest."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._by_address: Counter[str] = Counter()
        self._members: set[Member] = set()
        self._idle: dict[Member, None] = {}
        self._sending: dict[Member, float] = {}
        self._work: set[asyncio.Task[str]] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self.room = Room(limit=settings.max_bytes_in_flight)
        self.closing = False

    def enter(self, member: Member) -> Refusal | None:
        """Lets a newcomer in or says why not; a full house sends the idlest or slowest away instead."""
        if self.closing:
            return Refusal.STOPPING
        if self._by_address[origin(member.peer)] >= self._settings.max_connections_per_address:
            return Refusal.ADDRESS_FULL
        if len(self._members) >= self._settings.max_connections and not self._make_room():
            return Refusal.DOOR_FULL
        self._members.add(member)
        self._by_address[origin(member.peer)] += 1
        self._empty.clear()
        return None

    def leave(self, member: Member) -> None:
        """Forgets a connection; one that was never let in is fine."""
        self.busy(member)
        if member not in self._members:
            return
        self._members.remove(member)
        address = origin(member.peer)
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
        self._note_empty()

    def idle(self, member: Member) -> None:
        """From now on that connection waits for a command, and may have to make room."""
        self._idle[member] = None

    def sending(self, member: Member) -> None:
        """From now on that connection sends a mail, and may have to make room if that takes long."""
        self._sending[member] = asyncio.get_running_loop().time()

    def busy(self, member: Member) -> None:
        """That connection waits for us."""
        self._idle.pop(member, None)
        self._sending.pop(member, None)

    async def finish(self, work: Coroutine[None, None, str]) -> str:
        """Runs work to its end even if the connection that wants its result breaks (FACTS 5)."""
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        self._empty.clear()
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    async def disperse(self, grace: float) -> None:
        """Ends idle connections now, busy ones after their mail or after `grace` seconds."""
        self.closing = True
        for member in tuple(self._idle):
            member.hang_up(STOPPING, Refusal.STOPPING)
        try:
            await asyncio.wait_for(self._empty.wait(), grace)
        except TimeoutError:
            await self._drive_out()

    async def _drive_out(self) -> None:
        for member in tuple(self._members):
            member.hang_up(STOPPING, Refusal.STOPPING)
            member.cut()
        for task in tuple(self._work):
            task.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), UNWINDING_SECONDS)

    def _make_room(self) -> bool:
        longest = next(iter(self._idle), None) or self._slowest()
        if longest is None:
            return False
        longest.hang_up("421 4.3.2 too slow, and others are waiting", Refusal.MADE_ROOM)
        self.leave(longest)
        return True

    def _slowest(self) -> Member | None:
        """Who has been sending one mail for longest, and for too long in a full house."""
        member, since = next(iter(self._sending.items()), (None, 0.0))
        slow = asyncio.get_running_loop().time() - since > self._settings.slow_seconds
        return member if slow else None

    def _done(self, task: asyncio.Task[str]) -> None:
        self._work.discard(task)
        self._note_empty()

    def _note_empty(self) -> None:
        if not self._members and not self._work:
            self._empty.set()
