"""Claims: one holder at a time, until the code expires or the lease is over; how they end, and for whom."""

from datetime import timedelta

import pytest

from core.errors import AmbiguousCodeError, ClaimHeldError, NotFoundError, UnauthenticatedError
from core.store import Claim, State, Trust
from tests.shelves import Desk

ACCEPT, REJECT, RELEASE = State.ACCEPTED, State.REJECTED, State.FRESH


def held(claim: Claim | None) -> Claim:
    assert claim is not None
    return claim


def test_a_code_is_held_by_one_run_until_it_expires(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone, lasts=600)
    assert held(desk.claim(someone, "alice")).code.value == "482913"
    assert desk.claim(someone, "bob") is None
    desk.shelf.clock.advance(599)
    assert desk.claim(someone, "bob") is None


def test_the_newest_is_handed_out_first(desk: Desk, someone: str) -> None:
    for value in ("111111", "222222", "333333"):
        desk.shelf.arrive(someone, value)
    values = [held(desk.claim(someone, run)).code.value for run in ("alice", "bob", "carol")]
    assert values == ["333333", "222222", "111111"]


def test_the_same_run_asking_the_same_again_gets_the_same_code(desk: Desk, someone: str) -> None:
    """A lost answer costs nothing, though something newer came meanwhile."""
    desk.shelf.arrive(someone, "111111")
    first = held(desk.claim(someone, "alice"))
    desk.shelf.arrive(someone, "222222")
    again = held(desk.claim(someone, "alice"))
    assert (again.id, again.code.value) == (first.id, "111111")


def test_the_same_run_asking_something_else_gets_something_else(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone, "111111")
    desk.shelf.arrive(someone, "https://acme.example/in", kind="link", host_expected=True)
    assert held(desk.claim(someone, "alice", kinds=("code",))).code.value == "111111"
    assert held(desk.claim(someone, "alice", kinds=("link",))).code.kind == "link"


def test_whoever_names_no_run_is_a_new_one_each_time(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone)
    assert held(desk.claim(someone)).run_id.startswith("run_")
    assert desk.claim(someone) is None


def test_when_the_lease_is_over_the_code_is_fresh_again(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone)
    claim = held(desk.claim(someone, "alice", lease=timedelta(seconds=30)))
    assert claim.lease_until is not None
    desk.shelf.clock.advance(29)
    assert desk.claim(someone, "bob") is None
    desk.shelf.clock.advance(2)
    assert held(desk.claim(someone, "bob")).code.id == claim.code.id


def test_released_is_fresh_again(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone)
    desk.end(held(desk.claim(someone, "alice")), RELEASE)
    assert desk.latest(someone) is not None
    assert desk.claim(someone, "bob") is not None


@pytest.mark.parametrize("outcome", [ACCEPT, REJECT, RELEASE])
def test_ending_a_claim_twice_answers_as_the_first_time(desk: Desk, someone: str, outcome: State) -> None:
    desk.shelf.arrive(someone)
    claim = held(desk.claim(someone, "alice"))
    assert desk.end(claim, outcome).code.state is desk.end(claim, outcome).code.state is outcome


def test_the_last_word_of_a_run_counts(desk: Desk, someone: str) -> None:
    """A code that was accepted when it was printed turns out not to work, or the other way round."""
    desk.shelf.arrive(someone)
    claim = held(desk.claim(someone, "alice"))
    assert [desk.end(claim, outcome).code.state for outcome in (ACCEPT, REJECT, ACCEPT)] == [
        ACCEPT,
        REJECT,
        ACCEPT,
    ]


@pytest.mark.parametrize("outcome", [ACCEPT, REJECT])
def test_what_is_decided_is_never_fresh_again(desk: Desk, someone: str, outcome: State) -> None:
    desk.shelf.arrive(someone)
    claim = held(desk.claim(someone, "alice", lease=timedelta(seconds=10)))
    desk.end(claim, outcome)
    assert desk.end(claim, RELEASE).code.state is outcome
    desk.shelf.clock.advance(11)
    assert desk.claim(someone, "bob") is None
    assert desk.latest(someone) is None


def test_after_a_reject_a_run_sees_only_newer_ones(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone, "111111")
    desk.shelf.arrive(someone, "222222")
    desk.end(held(desk.claim(someone, "alice")), REJECT)
    assert desk.claim(someone, "alice") is None
    assert held(desk.claim(someone, "bob")).code.value == "111111"
    desk.shelf.arrive(someone, "333333")
    assert held(desk.claim(someone, "alice")).code.value == "333333"


