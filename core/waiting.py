"""Holds requests in the lines of identifiers, and serves them in the order in which they came, without polling.

A ring starts a round: one of those in the line looks once at what there is, and lets each of them try in
order with what it saw. So what came goes to the first who can use it, a round costs one look however
many wait, and what comes while a round goes on is for the next round.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

T = TypeVar("T")
S = TypeVar("S")
_LOOK_UP = timedelta(seconds=2)
"""How often a held request looks whether its client is still there."""


@dataclass(frozen=True, kw_only=True)
class Try(Generic[T]):
    """What an attempt found, or when trying again may help though nobody rings."""

    found: T | None = None
    again_at: datetime | None = None

    def or_else(self, other: "Try[T]") -> "Try[T]":
        """What either found, and the sooner of their moments."""
        moments = [moment for moment in (self.again_at, other.again_at) if moment]
        return Try(found=self.found or other.found, again_at=min(moments, default=None))


@dataclass(frozen=True, kw_only=True)
class Patience:
    """For how long somebody waits, by which clock, and how to tell that they have left."""

    clock: Callable[[], datetime]
    wait: timedelta = timedelta()
    gone: Callable[[], bool] = lambda: False


@dataclass(kw_only=True, eq=False)
class _Place:
    """One waiter's place in a line."""

    attempt: Callable[[Any], Try[Any]]
    woken: threading.Event = field(default_factory=threading.Event)
    busy: threading.Lock = field(default_factory=threading.Lock)
    left: bool = False
    last: Try[Any] | None = None
    failure: Exception | None = None

    @property
    def served(self) -> bool:
        return self.failure is not None or (self.last is not None and self.last.found is not None)

    def try_with(self, seen: object) -> None:
        """Try, in the thread of whoever serves; wakes whoever waits here when there is something to know."""
        with self.busy:
            if self.left or self.served:
                return
            before = self.last
            try:
                self.last = self.attempt(seen)
            except Exception as error:  # noqa: BLE001 - raised again in the thread of whoever waits here
                self.failure = error
            if self.failure is not None or self.last != before:
                self.woken.set()

    def fail(self, error: Exception) -> None:
        """Nobody could look: an error for whoever waits here, unless it is served already."""
        with self.busy:
            if not self.served:
                self.failure = error
        self.woken.set()

    def leave(self) -> None:
        """Take part in no further try; waits for one that is under way, so that nothing found is lost."""
        with self.busy:
            self.left = True


class _Line:
    def __init__(self) -> None:
        self.places: list[_Place] = []
        self.wanted = 0
        self.done = 0
        """Rounds: how many were asked for, and which was the last that has begun and ended."""
        self.serving = False
        self.changed = False
        """Whether the round is for everybody; else it is for newcomers, unless what is seen has changed."""
        self.seen: object = None
        self.last_due: datetime | None = None

    def want_all(self) -> None:
        """Want a round in which everybody tries."""
        self.wanted += 1
        self.changed = True

    def wake_server(self) -> None:
        """Let the first in line serve a round that is wanted, if nobody does."""
        if self.wanted > self.done and self.places and not self.serving:
            self.places[0].woken.set()


class Bell:
    """The lines of all identifiers in this process."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()
        self.stopped = False

    def ring(self, name: str) -> None:
        """Something changed: those in that line try, one after the other."""
        with self._lock:
            if line := self._lines.get(name):
                line.want_all()
                line.wake_server()

    def ring_all(self) -> None:
        """Rings may have been lost: everyone tries."""
        for name in self.waiting():
            self.ring(name)

    def waiting(self) -> dict[str, int]:
        """How many stand in each line."""
        with self._lock:
            return {name: len(line.places) for name, line in self._lines.items()}

    def stop(self) -> None:
        """Send everyone home: the gateway is stopping."""
        with self._lock:
            self.stopped = True
            for line in self._lines.values():
                for place in line.places:
                    place.woken.set()

    def due(self, line: _Line, moment: datetime) -> bool:
        """Want a round because of a moment that has come, once, however many notice; whether this was the one."""
        with self._lock:
            if line.last_due is not None and moment <= line.last_due:
                return False
            line.last_due = moment
            line.want_all()
            return True

    @contextmanager
    def place(self, name: str, attempt: Callable[[S], Try[T]]) -> Iterator[tuple[_Line, _Place]]:
        """A place at the end of a line, left at the end of the block; a newcomer wants a round."""
        place = _Place(attempt=attempt)
        with self._lock:
            line = self._lines.setdefault(name, _Line())
            line.places.append(place)
            line.wanted += 1
        try:
            yield line, place
        finally:
            place.leave()
            with self._lock:
                line.places.remove(place)
                line.wake_server()
                if not line.places:
                    self._lines.pop(name, None)

    def serve(self, line: _Line, look: Callable[[], object]) -> None:
        """Go through one round, if one is wanted and nobody does it."""
        with self._lock:
            if line.serving or line.wanted == line.done:
                return
            number, places, everybody = line.wanted, list(line.places), line.changed
            line.serving, line.changed = True, False
        try:
            seen = look()
            everybody = everybody or seen != line.seen
            for place in places:
                if everybody or place.last is None:
                    place.try_with(seen)
            line.seen = seen
        except Exception as error:  # noqa: BLE001 - nobody could look: raised again in the thread of each
            for place in places:
                place.fail(error)
        finally:
            with self._lock:
                line.serving, line.done = False, number
                line.wake_server()


def in_line(
    bell: Bell, name: str, look: Callable[[], S], attempt: Callable[[S], Try[T]], patience: Patience
) -> T | None:
    """What `attempt` finds in what `look` saw, at once or after a ring; None when it was all for nothing.

    That is when time is up, the client has left, or the bell has stopped. Those in one line must look at
    the same; an attempt may run in the thread of another in the line.
    """
    deadline = patience.clock() + patience.wait
    with bell.place(name, attempt) as (line, place):
        while not place.served:
            bell.serve(line, look)
            if place.last is not None and _is_over(bell, place, deadline, patience):
                break
            _sleep(bell, line, place, deadline, patience)
    if place.failure is not None:
        raise place.failure
    return place.last.found if place.last else None


def _is_over(bell: Bell, place: _Place, deadline: datetime, patience: Patience) -> bool:
    return place.served or bell.stopped or patience.clock() >= deadline or patience.gone()


def _sleep(bell: Bell, line: _Line, place: _Place, deadline: datetime, patience: Patience) -> None:
    """Until woken, the deadline, the moment at which trying again may help, or a look at the client is due."""
    now = patience.clock()
    until, again_at = now + _LOOK_UP, place.last.again_at if place.last else None
    if again_at and again_at > now:
        until = min(until, again_at)
    elif again_at and bell.due(line, again_at):
        return
    if place.last:
        until = min(until, deadline)
    place.woken.wait((until - now).total_seconds())
    place.woken.clear()
