"""Wakes those who wait for an identifier, in the order in which they came, without asking the database.

A ring wakes the first in line; whoever was woken tries, and on going back to wait or leaving wakes the
next. So the codes of one identifier go to the first claimant that can use them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Place:
    """One waiter's place in the line of an identifier."""

    def __init__(self, line: "_Line") -> None:
        self._line = line
        self._woken = threading.Event()

    def wake(self) -> None:
        """Let the waiter try."""
        self._woken.set()

    def wait(self, seconds: float) -> bool:
        """Wait for a turn, at most that long; whether there was one. Ends the turn before, if there was one."""
        self._line.pass_on(self)
        return self._woken.wait(seconds)

    def has_turn(self) -> bool:
        """Whether it was woken and has not gone back to wait."""
        return self._woken.is_set()

    def end_turn(self) -> None:
        """Wait for the next ring."""
        self._woken.clear()


class _Line:
    def __init__(self) -> None:
        self.places: list[Place] = []
        self._lock = threading.Lock()

    def ring(self) -> None:
        with self._lock:
            if self.places:
                self.places[0].wake()

    def join(self, place: Place) -> None:
        with self._lock:
            self.places.append(place)

    def pass_on(self, place: Place, *, leaving: bool = False) -> None:
        with self._lock:
            index = self.places.index(place)
            following = self.places[index + 1 : index + 2]
            if place.has_turn() and following:
                following[0].wake()
            place.end_turn()
            if leaving:
                del self.places[index]


class Bell:
    """The lines of all identifiers in this process."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()

    def ring(self, identifier: str) -> None:
        """Something changed for an identifier: those who wait for it try again, one after the other."""
        with self._lock:
            line = self._lines.get(identifier)
        if line:
            line.ring()

    @contextmanager
    def place(self, identifier: str) -> Iterator[Place]:
        """A place at the end of an identifier's line, left at the end of the block."""
        with self._lock:
            line = self._lines.setdefault(identifier, _Line())
            place = Place(line)
            line.join(place)
        try:
            yield place
        finally:
            with self._lock:
                line.pass_on(place, leaving=True)
                if not line.places:
                    self._lines.pop(identifier, None)

    def ring_all(self) -> None:
        """Wake everyone: the gateway is stopping, or rings may have been lost."""
        with self._lock:
            lines = list(self._lines.values())
        for line in lines:
            line.ring()