@pytest.mark.parametrize("outcome", [ACCEPT, REJECT, RELEASE])
def test_late_is_fine_when_nobody_else_holds_the_code(desk: Desk, someone: str, outcome: State) -> None:
    desk.shelf.arrive(someone)
    claim = held(desk.claim(someone, "alice", lease=timedelta(seconds=1)))
    desk.shelf.clock.advance(2)
    assert desk.end(claim, outcome).code.state is outcome


@pytest.mark.parametrize("outcome", [ACCEPT, REJECT, RELEASE])
def test_late_is_a_conflict_when_another_run_holds_the_code(desk: Desk, someone: str, outcome: State) -> None:
    desk.shelf.arrive(someone)
    claim = held(desk.claim(someone, "alice", lease=timedelta(seconds=1)))
    desk.shelf.clock.advance(2)
    assert desk.claim(someone, "bob") is not None
    with pytest.raises(ClaimHeldError, match="another run"):
        desk.end(claim, outcome)


def test_late_is_a_conflict_when_the_other_run_has_accepted_it(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone)
    late = held(desk.claim(someone, "alice", lease=timedelta(seconds=1)))
    desk.shelf.clock.advance(2)
    desk.end(held(desk.claim(someone, "bob")), ACCEPT)
    with pytest.raises(ClaimHeldError):
        desk.end(late, ACCEPT)


def test_late_is_fine_when_the_other_run_has_let_it_go(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone)
    late = held(desk.claim(someone, "alice", lease=timedelta(seconds=1)))
    desk.shelf.clock.advance(2)
    desk.end(held(desk.claim(someone, "bob")), REJECT)
    assert desk.end(late, ACCEPT).code.state is REJECT


def test_late_is_fine_when_the_code_has_expired(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone, lasts=60)
    claim = held(desk.claim(someone, "alice", lease=timedelta(seconds=1)))
    desk.shelf.clock.advance(61)
    assert desk.end(claim, ACCEPT).code.state is ACCEPT


def test_a_claim_that_never_was_cannot_end(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone)
    claim = held(desk.claim(someone, "alice"))
    with pytest.raises(NotFoundError):
        desk.claims.end(claim.id + "0", ACCEPT, desk.request(someone).showing)


def test_accepting_supersedes_older_fresh_ones_of_that_sender_since_the_cursor(desk: Desk, someone: str) -> None:
    before = desk.shelf.arrive(someone, "000000")
    cursor = desk.cursor()
    older = desk.shelf.arrive(someone, "111111", sender_domain="mail.acme.example")
    other = desk.shelf.arrive(someone, "222222", sender="x@bank.example", sender_domain="bank.example")
    bound = desk.shelf.arrive(someone, "333333", run_id="bob")
    text = desk.shelf.arrive(someone, "444444", channel="sms", sender="Acme", sender_domain="")
    accepted = desk.shelf.arrive(someone, "555555")
    newer = desk.shelf.arrive(someone, "666666")
    claim = held(desk.claim(someone, "alice", after=cursor, senders=("acme.example",), kinds=("code",)))
    assert claim.code.id == newer.id
    desk.end(claim, RELEASE)
    claim = held(desk.claim(someone, "bob", after=cursor, senders=("acme.example",)))
    desk.end(claim, REJECT)
    claim = held(desk.claim(someone, "alice", after=cursor, senders=("acme.example",)))
    assert claim.code.id == accepted.id
    desk.end(claim, ACCEPT)
    states = {
        code.id: code.state for code in desk.shelf.store.codes.recent(someone, before.received_at - timedelta(1))
    }
    assert states[older.id] is State.SUPERSEDED
    assert [states[code.id] for code in (before, other, bound, text)] == [State.FRESH] * 4


def test_an_arrival_changes_no_state(desk: Desk, someone: str) -> None:
    first = desk.shelf.arrive(someone, "111111")
    desk.shelf.arrive(someone, "222222")
    states = {
        code.id: code.state for code in desk.shelf.store.codes.recent(someone, first.received_at - timedelta(1))
    }
    assert set(states.values()) == {State.FRESH}


def test_accepting_supersedes_what_a_lapsed_run_held(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone, "111111")
    desk.claim(someone, "alice", lease=timedelta(seconds=1))
    desk.shelf.clock.advance(2)
    desk.shelf.arrive(someone, "222222")
    desk.end(held(desk.claim(someone, "bob")), ACCEPT)
    assert desk.claim(someone, "carol") is None


def test_an_expired_code_is_never_served(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone, lasts=60)
    cursor = desk.cursor()
    desk.shelf.clock.advance(60)
    assert desk.latest(someone) is None
    assert desk.claim(someone, "alice") is None
    assert desk.latest(someone, after=cursor) is None


