"""The same SMS through two doors is one, on both databases and whichever way the doors write it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fingerprint import likeness
from core.message import Channel
from core.store.sightings import WINDOW
from tests.shelves import Shelf

TEXT = "Your Acme code is 482913.\nDo not share it."


def bring(shelf: Shelf, number: str, door: str, *, sender: str = "+15005550006", text: str = TEXT) -> bool:
    """Whether an SMS that a door brings is new."""
    message, code = shelf.of(number, channel=Channel.SMS)
    sms = replace(message, channel=Channel.SMS, door=door, sender=sender, text=text)
    return shelf.store.messages.add([(sms, (code,), f"{door} {sms.id}")]).result()[0]


def codes(shelf: Shelf, number: str) -> int:
    return len(shelf.store.codes.recent(number, shelf.clock().replace(year=2000)))


def test_the_same_sms_through_a_phone_and_a_provider_is_one_code(shelf: Shelf, number: str) -> None:
    assert bring(shelf, number, "hooks/phone", sender="(500) 555-0006", text=f" {TEXT.replace(chr(10), ' ')}")
    assert not bring(shelf, number, "hooks/sms")
    assert codes(shelf, number) == 1


def test_what_the_site_sends_twice_is_two_through_either_door(shelf: Shelf, number: str) -> None:
    """The nth through one door is the nth through the other, in whichever order they come."""
    brought = [bring(shelf, number, door) for door in ("hooks/a", "hooks/a", "hooks/b", "hooks/b", "hooks/b")]
    assert brought == [True, True, False, False, True]
    assert codes(shelf, number) == 3


def test_the_same_words_much_later_are_another_sms(shelf: Shelf, number: str) -> None:
    assert bring(shelf, number, "hooks/a")
    shelf.clock.advance(WINDOW.total_seconds() + 1)
    assert bring(shelf, number, "hooks/b")


@pytest.mark.parametrize(
    "changed", [{"sender": "+15005550007"}, {"sender": "Acme"}, {"text": TEXT.replace("3", "4")}]
)
def test_another_sender_or_text_is_another_sms(shelf: Shelf, number: str, changed: dict[str, str]) -> None:
    assert bring(shelf, number, "hooks/a")
    assert bring(shelf, number, "hooks/b", **changed)


def test_the_repeat_itself_comes_again_and_still_adds_nothing(shelf: Shelf, number: str) -> None:
    """A phone that got no answer comes back with what Twilio had brought before."""
    assert bring(shelf, number, "hooks/sms")
    message, code = shelf.of(number, channel=Channel.SMS)
    again = replace(message, channel=Channel.SMS, door="hooks/phone", sender="+15005550006", text=TEXT)
    for _ in range(3):
        assert shelf.store.messages.add([(again, (code,), f"of the phone {number}")]).result() == (False,)
    assert codes(shelf, number) == 1


def test_two_doors_at_once_make_one_code(shelf: Shelf, number: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(lambda at: bring(shelf, number, f"hooks/{at}"), range(8)))
    assert new.count(True) == codes(shelf, number) == 1


def test_a_mail_is_not_looked_at(shelf: Shelf, someone: str) -> None:
    for door in ("smtp", "hooks/mail"):
        message, code = shelf.of(someone)
        assert shelf.store.messages.add(
            [(replace(message, door=door, text=TEXT), (code,), f"{door} {someone}")]
        ).result()[0]


@given(st.text(max_size=30), st.text(max_size=50))
def test_any_sender_and_text_may_be_compared(sender: str, text: str) -> None:
    assert likeness(sender, text) == likeness(f" {sender} ", f"\n{text}\n")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("+16505551212", "650-555-1212", True),
        ("+491711234567", "0171 1234567", True),
        ("Acme", "ACME", True),
        ("22395", "22396", False),
        ("22395", "1122395", False),
        ("VM-5551212", "5551212", False),
    ],
)
def test_numbers_are_alike_with_and_without_their_country_code(one: str, other: str, alike: bool) -> None:  # noqa: FBT001
    assert (likeness(one, "x") == likeness(other, "x")) is alike
