"""Bounds how often one address may try wrong API keys, and how much their refusals may write."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from core.errors import TooManyWrongKeysError
from gateway.addresses import origin

WINDOW = timedelta(minutes=1)
_REMEMBERED = 10_000
"""Addresses; the one that began longest ago is forgotten for another."""


class Allowance:
    """So many times a minute for each address and, if `in_all` is given, for all of them together."""

    def __init__(self, clock: Callable[[], datetime], each: int, in_all: int | None = None) -> None:
        self._clock, self._each, self._in_all = clock, each, in_all
        self._counts: OrderedDict[str, tuple[datetime, int]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, address: str) -> bool:
        """Whether that address has something left; takes it if so. IPv6 addresses of one /64 count as one."""
        with self._lock:
            left = self._left(origin(address), self._each)
            if self._in_all is None or not left:
                return left
            return self._left("", self._in_all)

    def _left(self, name: str, limit: int) -> bool:
        now = self._clock()
        began, count = self._counts.get(name, (now, 0))
        if now - began >= WINDOW:
            began, count = now, 0
            self._counts.pop(name, None)
        self._counts[name] = (began, min(count, limit) + 1)
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        return count < limit


class WrongKeys:
    """What happens when a key is not right: from one address not too often."""

    def __init__(self, clock: Callable[[], datetime], limit: int = 60) -> None:
        self._allowance = Allowance(clock, limit)

    def note(self, address: str) -> None:
        """Count a wrong key; raises TooManyWrongKeysError, which a right key from there never meets."""
        if not self._allowance.take(address):
            raise TooManyWrongKeysError("too many wrong API keys from this address: try again in a minute")
