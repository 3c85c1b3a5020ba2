"""Parts of long SMS: joined in order, whenever and wherever each came."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from core.store import Part
from tests.shelves import Shelf

TEXTS = ("Your Acme code", " is 4829", "13. Do not share it.")


def part(shelf: Shelf, number: int, reference: str, **fields: Any) -> Part:
    values: dict[str, Any] = {
        "door": "hooks/sms",
        "sender": "Acme",
        "recipient": "+15551230000",
        "reference": reference,
        "number": number,
        "total": 3,
        "external_id": f"id-{number}",
        "text": TEXTS[number - 1],
        "received_at": shelf.clock(),
    }
    return Part(**values | fields)


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))), ids=str)
def test_the_last_part_to_come_completes_the_sms_in_the_order_of_the_parts(
    shelf: Shelf, order: tuple[int, ...]
) -> None:
    found = []
    for number in order:
        one = part(shelf, number, f"order-{order}")
        shelf.store.parts.add(one).result()
        found.append(shelf.store.parts.all_of(one))
    assert found == [None, None, ("".join(TEXTS), "id-1+id-2+id-3")]


def test_a_part_that_comes_twice_counts_once(shelf: Shelf) -> None:
    for number in (1, 1, 2, 2):
        shelf.store.parts.add(part(shelf, number, "twice")).result()
    assert shelf.store.parts.all_of(part(shelf, 2, "twice")) is None


def test_another_senders_or_doors_part_with_the_same_reference_does_not_belong(shelf: Shelf) -> None:
    for number, other in ((1, {}), (2, {"sender": "Bank"}), (3, {"door": "hooks/phone"})):
        one = part(shelf, number, "alike", **other)
        shelf.store.parts.add(one).result()
        assert shelf.store.parts.all_of(one) is None


def test_a_reference_that_is_used_again_an_hour_later_is_another_sms(shelf: Shelf) -> None:
    for number in (1, 2):
        shelf.store.parts.add(part(shelf, number, "again")).result()
    shelf.clock.advance(timedelta(hours=1, minutes=1).total_seconds())
    last = part(shelf, 3, "again")
    shelf.store.parts.add(last).result()
    assert shelf.store.parts.all_of(last) is None


def test_dropped_parts_are_gone(shelf: Shelf) -> None:
    for number in (1, 2, 3):
        shelf.store.parts.add(part(shelf, number, "gone")).result()
    one = part(shelf, 1, "gone")
    assert shelf.store.parts.all_of(one)
    shelf.store.parts.drop(one).result()
    assert shelf.store.parts.all_of(one) is None
