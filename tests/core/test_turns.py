"""Turns: one run at a time with one identifier and sender."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import ClaimHeldError, UnauthenticatedError
from core.ids import cursor_moment
from core.store import State
from core.turns import LONGEST, Wish
from tests.shelves import Desk, Shelf, open_desk


def take(desk: Desk, identifier: str, run: str, *senders: str, wait: float = 0, gone: bool = False) -> str:
    wish = Wish(identifier=identifier, senders=senders or ("acme.example",), run_id=run)
    return desk.turns.take(wish, timedelta(seconds=wait), lambda: gone)


def test_while_a_run_has_its_turn_no_other_gets_one(desk: Desk, someone: str) -> None:
    take(desk, someone, "alice")
    with pytest.raises(ClaimHeldError, match="another run has its turn"):
        take(desk, someone, "bob")


def test_a_cursor_of_a_turn_is_for_the_moment_at_which_the_turn_began(desk: Desk, someone: str) -> None:
    before = desk.shelf.clock.now
    assert before < cursor_moment(take(desk, someone, "alice")) <= desk.shelf.clock.now


@pytest.mark.parametrize("outcome", [State.ACCEPTED, State.REJECTED, State.FRESH])
def test_a_turn_ends_with_accept_reject_or_release(desk: Desk, someone: str, outcome: State) -> None:
    cursor = take(desk, someone, "alice")
    desk.shelf.arrive(someone)
    claim = desk.claim(someone, "alice", after=cursor)
    assert claim
    with pytest.raises(ClaimHeldError):
        take(desk, someone, "bob")
    desk.end(claim, outcome)
    assert take(desk, someone, "bob")


def test_a_turn_ends_after_two_minutes(desk: Desk, someone: str) -> None:
    take(desk, someone, "alice")
    desk.shelf.clock.advance(LONGEST.total_seconds() - 1)
    with pytest.raises(ClaimHeldError):
        take(desk, someone, "bob")
    desk.shelf.clock.advance(2)
    assert take(desk, someone, "bob")


def test_the_run_that_has_the_turn_may_ask_again_and_has_it_longer(desk: Desk, someone: str) -> None:
    """A lost answer costs nothing."""
    take(desk, someone, "alice")
    desk.shelf.clock.advance(100)
    take(desk, someone, "alice")
    desk.shelf.clock.advance(100)
    with pytest.raises(ClaimHeldError):
        take(desk, someone, "bob")


def test_a_late_end_of_a_lapsed_turn_does_not_end_the_next_one(desk: Desk, someone: str) -> None:
    take(desk, someone, "alice")
    desk.shelf.arrive(someone)
    claim = desk.claim(someone, "alice")
    assert claim
    desk.shelf.clock.advance(121)
    take(desk, someone, "bob")
    desk.end(claim, State.ACCEPTED)
    with pytest.raises(ClaimHeldError):
        take(desk, someone, "carol")


def test_another_sender_or_another_identifier_is_another_turn(desk: Desk, someone: str) -> None:
    take(desk, someone, "alice", "acme.example")
    assert take(desk, someone, "bob", "bank.example")
    assert take(desk, "other." + someone, "carol", "acme.example")


def test_a_sender_is_the_same_however_it_is_written(desk: Desk, someone: str) -> None:
    take(desk, someone, "alice", "Acme.example", "bank.example")
    with pytest.raises(ClaimHeldError):
        take(desk, someone, "bob", "no-reply@mail.bank.example", "acme.example")


def test_a_client_that_left_takes_no_turn_with_it(desk: Desk, someone: str) -> None:
    with pytest.raises(ClaimHeldError):
        take(desk, someone, "alice", gone=True)
    assert take(desk, someone, "bob")


def test_runs_that_ask_at_once_have_their_turns_one_after_the_other(shelf: Shelf, someone: str) -> None:
    """Each counts how many are inside while it has its turn, and ends it by releasing a claim."""
    desk = open_desk(shelf, lambda: datetime.now(UTC))
    inside, most, lock = 0, 0, threading.Lock()

    def log_in(number: int) -> str:
        nonlocal inside, most
        cursor = take(desk, someone, f"run{number}", wait=60)
        with lock:
            inside += 1
            most = max(most, inside)
        shelf.clock.now = datetime.now(UTC)
        code = shelf.arrive(someone, f"{number:06}")
        claim = desk.claim(someone, f"run{number}", after=cursor)
        time.sleep(0.01)
        with lock:
            inside -= 1
        assert claim
        desk.end(claim, State.ACCEPTED)
        return claim.code.value if claim.code.id == code.id else "somebody else's"

    with ThreadPoolExecutor(12) as pool:
        values = list(pool.map(log_in, range(12)))
    assert values == [f"{number:06}" for number in range(12)]
    assert most == 1


def test_a_key_that_ended_meanwhile_gets_no_turn_and_takes_none_from_others(desk: Desk, someone: str) -> None:
    def ended() -> None:
        raise UnauthenticatedError("send a valid API key")

    wish = Wish(identifier=someone, senders=("acme.example",), run_id="alice")
    with pytest.raises(UnauthenticatedError):
        desk.turns.take(wish, timedelta(), lambda: False, ended)
    take(desk, someone, "bob")
    with pytest.raises(UnauthenticatedError):
        desk.turns.take(wish, timedelta(), lambda: False, ended)
    with pytest.raises(ClaimHeldError):
        take(desk, someone, "carol")
