"""SMS of which a part never comes: the code that is there is not lost with the rest."""

from datetime import timedelta
from functools import partial

import pytest

from core.ingest import Ingest, Lifetimes
from core.message import InboundMessage
from core.reading import read
from core.store import Code, Page, Part
from core.trust import Proof
from gateway.joining import PATIENCE, store_overdue
from tests.shelves import Shelf


def came_by(message: InboundMessage) -> Proof:
    """What a signed webhook proves."""
    return Proof(route=message.route)


@pytest.fixture
def ingest(shelf: Shelf) -> Ingest:
    lasts = Lifetimes(code=timedelta(minutes=10), link=timedelta(days=1))
    return Ingest(store=shelf.store, read=partial(read, threshold=0.5), prove=came_by, lifetimes=lasts)


def bring(shelf: Shelf, recipient: str, place: int, text: str, *, ago: timedelta = PATIENCE * 2) -> None:
    part = Part(
        door="hooks/sms",
        sender="+1 (500) 555-0006",
        recipient=recipient,
        reference="7",
        number=place,
        total=3,
        external_id=f"id{place}",
        text=text,
        received_at=shelf.clock() - ago,
    )
    shelf.store.parts.add(part).result()


def stored(shelf: Shelf, number: str) -> list[tuple[str, str, str]]:
    found = shelf.store.messages.page(Page(limit=10), identifier=number)
    return [(message.sender, message.text, code.value) for message in found for code in codes(shelf, message.id)]


def codes(shelf: Shelf, message_id: str) -> list[Code]:
    return list(shelf.store.codes.of_message(message_id))


def test_the_code_in_a_part_is_stored_once_though_the_others_never_come(
    shelf: Shelf, ingest: Ingest, number: str
) -> None:
    bring(shelf, number, 1, "Your Acme code is 482913. Do not")
    for _ in range(2):
        store_overdue(shelf.store, ingest, shelf.clock)
    assert stored(shelf, number) == [("+15005550006", "Your Acme code is 482913. Do not … ", "482913")]


def test_while_others_may_still_come_nothing_is_stored(shelf: Shelf, ingest: Ingest, number: str) -> None:
    bring(shelf, number, 1, "Your Acme code is 48")
    bring(shelf, number, 2, "2913.", ago=timedelta(seconds=1))
    store_overdue(shelf.store, ingest, shelf.clock)
    assert stored(shelf, number) == []


def test_a_recipient_that_is_no_number_holds_up_nobody_else(shelf: Shelf, ingest: Ingest, number: str) -> None:
    bring(shelf, "nobody", 1, "Your code is 111111")
    bring(shelf, number, 1, "Your Acme code is 482913")
    store_overdue(shelf.store, ingest, shelf.clock)
    assert [value for _, _, value in stored(shelf, number)] == ["482913"]
    assert shelf.store.parts.overdue(shelf.clock() - PATIENCE) == []
