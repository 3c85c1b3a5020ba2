"""Listeners of the feed: each is told all that comes after its place, in order, however far behind it is."""

from collections.abc import Iterator

import pytest

from core import feed as module
from core.feed import Feed, Listener
from tests.shelves import Shelf


@pytest.fixture
def feed(shelf: Shelf) -> Iterator[Feed]:
    feed = Feed(shelf.store.events)
    feed.start()
    yield feed
    feed.stop()
    assert not feed.alive


def take(listener: Listener, count: int) -> list[int]:
    """The numbers of at least so many events."""
    told: list[int] = []
    for _ in range(200):
        told += [event.number for event in listener.take(0.1)]
        if len(told) >= count:
            return told
    pytest.fail(f"{len(told)} of {count} events")


def test_those_who_listen_are_told_the_same(feed: Feed, shelf: Shelf) -> None:
    one, other = feed.join(None), feed.join(None)
    first = shelf.store.events.newest()
    shelf.arrive("both@example.com")
    feed.wake("both@example.com")
    assert take(one, 2) == take(other, 2) == [first + 1, first + 2]
    assert one.take(0) == []
    one.leave()
    other.leave()


def test_a_lost_ring_is_noticed_within_a_second_or_so(feed: Feed, shelf: Shelf) -> None:
    listener = feed.join(None)
    shelf.arrive("unrung@example.com")
    assert len(take(listener, 2)) == 2
    listener.leave()


def test_who_is_far_behind_catches_up(feed: Feed, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT", 5)
    monkeypatch.setattr(module, "AT_ONCE", 4)
    slow, quick = feed.join(None), feed.join(None)
    place = slow.position
    for number in range(10):
        shelf.arrive(f"behind{number}@example.com")
        feed.wake()
        take(quick, 2)
    back = feed.join(place + 3)
    assert take(slow, 20) == list(range(place + 1, place + 21))
    assert take(back, 17) == list(range(place + 4, place + 21))
    for listener in (slow, quick, back):
        listener.leave()


def test_after_everybody_left_the_next_begins_with_now(feed: Feed, shelf: Shelf) -> None:
    feed.join(None).leave()
    shelf.arrive("nobody@example.com")
    listener = feed.join(None)
    assert listener.take(0) == []
    shelf.arrive("somebody@example.com")
    feed.wake()
    assert len(take(listener, 2)) == 2
    listener.leave()


def test_a_place_that_was_never_reached_is_lost(feed: Feed, shelf: Shelf) -> None:
    newest = shelf.store.events.newest()
    listener = feed.join(newest + 1000)
    assert (listener.lost, listener.position) == (True, newest)
    listener.leave()
