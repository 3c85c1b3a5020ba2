"""Polls a second with 1,000 and with 1,000,000 codes stored: the same look-up, in the same process, in turns."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine

from core.migrations import migrate
from core.store import sqlite_url
from core.store.tables import codes
from tests.benchmarks.results import Row, in_turns
from tests.shelves import Clock, Desk, open_desk, open_shelf

_FEW, _MANY = 1_000, 1_000_000
_PEOPLE = 500
"""Each has as many codes as the others: two of a thousand, two thousand of a million."""
_BATCH = 20_000


def fill(url: str, rows: int, now: datetime) -> None:
    """Store so many expired codes of 500 people, one a second until now."""
    engine = create_engine(url)
    blank = {column.name: "" for column in codes.columns} | {"message_id": None, "lease_until": None}
    blank |= {"alternate": False, "host_expected": False, "contradicts": False, "confidence": 1.0}  # type: ignore[dict-item]
    with engine.begin() as connection:
        for start in range(0, rows, _BATCH):
            batch = [
                blank
                | {
                    "id": f"code_{number}",
                    "identifier": f"user{number % _PEOPLE}@example.com",
                    "kind": "code",
                    "channel": "email",
                    "state": "fresh",
                    "received_at": now - timedelta(seconds=rows - number + 700),
                    "expires_at": now - timedelta(seconds=rows - number + 100),
                }
                for number in range(start, min(rows, start + _BATCH))
            ]
            connection.execute(codes.insert(), batch)
    engine.dispose()


def rate(desk: Desk, polls: int = 300) -> float:
    """Polls a second, each by another person."""
    began = time.perf_counter()
    for number in range(polls):
        desk.latest(f"user{number % _PEOPLE}@example.com", after=desk.cursor())
    return polls / (time.perf_counter() - began)


def measure(rounds: int) -> Iterator[Row]:
    """One row."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as closing:
        desks = {}
        for rows in (_FEW, _MANY):
            clock = Clock()
            clock.now = datetime.now(UTC)
            url = sqlite_url(Path(folder) / f"{rows}.db")
            migrate(url)
            fill(url, rows, clock.now)
            desks[rows] = open_desk(open_shelf(url, clock))
            closing.callback(desks[rows].shelf.store.close)
        pairs = in_turns(lambda: rate(desks[_MANY]), lambda: rate(desks[_FEW]), rounds)
    yield Row(
        what="polls with 1,000,000 codes stored",
        ours=f"{pairs.ours:.0f}/s",
        theirs=f"with 1,000: {pairs.theirs:.0f}/s",
        ratio=f"a poll costs {1 / pairs.ratio:.2f}",
        goal="at most 1.2",
    )
