"""What happened is read in one order, whoever stores at the same time, and never twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from core.store import Horizon
from core.store.events import events
from tests.shelves import Desk, Shelf

PATIENCE = 60
RUNS = 12


def read_all(shelf: Shelf, after: int, stop: threading.Event) -> list[int]:
    """Reads on and on, as the feed does; the numbers of all that it was told."""
    told: list[int] = []
    while True:
        over = stop.is_set()
        found, after = shelf.store.events.after(after, 7)
        told += [event.number for event in found]
        if over and not found:
            return told


def test_a_reader_that_reads_on_while_many_store_and_claim_is_told_each_event_once_and_in_order(
    desk: Desk,
) -> None:
    """Claims go by themselves on PostgreSQL: their transactions overtake each other."""
    shelf, stop = desk.shelf, threading.Event()
    before = shelf.store.events.newest()

    def log_in(number: int) -> None:
        name = f"events{number}@example.com"
        shelf.arrive(name)
        assert desk.claim(name, f"run {number}")

    with ThreadPoolExecutor(RUNS + 1) as pool:
        reader = pool.submit(read_all, shelf, before, stop)
        for done in [pool.submit(log_in, number) for number in range(5 * RUNS)]:
            done.result(PATIENCE)
        stop.set()
        told = reader.result(PATIENCE)
    stored, _ = shelf.store.events.after(before, 1000)
    assert told == [event.number for event in stored]
    assert len(told) == 3 * 5 * RUNS


def test_what_is_stored_first_and_committed_last_is_not_overtaken(desk: Desk) -> None:
    """On SQLite there is one writer, so nothing can be."""
    shelf = desk.shelf
    if shelf.store.reader.dialect.name == "sqlite":
        return
    before = shelf.store.events.newest()
    code = shelf.arrive("slow@example.com")
    writing = shelf.store.writer._engine  # noqa: SLF001 - a transaction of another node, held open
    own = {"at": code.received_at, "kind": "code", "about": code.id, "identifier": code.identifier}
    with ThreadPoolExecutor() as pool, writing.connect() as slow, slow.begin():
        slow.execute(events.insert().values(own))
        shelf.arrive("quick@example.com")
        reading = pool.submit(shelf.store.events.after, before, 100)
        beginning = pool.submit(shelf.store.events.newest)
        with pytest.raises(TimeoutError):
            reading.result(0.1)
        slow.commit()
        found, last = reading.result(PATIENCE)
        assert beginning.result(PATIENCE) == last
    assert [event.kind for event in found] == ["message", "code", "code", "message", "code"]
    assert [event.number for event in found] == sorted(event.number for event in found)


def test_a_claims_code_is_as_it_was_right_then(desk: Desk) -> None:
    before = desk.shelf.store.events.newest()
    desk.shelf.arrive("then@example.com")
    claim = desk.claim("then@example.com", "alice", lease=timedelta(seconds=60))
    assert claim
    desk.end(claim, desk.shelf.store.codes.recent("then@example.com", claim.after)[0].state.ACCEPTED)
    found, _ = desk.shelf.store.events.after(before, 100)
    states = [
        (e.code.state.value, e.code.holder, bool(e.code.lease_until))
        for e in found
        if e.kind == "claim" and e.code
    ]
    assert states == [("claimed", "alice", True), ("accepted", "alice", False)]


def test_old_events_are_forgotten_and_a_reader_is_told_so(shelf: Shelf) -> None:
    shelf.store.writer.submit(
        lambda connection: connection.execute(events.delete()).rowcount
    ).result()  # of others
    before = shelf.store.events.newest()
    for number in range(3):
        shelf.arrive(f"old{number}@example.com")
    shelf.clock.advance(3600)
    shelf.arrive("new@example.com")
    newest, now = shelf.store.events.newest(), shelf.clock()
    long_ago = now - timedelta(days=1000)
    due = Horizon(values=now - timedelta(minutes=1), messages=long_ago, marks=long_ago, audit=long_ago, now=now)
    while shelf.store.purging.step(due).result():
        pass
    assert not shelf.store.events.reaches(before)
    assert shelf.store.events.reaches(newest)
    assert shelf.store.events.newest() == newest
    found, _ = shelf.store.events.after(before, 1000)
    assert {event.identifier for event in found} == {"new@example.com"}
