"""SMS of which a part never comes, and calls that fall silent: the code that is there is not lost."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from core.filing import Lifetimes
from core.ingest import Ingest
from core.message import InboundMessage
from core.reading import read
from core.store import Code, Page, Part
from core.trust import Proof
from gateway.joining import PATIENCE, SILENCE, Joiner
from tests.shelves import Shelf


def came_by(message: InboundMessage) -> Proof:
    """What a signed webhook proves."""
    return Proof(route=message.route)


@pytest.fixture
def ingest(shelf: Shelf) -> Ingest:
    lasts = Lifetimes(code=timedelta(minutes=10), link=timedelta(days=1))
    return Ingest(store=shelf.store, read=partial(read, threshold=0.5), prove=came_by, lifetimes=lasts)


@pytest.fixture
def store_overdue(shelf: Shelf, ingest: Ingest) -> Callable[[], None]:
    return Joiner(shelf.store, ingest, shelf.clock, lambda: "trace").store_overdue


def bring(shelf: Shelf, recipient: str, place: int, text: str, *, ago: timedelta = PATIENCE * 2) -> None:
    part = Part(
        door="hooks/sms",
        sender="+1 (500) 555-0006",
        recipient=recipient,
        reference="7",
        number=place,
        total=3,
        external_id=f"{recipient}-{place}",
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
    shelf: Shelf, store_overdue: Callable[[], None], number: str
) -> None:
    bring(shelf, number, 1, "Your Acme code is 482913. Do not")
    for _ in range(2):
        store_overdue()
    assert stored(shelf, number) == [("+15005550006", "Your Acme code is 482913. Do not … ", "482913")]


def test_while_others_may_still_come_nothing_is_stored(
    shelf: Shelf, store_overdue: Callable[[], None], number: str
) -> None:
    bring(shelf, number, 1, "Your Acme code is 48")
    bring(shelf, number, 2, "2913.", ago=timedelta(seconds=1))
    store_overdue()
    assert stored(shelf, number) == []


def test_a_recipient_that_is_no_number_is_kept_and_holds_up_nobody_else(
    shelf: Shelf, store_overdue: Callable[[], None], number: str
) -> None:
    bring(shelf, "SIM 3", 1, "Your code is 111111")
    bring(shelf, number, 1, "Your Acme code is 482913")
    store_overdue()
    assert [value for _, _, value in stored(shelf, number)] == ["482913"]
    (kept,) = shelf.store.messages.page(Page(limit=10), identifier="SIM 3")
    assert (kept.verdict, kept.text, codes(shelf, kept.id)) == ("unknown recipient", "Your code is 111111 … ", [])
    assert shelf.store.parts.overdue(shelf.clock() - PATIENCE) == []


def say(shelf: Shelf, number: str, place: int, text: str, *, ago: timedelta) -> None:
    sentence = Part(
        door="hooks/voice",
        sender="+15005550006",
        recipient=number,
        reference=f"CA{number}",
        number=place,
        total=0,
        external_id=f"GT{number}-{place}",
        text=text,
        received_at=shelf.clock() - ago,
    )
    shelf.store.parts.add(sentence).result()


def test_a_code_at_the_end_of_a_call_that_fell_silent_is_stored_once(
    shelf: Shelf, store_overdue: Callable[[], None], number: str
) -> None:
    """Its end is told in vain where the gateway was away, or never."""
    say(shelf, number, 2, "Hello.", ago=SILENCE * 3)
    say(shelf, number, 3, "Your code is 4829.", ago=SILENCE * 2)
    for _ in range(2):
        store_overdue()
    assert {value for _, _, value in stored(shelf, number)} == {"4829"}
    assert len(shelf.store.messages.page(Page(limit=10), identifier=number)) == 1
    waiting = shelf.store.parts.overdue(shelf.clock(), calls=True)
    assert number not in {found[0].recipient for found in waiting}


def test_a_call_that_goes_on_is_left_alone(shelf: Shelf, store_overdue: Callable[[], None], number: str) -> None:
    say(shelf, number, 2, "Your code is 3318.", ago=SILENCE * 2)
    say(shelf, number, 3, "57.", ago=SILENCE / 2)
    store_overdue()
    assert stored(shelf, number) == []
    shelf.clock.advance(SILENCE.total_seconds())
    store_overdue()
    assert {value for _, _, value in stored(shelf, number)} == {"331857"}


def test_a_sentence_that_never_came_holds_up_no_code_for_ever(
    shelf: Shelf, store_overdue: Callable[[], None], number: str
) -> None:
    say(shelf, number, 2, "Your code is 4829.", ago=SILENCE * 2)
    say(shelf, number, 4, "Goodbye.", ago=SILENCE * 2)
    store_overdue()
    assert {value for _, _, value in stored(shelf, number)} == {"4829"}
