"""Bounds how many requests may be held open, in all and for one key."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import BusyError


class HeldRequests:
    """Counts the requests that wait for a code, and the event streams: one limit for both."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_key: Counter[str] = Counter()
        self._streams = 0
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """How many wait for a code now."""
        with self._lock:
            return self._by_key.total() - self._streams

    @property
    def streams(self) -> int:
        """How many event streams are open now."""
        with self._lock:
            return self._streams

    @contextmanager
    def one(self, key_id: str, *, stream: bool = False) -> Iterator[None]:
        """Count one held request while the block runs; raises BusyError when there are too many."""
        with self._lock:
            if self._by_key.total() >= self._limit or self._by_key[key_id] >= self._limit:
                raise BusyError("too many requests are waiting: try again in a moment")
            self._by_key[key_id] += 1
            self._streams += stream
        try:
            yield
        finally:
            with self._lock:
                self._by_key[key_id] -= 1
                self._streams -= stream
