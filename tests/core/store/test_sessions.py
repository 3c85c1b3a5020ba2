"""Console sessions as stored: found by their digest until they are ended, forgotten once they are over."""

from dataclasses import replace
from datetime import timedelta

from core.store import Horizon, Session
from tests.shelves import Shelf


def test_one_is_found_moved_and_ended(shelf: Shelf) -> None:
    store, now = shelf.store.sessions, shelf.clock()
    session = Session(digest="d" * 64, key_id="key", created_at=now, ends_at=now + timedelta(hours=1))
    store.add(session).result()
    assert store.find(session.digest) == session
    later = now + timedelta(hours=2)
    store.extend(session.digest, later).result()
    assert store.find(session.digest) == replace(session, ends_at=later)
    store.remove(session.digest).result()
    assert store.find(session.digest) is None


def test_those_that_are_over_are_forgotten(shelf: Shelf) -> None:
    store, now = shelf.store.sessions, shelf.clock()
    over, living = (
        Session(digest=letter * 64, key_id="key", created_at=now, ends_at=now + timedelta(minutes=minutes))
        for letter, minutes in (("a", 1), ("b", 10))
    )
    for session in (over, living):
        store.add(session).result()
    now, long_ago = now + timedelta(minutes=5), now - timedelta(days=1000)
    due = Horizon(values=long_ago, messages=long_ago, marks=long_ago, audit=long_ago, now=now)
    while shelf.store.purging.step(due).result():
        pass
    assert store.find(over.digest) is None
    assert store.find(living.digest) == living
    store.remove(living.digest).result()
