"""TOTP codes for programs that run side by side: a time step or counter goes to one run, on both databases."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.authenticator import due_at
from core.errors import AmbiguousIssuerError
from core.store import Claim, State, TotpSecret
from core.store.tables import totp
from core.totp import Method, Secret, parse_secret
from tests.shelves import Desk, open_desk

SEED = "JBSWY3DPEHPK3PXP"
TOTP: dict[str, Any] = {"kinds": ("totp",)}


def held(claim: Claim | None) -> Claim:
    assert claim is not None
    return claim


def keep(desk: Desk, identifier: str, secret: Secret | None = None) -> Secret:
    secret = secret or Secret(seed=SEED)
    desk.shelf.store.totp.put(identifier, secret, desk.shelf.clock()).result()
    return secret


def test_a_claim_gets_the_code_of_this_moment_until_its_step_ends(desk: Desk, someone: str) -> None:
    secret = keep(desk, someone)
    code = held(desk.claim(someone, "alice", **TOTP)).code
    now = desk.shelf.clock.now
    assert (code.kind, code.value) == ("totp", secret.at(secret.step(now)))
    assert code.expires_at == secret.begins(secret.step(now) + 1)
    assert code.state_at(code.expires_at) is State.EXPIRED


def test_the_same_time_step_is_never_handed_to_two_runs(desk: Desk, someone: str) -> None:
    keep(desk, someone)
    first = held(desk.claim(someone, "alice", **TOTP))
    assert desk.claim(someone, "bob", **TOTP) is None
    assert desk.why(someone, "bob", **TOTP) == "claimed_by_another_run: the next code begins in 30 s"
    desk.shelf.clock.advance(30)
    assert held(desk.claim(someone, "bob", **TOTP)).code.value != first.code.value


@pytest.mark.parametrize("outcome", [State.FRESH, State.REJECTED, State.ACCEPTED])
def test_however_a_claim_ends_its_time_step_is_used_up(desk: Desk, someone: str, outcome: State) -> None:
    """Sites take each code once, and a run that hands it back may have tried it."""
    keep(desk, someone)
    desk.end(held(desk.claim(someone, "alice", **TOTP)), outcome)
    assert desk.claim(someone, "bob", **TOTP) is None
    assert desk.claim(someone, "alice", **TOTP) is None


def test_a_lapsed_lease_does_not_hand_it_out_again(desk: Desk, someone: str) -> None:
    keep(desk, someone)
    held(desk.claim(someone, "alice", lease=timedelta(seconds=5), **TOTP))
    desk.shelf.clock.advance(10)
    assert desk.claim(someone, "bob", **TOTP) is None


def test_the_same_run_asking_again_gets_the_same_code_while_it_lasts(desk: Desk, someone: str) -> None:
    keep(desk, someone)
    first = held(desk.claim(someone, "alice", **TOTP))
    assert held(desk.claim(someone, "alice", **TOTP)).id == first.id
    desk.shelf.clock.advance(30)
    assert held(desk.claim(someone, "alice", **TOTP)).code.value != first.code.value


def test_it_takes_whichever_the_identifier_can_give(desk: Desk, someone: str) -> None:
    keep(desk, someone)
    kinds = ("code", "link", "totp")
    assert held(desk.claim(someone, "alice", kinds=kinds)).code.kind == "totp"
    desk.shelf.arrive(someone, "111111")
    assert held(desk.claim(someone, "bob", kinds=kinds)).code.value == "111111"


def test_codes_of_secrets_answer_no_question_for_mails(desk: Desk, someone: str) -> None:
    keep(desk, someone)
    desk.end(held(desk.claim(someone, "alice", **TOTP)), State.FRESH)
    assert desk.claim(someone, "bob") is None
    assert desk.latest(someone) is None
    assert "claimed" not in desk.why(someone, "bob")


def test_a_poll_sees_the_code_of_now_and_takes_nothing(desk: Desk, someone: str) -> None:
    secret = keep(desk, someone)
    seen = desk.latest(someone, **TOTP)
    assert seen is not None
    assert seen.value == secret.at(secret.step(desk.shelf.clock.now))
    assert held(desk.claim(someone, "alice", **TOTP)).code.value == seen.value


def test_several_issuers_must_be_told_apart(desk: Desk, someone: str) -> None:
    keep(desk, someone, Secret(seed=SEED, issuer="GitHub"))
    keep(desk, someone, Secret(seed="MFRGGZDF", issuer="Acme"))
    with pytest.raises(AmbiguousIssuerError) as caught:
        desk.claim(someone, "alice", **TOTP)
    assert caught.value.issuers == ("Acme", "GitHub")
    assert held(desk.claim(someone, "alice", issuer="github", **TOTP)).code.sender == "GitHub"
    assert held(desk.claim(someone, "alice", issuer="Acme", **TOTP)).code.sender == "Acme"


def test_why_there_is_none_when_no_secret_is_stored(desk: Desk, someone: str) -> None:
    assert desk.why(someone, "alice", **TOTP).startswith("nothing_arrived: ")
    keep(desk, someone, Secret(seed=SEED, issuer="GitHub"))
    assert "otpgate totp add" in desk.why(someone, "alice", issuer="Other", **TOTP)


def test_a_counter_goes_on_by_one_for_each_run(desk: Desk, someone: str) -> None:
    secret = keep(desk, someone, Secret(seed=SEED, method=Method.HOTP, counter=7))
    codes = [held(desk.claim(someone, run, **TOTP)).code.value for run in ("alice", "bob", "carol")]
    assert codes == [secret.at(counter) for counter in (7, 8, 9)]
    assert held(desk.claim(someone, "bob", **TOTP)).code.value == codes[1]
    assert desk.shelf.store.totp.of(someone)[0].secret.counter == 10


def test_the_same_secret_put_again_goes_on_where_it_was(desk: Desk, someone: str) -> None:
    keep(desk, someone, Secret(seed=SEED, issuer="GitHub"))
    held(desk.claim(someone, "alice", **TOTP))
    keep(desk, someone, Secret(seed=SEED, issuer="GITHUB"))
    assert desk.claim(someone, "bob", **TOTP) is None
    keep(desk, someone, Secret(seed="MFRGGZDF", issuer="GitHub"))
    assert desk.claim(someone, "bob", **TOTP) is not None
    assert len(desk.shelf.store.totp.of(someone)) == 1


def test_a_removed_secret_makes_no_more_codes(desk: Desk, someone: str) -> None:
    keep(desk, someone, Secret(seed=SEED, issuer="GitHub"))
    assert desk.shelf.store.totp.remove(someone, "github").result()
    assert not desk.shelf.store.totp.remove(someone, "github").result()
    assert desk.claim(someone, "alice", **TOTP) is None


def test_every_hand_out_is_on_record(desk: Desk, someone: str) -> None:
    keep(desk, someone)
    claim = held(desk.claim(someone, "alice", **TOTP))
    rows = [row for row in desk.shelf.store.audit.newest(20) if row.identifier == someone]
    assert [(row.action, row.code_id, row.run_id) for row in rows] == [("claim", claim.code.id, "alice")]
    assert claim.code.value not in repr(rows)


@given(
    st.integers(0, 2**33),
    st.integers(1, 3600),
    st.integers(-1, 2**34),
    st.floats(0, 60),
)
def test_the_moment_of_the_next_code_is_never_in_the_past(
    seconds: int, period: int, last_step: int, wait: float
) -> None:
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=7)
    secret = Secret(seed=SEED, period=period)
    last_step = min(last_step, secret.step(now) + 3)
    found = TotpSecret(id="t", identifier="a@b.example", secret=secret, last_step=last_step, created_at=now)
    due = due_at(found, now, now + timedelta(seconds=wait))
    assert due >= now
    assert secret.step(due) > last_step
    if due > now and last_step < secret.step(now):
        assert due - now < timedelta(seconds=5)
        assert due <= now + timedelta(seconds=wait)


def test_seeds_are_sealed_in_the_database(desk: Desk, someone: str) -> None:
    keep(desk, someone)
    with desk.shelf.store.reader.connect() as connection:
        kept = connection.execute(select(totp.c.seed).where(totp.c.identifier == someone)).scalar_one()
    assert SEED not in kept
    assert desk.shelf.store.totp.of(someone)[0].secret.seed == SEED


def real_time(desk: Desk) -> Desk:
    return open_desk(desk.shelf, lambda: datetime.now(UTC))


def test_a_second_run_waits_for_the_next_step(desk: Desk, someone: str) -> None:
    keep(desk, someone, Secret(seed=SEED, period=2))
    desk = real_time(desk)
    first = held(desk.claim(someone, "alice", wait=timedelta(seconds=10), **TOTP))
    second = held(desk.claim(someone, "bob", wait=timedelta(seconds=10), **TOTP))
    assert second.code.expires_at == first.code.expires_at + timedelta(seconds=2)


def test_runs_that_wait_together_get_a_step_each(desk: Desk, someone: str) -> None:
    keep(desk, someone, Secret(seed=SEED, period=1))
    desk, claims = real_time(desk), []

    def run(name: str) -> None:
        claims.append(held(desk.claim(someone, name, wait=timedelta(seconds=60), **TOTP)))

    threads = [threading.Thread(target=run, args=(f"run{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({claim.code.expires_at for claim in claims}) == 4


def test_forty_at_once_and_one_step_make_one_claim(desk: Desk, someone: str) -> None:
    keep(desk, someone)
    claims: list[Claim | None] = []

    def run(name: str) -> None:
        claims.append(desk.claim(someone, name, **TOTP))

    threads = [threading.Thread(target=run, args=(f"run{n}",)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([claim for claim in claims if claim]) == 1


def test_a_counter_gives_forty_runs_forty_codes(desk: Desk, someone: str) -> None:
    keep(desk, someone, Secret(seed=SEED, method=Method.HOTP))
    claims: list[Claim | None] = []

    def run(name: str) -> None:
        claims.append(desk.claim(someone, name, **TOTP))

    threads = [threading.Thread(target=run, args=(f"run{n}",)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {Secret(seed=SEED, method=Method.HOTP).at(counter) for counter in range(40)}
    assert {held(claim).code.value for claim in claims} == expected


def test_a_code_about_to_end_is_kept_back_from_a_run_that_can_wait(desk: Desk, someone: str) -> None:
    secret = keep(desk, someone)
    clock = desk.shelf.clock
    clock.now = secret.begins(secret.step(clock.now) + 1) - timedelta(seconds=4)
    threading.Timer(0.2, clock.advance, [5]).start()
    threading.Timer(0.3, desk.shelf.bell.ring, [someone]).start()
    waited = held(desk.claim(someone, "alice", wait=timedelta(seconds=60), **TOTP))
    assert waited.code.expires_at - clock.now > timedelta(seconds=28)


def test_a_run_that_will_not_wait_gets_it_though_it_is_about_to_end(desk: Desk, someone: str) -> None:
    secret = keep(desk, someone)
    clock = desk.shelf.clock
    clock.now = secret.begins(secret.step(clock.now) + 1) - timedelta(seconds=4)
    assert held(desk.claim(someone, "alice", **TOTP)).code.expires_at - clock.now < timedelta(seconds=5)


def test_a_wait_that_ends_before_the_next_step_takes_what_there_is(desk: Desk, someone: str) -> None:
    secret = keep(desk, someone)
    clock = desk.shelf.clock
    clock.now = secret.begins(secret.step(clock.now) + 1) - timedelta(seconds=4)
    assert desk.claim(someone, "alice", wait=timedelta(seconds=2), **TOTP) is not None


def test_a_clock_that_was_years_ahead_locks_no_secret(desk: Desk, someone: str) -> None:
    keep(desk, someone)
    clock = desk.shelf.clock
    held(desk.claim(someone, "alice", **TOTP))
    clock.advance(10 * 365 * 86_400)
    held(desk.claim(someone, "alice", **TOTP))
    clock.advance(-10 * 365 * 86_400 + 30)
    assert desk.claim(someone, "bob", **TOTP) is not None
    assert desk.claim(someone, "carol", **TOTP) is None


def test_storing_a_secret_wakes_whoever_waits_for_one(desk: Desk, someone: str) -> None:
    desk, claims = real_time(desk), []

    def run() -> None:
        claims.append(desk.claim(someone, "alice", wait=timedelta(seconds=10), **TOTP))

    thread = threading.Thread(target=run)
    thread.start()
    secret = parse_secret(SEED)
    desk.shelf.store.totp.put(someone, replace(secret, period=3600), desk.shelf.clock()).result()
    thread.join(10)
    assert held(claims[0]).code.kind == "totp"
