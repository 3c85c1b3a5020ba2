"""What the bell between nodes costs: commits a second of 64 writers on PostgreSQL, with and without it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial

from core.migrations import migrate
from core.store import open_bell, open_store
from core.waiting import Bell
from tests.benchmarks.results import Row, in_turns
from tests.postgresql import running_postgresql
from tests.shelves import KEY, Clock, Shelf

_WRITERS = 64
_EACH = 25


def rate(shelf: Shelf, pool: ThreadPoolExecutor) -> float:
    """Messages a second that 64 writers store, each waiting for its commit before it goes on."""

    def write(number: int) -> None:
        for _ in range(_EACH):
            shelf.arrive(f"writer{number}@example.com")

    began = time.perf_counter()
    list(pool.map(write, range(_WRITERS)))
    return _WRITERS * _EACH / (time.perf_counter() - began)


def measure(rounds: int) -> Iterator[Row]:
    """One row, or the reason why there is none."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(running_postgresql()).url
        except ImportError:
            yield Row(what="commits with the bell", ours="", theirs="", ratio="skipped: no pgserver")
            return
        migrate(url)
        ringing, hearing = (
            open_bell(url, lambda _: None, lambda: None, lambda: datetime.now(UTC)) for _ in range(2)
        )
        for node in (ringing, hearing):
            stack.callback(node.close)
        pool = stack.enter_context(ThreadPoolExecutor(_WRITERS))
        shelves = [
            Shelf(store=open_store(url, ring, [KEY]), bell=Bell(), clock=Clock())
            for ring in (ringing.ring, lambda _: None)
        ]
        for shelf in shelves:
            stack.callback(shelf.store.close)
            rate(shelf, pool)
        pairs = in_turns(partial(rate, shelves[0], pool), partial(rate, shelves[1], pool), rounds)
    yield Row(
        what=f"commits of {_WRITERS} writers with the bell, PostgreSQL",
        ours=f"{pairs.ours:.0f}/s",
        theirs=f"without: {pairs.theirs:.0f}/s",
        ratio=f"{pairs.ratio:.2f}",
        goal="at least 0.9",
    )
