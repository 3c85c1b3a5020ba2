"""Polls a second with 1,000 and with 1,000,000 codes stored: the same look-up, in the same process, in turns."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine

from core.migrations import migrate
from core.store import sqlite_url
from core.store.tables import codes
from tests.benchmarks.results import Row, in_turns
from tests.shelves import Clock, Desk, open_desk, open_shelf

_FEW, _MANY = 1_000, 1_000_000
_ASKED = 500
"""People who are asked for."""
_BATCH = 20_000


def fill(url: str, rows: int, people: int, now: datetime) -> None:
    """Store so many expired codes of so many people, one a second until now."""
    engine = create_engine(url)
    blank = {column.name: "" for column in codes.columns} | {"message_id": None, "lease_until": None}
    blank |= {"alternate": False, "host_expected": False, "contradicts": False, "confidence": 1.0}  # type: ignore[dict-item]
    with engine.begin() as connection:
        for start in range(0, rows, _BATCH):
            batch = [
                blank
                | {
                    "id": f"code_{number}",
                    "identifier": f"user{number % people}@example.com",
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
        desk.latest(f"user{number % _ASKED}@example.com", after=desk.cursor())
    return polls / (time.perf_counter() - began)


def measure(rounds: int) -> Iterator[Row]:
    """A row where a million codes are those of half a million people, and one where 500 people have 2,000 each."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as closing:

        def stored(rows: int, people: int) -> Desk:
            clock = Clock()
            clock.now = datetime.now(UTC)
            url = sqlite_url(Path(folder) / f"{rows}-{people}.db")
            migrate(url)
            fill(url, rows, people, clock.now)
            desk = open_desk(open_shelf(url, clock))
            closing.callback(desk.shelf.store.close)
            return desk

        few = stored(_FEW, _ASKED)
        for people in (_MANY // 2, _ASKED):
            many = stored(_MANY, people)
            pairs = in_turns(partial(rate, many), partial(rate, few), rounds)
            yield Row(
                what=f"polls with 1,000,000 codes of {people:,} people stored",
                ours=f"{pairs.ours:.0f}/s",
                theirs=f"with 1,000 of {_ASKED}: {pairs.theirs:.0f}/s",
                ratio=f"a poll costs {1 / pairs.ratio:.2f}",
                goal="at most 1.2",
            )
