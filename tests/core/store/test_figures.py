"""Figures outlive a restart, add up over nodes, become coarse, and are forgotten."""

from datetime import UTC, datetime, timedelta

from core.store import COARSE, FINE, Figure, begin_of
from core.store.figures import fold
from tests.shelves import Shelf

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def test_what_is_put_again_takes_the_place_of_what_was(shelf: Shelf) -> None:
    name, minute = unique(shelf), begin_of(shelf.clock(), FINE)
    shelf.store.figures.put("a", minute, {(name, "x"): 3}).result()
    shelf.store.figures.put("a", minute, {(name, "x"): 5}).result()
    assert numbers(shelf, name) == [(minute, "x", 5)]


def test_nodes_are_added_up_and_of_waiters_the_highest_minute_counts(shelf: Shelf) -> None:
    name, first = unique(shelf), begin_of(shelf.clock(), COARSE)
    for place, (one, other) in enumerate([(3, 1), (2, 2)]):
        minute = first + place * FINE
        shelf.store.figures.put("a", minute, {(name, "x"): one, ("waiters", name): one}).result()
        shelf.store.figures.put("b", minute, {(name, "x"): other, ("waiters", name): other}).result()
    assert numbers(shelf, name, COARSE) == [(first, "x", 8)]
    found = [one for one in shelf.store.figures.since(first, COARSE) if one.label == name]
    assert [(one.name, one.number) for one in found] == [("waiters", 4)]


def test_old_minutes_become_ten_minutes_and_say_the_same(shelf: Shelf) -> None:
    name, minute = unique(shelf), begin_of(shelf.clock(), COARSE)
    for place in range(12):
        values = {(name, "x"): 1 + place, ("waiters", name): place}
        shelf.store.figures.put("a", minute + place * FINE, values).result()
    before = shelf.store.figures.since(minute, COARSE)
    shelf.clock.advance(4 * 3600)
    shelf.store.figures.sum_up(shelf.clock()).result()
    assert shelf.store.figures.since(minute, COARSE) == before
    assert [at for at, _, _ in numbers(shelf, name)] == [minute, minute + COARSE]
    shelf.store.figures.sum_up(shelf.clock()).result()
    assert shelf.store.figures.since(minute, COARSE) == before


def test_a_minute_that_comes_late_is_added_to_its_ten_minutes(shelf: Shelf) -> None:
    name, minute = unique(shelf), begin_of(shelf.clock(), COARSE)
    shelf.store.figures.put("a", minute, {(name, "x"): 1}).result()
    shelf.clock.advance(4 * 3600)
    shelf.store.figures.sum_up(shelf.clock()).result()
    shelf.store.figures.put("b", minute + FINE, {(name, "x"): 2}).result()
    shelf.store.figures.sum_up(shelf.clock()).result()
    assert numbers(shelf, name) == [(minute, "x", 3)]


def test_who_was_seen_is_known_for_eight_days(shelf: Shelf) -> None:
    via, minute = unique(shelf), begin_of(shelf.clock(), FINE)
    shelf.store.figures.put("a", minute - FINE, {("seen", via): 1}).result()
    shelf.store.figures.put("b", minute, {("seen", via): 1}).result()
    assert shelf.store.figures.last_seen()[via] == minute
    shelf.clock.advance(7 * 86_400)
    shelf.store.figures.sum_up(shelf.clock()).result()
    assert shelf.store.figures.last_seen()[via] == begin_of(minute, COARSE)
    shelf.clock.advance(2 * 86_400)
    shelf.store.figures.sum_up(shelf.clock()).result()
    assert via not in shelf.store.figures.last_seen()


def test_folding_keeps_names_and_labels_apart() -> None:
    at = datetime(2026, 11, 23, 12, 3, tzinfo=UTC)
    found = [Figure(begins_at=at, name=n, label=label, number=1) for n, label in ("ab", "ac", "bb")]
    assert [(one.begins_at, one.name, one.label) for one in fold(found, COARSE)] == [
        (at - timedelta(minutes=3), n, label) for n, label in ("ab", "ac", "bb")
    ]


def unique(shelf: Shelf) -> str:
    """A name that no other test counts."""
    return shelf.of("a@example.com")[0].trace_id


def numbers(shelf: Shelf, name: str, span: timedelta = FINE) -> list[tuple[datetime, str, int]]:
    found = shelf.store.figures.since(LONG_AGO, span)
    return [(one.begins_at, one.label, one.number) for one in found if one.name == name]
