"""Rings across the nodes of one PostgreSQL database: what one stores wakes those who wait at another.

A NOTIFY inside the transaction that stores a mail would put all commits in a row (measured: 20,616 -> 3,060 a
second). So one connection of each node sends what its commits rang, about a hundred times a second and without
waiting for the disk, and another listens. Rings may get lost with a connection: once a second, at odd moments, the
listener looks for codes that came lately, and after a reconnection everyone tries. (PostgreSQL 18 manual, NOTIFY.)
"""

import json
import queue
import random
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text

from core import journal
from core.store.engine import is_sqlite, postgresql_engine
from core.store.tables import codes

CHANNEL = "otpgate_bell"
_GATHER = 0.01
"""Seconds between two notifications."""
_LARGEST = 7_500
"""Bytes of a payload; PostgreSQL takes under 8,000."""
_LOOK_BACK = timedelta(seconds=10)
"""How long a commit, or a difference between two nodes' clocks, may hide a code from the look-up."""


class SilentBell:
    """Of a database with one node: there is nobody else to tell."""

    alive = True

    def ring(self, name: str) -> None:
        """Nothing happens."""

    def close(self) -> None:
        """Nothing happens."""


class NodeBell:
    """Tells other nodes what this one rang, and rings here what they rang."""

    def __init__(
        self, url: str, ring: Callable[[str], None], ring_all: Callable[[], None], clock: Callable[[], datetime]
    ) -> None:
        self._ring_here, self._ring_all, self._clock = ring, ring_all, clock
        self._engine = _engine(url)
        self._node = secrets.token_hex(8)
        self._rung: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, args=(work,), name=f"bell-{work.__name__.strip('_')}", daemon=True)
            for work in (self._notify, self._listen)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether its threads run."""
        return all(thread.is_alive() for thread in self._threads)

    def ring(self, name: str) -> None:
        """Tell the other nodes soon; returns at once."""
        self._rung.put(name)

    def close(self) -> None:
        """Tell what is still to be told, then stop."""
        self._stop.set()
        self._rung.put("")
        for thread in self._threads:
            thread.join()
        self._engine.dispose()

    def _keep(self, work: Callable[[Connection], None]) -> None:
        """Do the work over one connection after another, until it is stopped."""
        while not self._stop.is_set():
            try:
                with self._engine.connect() as connection:
                    work(connection)
            except Exception as error:  # noqa: BLE001 - the driver's errors too: whatever broke, connect again
                journal.store_failed(error)
                self._stop.wait(_odd(1.0))

    def _notify(self, connection: Connection) -> None:
        connection.execute(text("SET synchronous_commit = off"))
        while not self._stop.is_set():
            names = self._gather()
            try:
                for payload in _payloads(self._node, names):
                    connection.execute(select(func.pg_notify(CHANNEL, payload)))
            except Exception:
                for name in names:
                    self._rung.put(name)
                raise

    def _gather(self) -> set[str]:
        """What was rung since the last time; waits for the first, and then a moment for more."""
        names = {self._rung.get()}
        self._stop.wait(_GATHER)
        while not self._rung.empty():
            names.add(self._rung.get())
        return names - {""}

    def _listen(self, connection: Connection) -> None:
        connection.execute(text(f"LISTEN {CHANNEL}"))
        driver: Any = connection.connection.driver_connection
        seen: set[str] = set()
        self._ring_all()  # what was rung while nobody listened
        while not self._stop.is_set():
            for heard in driver.notifies(timeout=_odd(1.0)):
                self._hear(heard.payload)
            seen = self._look(connection, seen)

    def _hear(self, payload: str) -> None:
        node, *names = json.loads(payload)
        if node != self._node:
            for name in names:
                self._ring_here(name)

    def _look(self, connection: Connection, seen: set[str]) -> set[str]:
        """Ring for codes that came lately and were not seen the last time."""
        lately = select(codes.c.id, codes.c.identifier).where(codes.c.received_at > self._clock() - _LOOK_BACK)
        found = {row.id: row.identifier for row in connection.execute(lately)}
        for name in {identifier for key, identifier in found.items() if key not in seen}:
            self._ring_here(name)
        return set(found)


def open_bell(
    url: str, ring: Callable[[str], None], ring_all: Callable[[], None], clock: Callable[[], datetime]
) -> NodeBell | SilentBell:
    """The bell between the nodes of a database; `ring` and `ring_all` wake those who wait at this node."""
    return SilentBell() if is_sqlite(url) else NodeBell(url, ring, ring_all, clock)


def _engine(url: str) -> Engine:
    return postgresql_engine(url, pool_size=2, isolation_level="AUTOCOMMIT")


def _payloads(node: str, names: Iterable[str]) -> Iterator[str]:
    """The names in as few notifications as they fit into, in JSON and so in ASCII."""
    batch = [node]
    size = 0
    for name in chain(sorted(names), [""]):
        length = len(json.dumps(name)) + 2
        if (size + length > _LARGEST or not name) and len(batch) > 1:
            yield json.dumps(batch)
            batch, size = [node], 0
        batch.append(name)
        size += length


def _odd(seconds: float) -> float:
    """About as many seconds: nodes that look at the same moment would load the database together."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
