"""The parts of a long SMS find each other, whichever nodes they reach and however often they come."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.store.parts import TOGETHER, Part, joined
from tests.shelves import Shelf

TEXTS = ["Your code is 48", "2913. Do not ", "share it."]
WHOLE = "".join(TEXTS)


def part(shelf: Shelf, number: str, place: int, reference: str = "117") -> Part:
    return Part(
        door="hooks/sms",
        sender="+15005550006",
        recipient=number,
        reference=reference,
        number=place,
        total=3,
        external_id=f"{number}-{place}",
        text=TEXTS[place - 1],
        received_at=shelf.clock(),
    )


def bring(shelf: Shelf, one: Part) -> str | None:
    """Text of the whole, as the door asks for it after each part."""
    shelf.store.parts.add(one).result()
    found = shelf.store.parts.beside(one)
    return joined(found)[0] if len(found) == one.total else None


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))), ids=str)
def test_the_last_part_at_whichever_node_makes_it_whole(
    shelf: Shelf, other_node: Shelf, number: str, order: tuple[int, ...]
) -> None:
    nodes = itertools.cycle((shelf, other_node))
    brought = [bring(next(nodes), part(shelf, f"{number}{order[0]}{order[1]}", place)) for place in order]
    assert brought == [None, None, WHOLE]


def test_parts_at_once_at_two_nodes_are_seen_by_one_of_them_at_least(
    shelf: Shelf, other_node: Shelf, number: str
) -> None:
    for attempt in range(5):
        parts = [part(shelf, f"{number}{attempt}", place) for place in (1, 2, 3)]
        with ThreadPoolExecutor(3) as pool:
            brought = list(pool.map(bring, (shelf, other_node, shelf), parts))
        assert WHOLE in brought
        assert set(brought) <= {WHOLE, None}


def test_a_part_that_comes_twice_stands_for_no_other(shelf: Shelf, number: str) -> None:
    assert [bring(shelf, part(shelf, number, place)) for place in (1, 1, 3, 3)] == [None] * 4
    assert bring(shelf, part(shelf, number, 2)) == WHOLE


@pytest.mark.parametrize("changed", [{"sender": "Acme"}, {"recipient": "+15550009999"}, {"door": "hooks/b"}])
def test_parts_of_another_sms_stay_apart(shelf: Shelf, number: str, changed: dict[str, str]) -> None:
    bring(shelf, part(shelf, number, 1))
    bring(shelf, part(shelf, number, 2))
    assert bring(shelf, replace(part(shelf, number, 3), **changed)) is None  # type: ignore[arg-type]
    assert bring(shelf, part(shelf, number, 3, reference="118")) is None
    assert bring(shelf, part(shelf, number, 3)) == WHOLE


def test_a_reference_that_is_used_again_later_joins_no_old_part(shelf: Shelf, number: str) -> None:
    bring(shelf, part(shelf, number, 1))
    bring(shelf, part(shelf, number, 2))
    shelf.clock.advance(TOGETHER.total_seconds() + 1)
    assert bring(shelf, part(shelf, number, 3)) is None


@pytest.mark.parametrize(
    ("places", "text"),
    [((1,), "Your code is 48 … "), ((2,), " … 2913. Do not  … "), ((3, 1), "Your code is 48 … share it.")],
    ids=str,
)
def test_what_waits_in_vain_is_overdue_with_a_gap_for_what_is_missing(
    shelf: Shelf, number: str, places: tuple[int, ...], text: str
) -> None:
    for place in places:
        bring(shelf, part(shelf, number, place))
    arrived = shelf.clock()
    assert overdue(shelf, number, arrived - timedelta(minutes=1)) == []
    (found,) = overdue(shelf, number, shelf.clock())
    assert joined(found) == (text, "+".join(f"{number}-{place}" for place in sorted(places)))
    shelf.store.parts.drop(found).result()
    assert overdue(shelf, number, shelf.clock()) == []


def overdue(shelf: Shelf, number: str, before: datetime, *, calls: bool = False) -> list[list[Part]]:
    return [found for found in shelf.store.parts.overdue(before, calls=calls) if found[0].recipient == number]


def test_sentences_of_a_call_are_overdue_apart_from_sms(shelf: Shelf, number: str) -> None:
    bring(shelf, part(shelf, number, 1))
    bring(shelf, replace(part(shelf, number, 2), total=0, reference="CA1"))
    found = [
        [one.reference for one in overdue(shelf, number, shelf.clock(), calls=calls)[0]] for calls in (False, True)
    ]
    assert found == [["117"], ["CA1"]]


def test_what_was_read_is_forgotten_and_adds_nothing_again(shelf: Shelf, other_node: Shelf, number: str) -> None:
    """Providers come back for a day, and whoever heard a part may send it again: half a code is a wrong one."""
    read = [part(shelf, number, place) for place in (1, 2, 3)]
    for one in read:
        bring(shelf, one)
    shelf.store.parts.drop(read).result()
    for node in (shelf, other_node):
        assert node.store.parts.add(part(shelf, number, 3)).result() is False
        assert node.store.parts.beside(read[0]) == []


def test_what_came_while_the_rest_was_read_stays(shelf: Shelf, number: str) -> None:
    bring(shelf, part(shelf, number, 1))
    (read,) = overdue(shelf, number, shelf.clock())
    bring(shelf, part(shelf, number, 2))
    shelf.store.parts.drop(read).result()
    assert [one.number for one in shelf.store.parts.beside(part(shelf, number, 1))] == [2]


def test_another_sms_whose_reference_was_used_before_is_taken(shelf: Shelf, number: str) -> None:
    for again in ("", "b"):
        parts = [replace(part(shelf, number, n), external_id=f"{number}-{n}{again}") for n in (1, 2, 3)]
        assert [bring(shelf, one) is None for one in parts] == [True, True, False]
        shelf.store.parts.drop(parts).result()
