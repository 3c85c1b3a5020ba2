"""Holds requests in the lines of identifiers, and wakes them in the order in which they came, without a database.

A ring lets everyone in a line try, one after the other: whoever goes back to wait, or leaves, makes way for
the next. So what came goes to the first who can use it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")
_LOOK_UP = timedelta(seconds=5)
"""How often a held request looks whether its client is still there."""
_MANNERS = 1.0
"""How many seconds a newcomer lets those before it go first."""


@dataclass(frozen=True, kw_only=True)
class Try(Generic[T]):
    """What an attempt found, or when trying again may help though nobody rings."""

    found: T | None = None
    again_at: datetime | None = None

    def or_else(self, other: "Try[T]") -> "Try[T]":
        """What either found, and the sooner of their moments."""
        moments = [moment for moment in (self.again_at, other.again_at) if moment]
        return Try(found=self.found or other.found, again_at=min(moments, default=None))


class Place:
    """One waiter's place in a line."""

    def __init__(self, line: "_Line", lock: threading.Lock) -> None:
        self._line, self._lock = line, lock
        self.turn = threading.Event()
        self.heard = -1
        """How many rings it had heard when it last began to try."""
        self.trying = False

    def wait(self, seconds: float) -> bool:
        """Make way for those behind, and wait for a turn to try what is new; whether there was one in time."""
        with self._lock:
            self.trying = False
            self._line.pass_on()
        self.turn.wait(seconds)
        with self._lock:
            self.trying = self.turn.is_set()
            if self.trying:
                self.turn.clear()
                self.heard = self._line.rings
            return self.trying

    def due(self, moment: datetime) -> None:
        """Let everyone try because of a moment that has come; once, however many notice."""
        with self._lock:
            if moment > self._line.last_due:
                self._line.last_due = moment
                self._line.ring()


class _Line:
    def __init__(self) -> None:
        self.places: list[Place] = []
        self.rings = 0
        self.last_due = datetime(1970, 1, 1, tzinfo=UTC)

    def ring(self) -> None:
        self.rings += 1
        self.pass_on()

    def pass_on(self) -> None:
        """Give the turn to the first who has not tried since the last ring, once those before have tried."""
        for place in self.places:
            if place.trying:
                return
            if place.heard < self.rings:
                place.turn.set()
                return


class Bell:
    """The lines of all identifiers in this process."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()
        self.stopped = False

    def ring(self, name: str) -> None:
        """Something changed: those in that line try, one after the other."""
        with self._lock:
            line = self._lines.get(name)
            if line:
                line.ring()

    def ring_all(self) -> None:
        """Rings may have been lost: everyone tries."""
        with self._lock:
            for line in self._lines.values():
                line.ring()

    def stop(self) -> None:
        """Send everyone home: the gateway is stopping."""
        with self._lock:
            self.stopped = True
            for line in self._lines.values():
                for place in line.places:
                    place.turn.set()

    @contextmanager
    def place(self, name: str) -> Iterator[Place]:
        """A place at the end of a line, left at the end of the block."""
        with self._lock:
            line = self._lines.setdefault(name, _Line())
            place = Place(line, self._lock)
            line.places.append(place)
        try:
            yield place
        finally:
            with self._lock:
                line.places.remove(place)
                line.pass_on()
                if not line.places:
                    self._lines.pop(name, None)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """For how long somebody waits, by which clock, and how to tell that they have left."""

    clock: Callable[[], datetime]
    wait: timedelta = timedelta()
    gone: Callable[[], bool] = lambda: False


def in_line(bell: Bell, name: str, attempt: Callable[[], Try[T]], patience: Patience) -> T | None:
    """What `attempt` finds, at once or after a ring; None when time is up, the client left or the bell stopped."""
    deadline = patience.clock() + patience.wait
    with bell.place(name) as place:
        place.wait(_MANNERS)
        while True:
            tried = attempt()
            if tried.found is not None:
                return tried.found
            if not _turn_comes(bell, place, tried.again_at, deadline, patience):
                return None


def _turn_comes(
    bell: Bell, place: Place, again_at: datetime | None, deadline: datetime, patience: Patience
) -> bool:
    """Wait for a turn before the deadline; whether it came."""
    while not bell.stopped and not patience.gone():
        now = patience.clock()
        if now >= deadline:
            return False
        if again_at and again_at <= now:
            place.due(again_at)
            again_at = None
        until = min(deadline, now + _LOOK_UP, again_at or deadline)
        if place.wait((until - now).total_seconds()):
            return not bell.stopped
    return False
