"""The same mail through two doors is one, on both databases, whatever the doors made of its bytes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from core.store import Code, Message, Trust
from tests.shelves import Shelf

SIGNED = {"route": "forwarder", "author": "acme.example", "evidence": "signed by acme.example"}


def mail(
    shelf: Shelf, to: str, door: str, *, value: str = "482913", message_id: str = "<1@acme.example>", **fields: str
) -> tuple[Message, tuple[Code, ...], str]:
    """A mail with a code as a door brings it."""
    message, code = shelf.of(to, value)
    proof: dict[str, Any] = {"route": "provider", "author": "", "evidence": "", **fields}
    headers = (("From", "no-reply@acme.example"), ("Message-Id", message_id)) if message_id else ()
    brought = replace(message, door=door, headers=headers, **proof)
    return brought, (replace(code, **proof),), f"{door} {message.id}"


def bring(shelf: Shelf, to: str, door: str, **fields: str) -> bool:
    """Whether a mail that a door brings is new."""
    return shelf.store.messages.add([mail(shelf, to, door, **fields)]).result()[0]


def codes(shelf: Shelf, to: str) -> list[Code]:
    return shelf.store.codes.recent(to, shelf.clock().replace(year=2000))


def test_a_mail_that_another_door_brought_adds_nothing(shelf: Shelf, someone: str) -> None:
    assert [bring(shelf, someone, door) for door in ("smtp", "hooks/a", "hooks/b", "hooks/a")] == [
        True,
        *[False] * 3,
    ]
    assert len(codes(shelf, someone)) == 1


@pytest.mark.parametrize("other", [{"value": "771177"}, {"message_id": "<2@acme.example>"}])
def test_whoever_does_not_know_the_code_suppresses_nothing(
    shelf: Shelf, someone: str, other: dict[str, str]
) -> None:
    assert bring(shelf, someone, "smtp", **other)
    assert bring(shelf, someone, "hooks/a")
    assert bring(shelf, f"other-{someone}", "hooks/a")


def test_without_a_message_id_nothing_tells_a_copy(shelf: Shelf, someone: str) -> None:
    assert all(bring(shelf, someone, door, message_id="") for door in ("smtp", "hooks/a"))


def test_both_in_one_transaction_are_one_code(shelf: Shelf, someone: str) -> None:
    both = [mail(shelf, someone, "hooks/a"), mail(shelf, someone, "smtp", **SIGNED)]
    assert shelf.store.messages.add(both).result() == (True, False)
    (code,) = codes(shelf, someone)
    assert code.trust is Trust.AUTHOR


def test_both_at_the_same_moment_are_one_code(shelf: Shelf, someone: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(lambda n: bring(shelf, someone, f"hooks/{n}"), range(8)))
    assert (sum(new), len(codes(shelf, someone))) == (1, 1)


def test_a_copy_that_proves_more_lends_its_proof_to_the_first(shelf: Shelf, someone: str) -> None:
    assert bring(shelf, someone, "hooks/a")
    assert not bring(shelf, someone, "smtp", **SIGNED)
    (code,) = codes(shelf, someone)
    (message,) = shelf.store.messages.since(shelf.clock().replace(year=2000), identifier=someone)
    assert (code.route, code.author, code.evidence) == tuple(SIGNED.values())
    assert (message.route, message.author, message.evidence) == tuple(SIGNED.values())


def test_the_very_same_mail_by_a_better_way_lends_its_proof_too(shelf: Shelf, someone: str) -> None:
    """Whoever sends it first from anywhere takes nothing away from the mail that is vouched for."""
    message, found, mark = mail(shelf, someone, "smtp", route="open")
    signed = mail(shelf, someone, "hooks/a")
    assert shelf.store.messages.add([(message, found, mark)]).result() == (True,)
    began = shelf.store.events.newest()
    for again in (signed, (message, found, "")):
        assert shelf.store.messages.add([(*again[:2], mark)]).result() == (False,)
    (code,) = codes(shelf, someone)
    assert (code.id, code.route, code.trust) == (found[0].id, "provider", Trust.ROUTE)
    seen, _ = shelf.store.events.after(began, 10)
    assert [event.code.id for event in seen if event.code and event.identifier == someone] == [code.id]


def test_so_it_does_in_one_transaction(shelf: Shelf, someone: str) -> None:
    open_, signed = mail(shelf, someone, "smtp", route="open"), mail(shelf, someone, "hooks/a")
    both = [(*one[:2], f"the mark of {someone}") for one in (open_, signed)]
    assert shelf.store.messages.add(both).result() == (True, False)
    (code,) = codes(shelf, someone)
    assert code.trust is Trust.ROUTE


@pytest.mark.parametrize("worse", [{"route": "open"}, {"route": "provider"}])
def test_a_copy_that_proves_less_changes_nothing(shelf: Shelf, someone: str, worse: dict[str, str]) -> None:
    assert bring(shelf, someone, "smtp", **SIGNED)
    assert not bring(shelf, someone, "hooks/a", **worse)
    (code,) = codes(shelf, someone)
    assert (code.route, code.author) == ("forwarder", "acme.example")