def test_nothing_older_than_the_cursor_is_served(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone, "111111")
    cursor = desk.cursor()
    assert desk.claim(someone, "alice", after=cursor) is None
    assert desk.latest(someone, after=cursor) is None
    desk.shelf.arrive(someone, "222222")
    assert held(desk.claim(someone, "alice", after=cursor)).code.value == "222222"


def test_without_a_cursor_a_claim_looks_back_two_minutes(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone)
    desk.shelf.clock.advance(121)
    assert desk.claim(someone, "alice") is None
    assert desk.latest(someone) is not None


def test_a_cursor_from_an_answer_is_no_later_than_what_may_still_come(desk: Desk, someone: str) -> None:
    """A message that came before the poll and was committed after it is not missed."""
    message, code = desk.shelf.of(someone, "111111")
    desk.shelf.clock.advance(3)
    answer = desk.claims.latest(desk.request(someone))
    assert answer.found is None
    desk.shelf.store.messages.add([(message, (code,), message.id)]).result()
    assert desk.latest(someone, after=answer.cursor) is not None


def test_latest_consumes_nothing(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone)
    assert desk.latest(someone) == desk.latest(someone)
    assert desk.claim(someone, "alice") is not None
    assert desk.latest(someone) is None


def test_a_code_pushed_for_a_run_goes_to_no_other(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone, run_id="alice")
    assert desk.claim(someone, "bob") is None
    assert desk.claim(someone) is None
    assert desk.latest(someone) is None
    assert desk.claim(someone, "alice") is not None


def test_codes_of_two_senders_are_told_apart_by_naming_one(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone, "111111")
    desk.shelf.arrive(someone, "222222", sender="x@bank.example", sender_domain="bank.example")
    with pytest.raises(AmbiguousCodeError) as caught:
        desk.claim(someone, "alice")
    assert caught.value.senders == ("acme.example", "bank.example")
    with pytest.raises(AmbiguousCodeError):
        desk.latest(someone)
    assert held(desk.claim(someone, "alice", senders=("acme.example",))).code.value == "111111"


def test_the_gateways_least_trust_binds_every_claim(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone, "111111")
    desk.shelf.arrive(someone, "222222", route="forwarder", sender_domain="bank.example")
    desk.claims._minimum = Trust.ROUTE  # noqa: SLF001 - what the operator configures
    assert held(desk.claim(someone, "alice")).code.value == "222222"
    assert desk.claim(someone, "bob") is None


def test_every_value_shown_is_an_audit_row(desk: Desk, someone: str) -> None:
    code = desk.shelf.arrive(someone)
    claim = held(desk.claim(someone, "alice"))
    desk.end(claim, REJECT)
    rows = [row for row in desk.shelf.store.audit.newest() if row.identifier == someone]
    assert [(row.result, row.run_id, row.code_id, row.message_id) for row in rows] == [
        ("rejected", "alice", code.id, code.message_id),
        ("shown", "alice", code.id, code.message_id),
    ]


def test_a_client_that_left_takes_no_code_with_it(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone)
    assert desk.claim(someone, "alice", gone=lambda: True) is None
    looks = iter([False, True, True, True])
    assert desk.claim(someone, "bob", gone=lambda: next(looks, True)) is None
    assert desk.claim(someone, "carol") is not None


def ended() -> None:
    raise UnauthenticatedError("send a valid API key")


def test_a_key_that_ended_meanwhile_takes_no_code_with_it(desk: Desk, someone: str) -> None:
    desk.shelf.arrive(someone)
    with pytest.raises(UnauthenticatedError):
        desk.claim(someone, "alice", check=ended)
    assert desk.claim(someone, "bob") is not None


def test_what_a_run_held_before_stays_its_own_when_client_or_key_end(desk: Desk, someone: str) -> None:
    """The run may go on with another connection, or another key."""
    desk.shelf.arrive(someone)
    first = held(desk.claim(someone, "alice"))
    looks = iter([False, True])
    desk.claim(someone, "alice", gone=lambda: next(looks, True))
    with pytest.raises(UnauthenticatedError):
        desk.claim(someone, "alice", check=ended)
    assert desk.claim(someone, "bob") is None
    assert held(desk.claim(someone, "alice")).id == first.id


def test_a_key_that_ended_meanwhile_is_told_so_and_not_why_there_is_nothing(desk: Desk, someone: str) -> None:
    for ask in (desk.claim, desk.latest):
        with pytest.raises(UnauthenticatedError):
            ask(someone, check=ended)
