"""Forgetting beside claims: how much later a claim is answered while 200,000 rows are due."""

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

from core.migrations import migrate
from core.retention import horizon, purge
from core.settings import RetentionSettings
from core.store import Stored, sqlite_url
from tests.benchmarks.results import Row, quantile
from tests.postgresql import running_postgresql
from tests.shelves import Clock, Desk, Shelf, open_desk, open_shelf

_DUE = 100_000
"""Messages, each with a code: 200,000 rows."""
_TOGETHER = 250
_TEXT = "Your code is 482913. It expires in ten minutes. " * 20
"""About as much as a person sees of a mail."""


_names = count()


def fill(shelf: Shelf, messages: int, age: timedelta, text: str = _TEXT) -> None:
    """Store so many messages with a code each that came so long ago; without text they are forgotten half."""
    then = shelf.clock.now - age
    numbers = iter(range(messages))
    while some := list(islice(numbers, _TOGETHER)):
        shelf.store.messages.add(
            [_old(shelf, then + timedelta(seconds=number % 600), text) for number in some]
        ).result()


def _old(shelf: Shelf, at: datetime, text: str) -> Stored:
    message, code = shelf.of("forgotten@example.com", "482913" if text else "")
    message = replace(message, received_at=at, text=text)
    return message, (replace(code, received_at=at, expires_at=at + timedelta(minutes=10)),), message.id


@contextmanager
def purging(shelf: Shelf) -> Iterator[None]:
    """Forgets, as the gateway does, while the block runs; stops with it."""
    done = threading.Event()
    due = horizon(RetentionSettings(), shelf.clock.now)
    thread = threading.Thread(target=purge, args=(shelf.store, due), kwargs={"stopping": done.is_set})
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def claims(desk: Desk, name: str, count: int) -> list[float]:
    """Milliseconds of each of so many claims, 100 a second at most."""
    taken = []
    for number in range(count):
        person = f"{name}{number}@example.com"
        desk.shelf.arrive(person)
        began = time.perf_counter()
        assert desk.claim(person, "run")
        taken.append(1000 * (time.perf_counter() - began))
        time.sleep(0.01)
    return taken


def measure(rounds: int) -> Iterator[Row]:
    """A row a database and kind of forgetting: values alone after a day, whole rows after a month."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = {"SQLite": sqlite_url(folder / "purge.db")}
        try:
            urls["PostgreSQL"] = stack.enter_context(running_postgresql()).url
        except ImportError:
            yield Row(what="claims while purging", ours="", theirs="", ratio="PostgreSQL skipped: no pgserver")
        for database, url in urls.items():
            migrate(url)
            clock = Clock()
            clock.now = datetime.now(UTC)
            desk = open_desk(open_shelf(url, clock))
            stack.callback(desk.shelf.store.close)
            for what, age, text in (("rows", timedelta(days=40), ""), ("values", timedelta(days=2), _TEXT)):
                fill(desk.shelf, _DUE, age, text)
                yield _compared(desk, f"claims while {2 * _DUE:,} {what} are forgotten, {database}", rounds)


def _compared(desk: Desk, what: str, rounds: int) -> Row:
    beside, alone = [], []
    for _ in range(rounds):
        alone += claims(desk, f"alone{next(_names)}x", 100)
        with purging(desk.shelf):
            beside += claims(desk, f"beside{next(_names)}x", 100)
    later = quantile(beside, 0.99) - quantile(alone, 0.99)
    return Row(
        what=what,
        ours=f"p50 {statistics.median(beside):.1f} ms, p99 {quantile(beside, 0.99):.1f} ms",
        theirs=f"nothing due: p50 {statistics.median(alone):.1f} ms, p99 {quantile(alone, 0.99):.1f} ms",
        ratio=f"p99 {later:+.1f} ms",
        goal="at most 50 ms later",
    )
