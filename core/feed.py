"""What happens, handed to everybody who listens: read once for all of them, in order, without gap or double."""

import threading
import time
from collections import deque

from core import journal
from core.errors import OtpgateError
from core.store import Event, Events

AT_ONCE = 500
"""Events that are read, or handed to one listener, at a time."""
_KEPT = 2000
"""Events that are kept for those who are a little behind; who is further behind reads them again."""
_LOOK_SECONDS = 1.0
"""A look though nobody rang: another node may have stored something."""
_GATHER_SECONDS = 0.02


class Feed:
    """A thread that reads what happens while anybody listens."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._changed = threading.Condition()
        self._woken = threading.Event()
        self._recent: deque[Event] = deque()
        self._began = self._read_to = 0
        """All events later than the one and up to the other are in `_recent`."""
        self._listeners = 0
        self.stopped = False
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to read, once somebody listens."""
        self._thread.start()

    def stop(self) -> None:
        """Send every listener home."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()
        self._woken.set()
        self._thread.join()

    def wake(self, _: str = "") -> None:
        """Something happened; where nobody listens, nobody reads it."""
        if self._listeners:
            self._woken.set()

    def join(self, after: int | None) -> "Listener":
        """Listen to what comes after that event, or, without one, from now on; leave by `Listener.leave`.

        Raises StoreUnavailableError.
        """
        newest = self._events.newest()
        lost = after is not None and (after > newest or not self._events.reaches(after))
        with self._changed:
            if not self._listeners:
                self._recent.clear()
                self._began = self._read_to = newest
            self._listeners += 1
        self._woken.set()
        return Listener(feed=self, position=newest if after is None or lost else after, lost=lost)

    def leave(self) -> None:
        """One listener fewer."""
        with self._changed:
            self._listeners -= 1

    def after(self, position: int, seconds: float) -> tuple[list[Event], int]:
        """What came after a position and the position behind it; waits so long for something to come.

        Raises StoreUnavailableError.
        """
        with self._changed:
            self._changed.wait_for(lambda: self.stopped or self._read_to > position, seconds)
            if self.stopped or self._read_to <= position:
                return [], position
            if position >= self._began:
                found = [event for event in self._recent if event.number > position][:AT_ONCE]
                return found, found[-1].number if len(found) == AT_ONCE else self._read_to
        return self._events.after(position, AT_ONCE)

    def _run(self) -> None:
        while not self.stopped:
            self._woken.wait(_LOOK_SECONDS if self._listeners else None)
            self._woken.clear()
            if self._listeners and not self.stopped:
                self._read()
                time.sleep(_GATHER_SECONDS)

    def _read(self) -> None:
        try:
            found, read_to = self._events.after(self._read_to, AT_ONCE)
        except OtpgateError as error:
            journal.store_failed(error)  # the database is away: the next look tries again
            return
        if len(found) == AT_ONCE:
            self._woken.set()
        with self._changed:
            self._recent.extend(found)
            while len(self._recent) > _KEPT:
                self._began = self._recent.popleft().number
            self._read_to = read_to
            self._changed.notify_all()


class Listener:
    """Somebody's place in the feed."""

    def __init__(self, *, feed: Feed, position: int, lost: bool) -> None:
        self._feed, self.position, self.lost = feed, position, lost
        """`lost`: what came after the event that was named is forgotten, so this begins with now."""

    @property
    def over(self) -> bool:
        """Whether the gateway stops."""
        return self._feed.stopped

    def take(self, seconds: float) -> list[Event]:
        """What happened since the last time; waits so long for something. Raises StoreUnavailableError."""
        found, self.position = self._feed.after(self.position, seconds)
        return found

    def leave(self) -> None:
        """Listen no more."""
        self._feed.leave()
