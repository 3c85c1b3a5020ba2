"""Random claims, endings, lapses, arrivals and restarts against a model that is simple enough to be believed."""

import itertools
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.errors import ClaimHeldError
from core.store import Claim, State
from tests.shelves import Clock, open_desk, open_shelf

LOOK_BACK, LASTS = 120, 300
FRESH, CLAIMED, ACCEPTED, REJECTED, SUPERSEDED, EXPIRED = State
MAY_BECOME = {FRESH: {CLAIMED}, ACCEPTED: {CLAIMED, REJECTED, ACCEPTED}, REJECTED: {CLAIMED, REJECTED, ACCEPTED}}
_names = itertools.count(1)
senders = st.sampled_from(["acme.example", "bank.example"])
runs = st.sampled_from(["alice", "bob", "carol"])
outcomes = st.sampled_from([ACCEPTED, REJECTED, FRESH])


@dataclass
class Coin:
    """What the model knows of a code; times in whole seconds."""

    value: str
    sender: str
    order: int
    came: int
    state: State = FRESH
    holder: str = ""
    claim: str = ""
    lapses: int | None = None

    def state_at(self, now: int) -> State:
        if self.state not in {FRESH, CLAIMED}:
            return self.state
        if now >= self.came + LASTS:
            return EXPIRED
        return FRESH if self.lapses is not None and now >= self.lapses else self.state


@dataclass
class Ticket:
    """What the model knows of a claim."""

    real: Claim
    run: str
    coin: Coin
    since: int
    after_order: int
    outcome: State | None = None


class Desk(RuleBasedStateMachine):
    """Runs come and go; the store and the model must agree after every step."""

    tickets = Bundle("tickets")
    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.now = Clock(), 0
        self.someone = f"machine{next(_names)}@example.com"
        self.coins: list[Coin] = []
        self.issued: list[Ticket] = []
        self.open()

    def open(self) -> None:
        self.shelf = open_shelf(self.url, self.clock)
        self.desk = open_desk(self.shelf)

    def teardown(self) -> None:
        self.shelf.store.close()

    @rule(sender=senders)
    def arrive(self, sender: str) -> None:
        order = len(self.coins)
        code = self.shelf.arrive(self.someone, f"{order:06}", LASTS, sender_domain=sender)
        self.coins.append(Coin(code.value, sender, order, self.now))

    @rule(seconds=st.sampled_from([1, 10, 60, 200]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        self.clock.advance(seconds)

    @rule()
    def the_gateway_dies_and_starts_again(self) -> None:
        self.shelf.store.close()
        self.open()

    @rule(target=tickets, run=runs, sender=senders, lease=st.sampled_from([None, 10, 60]))
    def claim(self, run: str, sender: str, lease: int | None) -> Ticket | None:
        wanted = timedelta(seconds=lease) if lease else None
        real = self.desk.claim(self.someone, run, senders=(sender,), lease=wanted)
        held = self.held(run, sender)
        if held:
            assert real is not None
            assert real.id == held.real.id
            return held
        rejected = max((t.coin.order for t in self.issued if t.run == run and t.outcome is REJECTED), default=-1)
        free = [coin for coin in self.free(sender, self.now - LOOK_BACK) if coin.order > rejected]
        assert (real and real.code.value) == (free[-1].value if free else None)
        if real is None:
            return None
        coin = free[-1]
        coin.state, coin.holder, coin.claim = CLAIMED, run, real.id
        coin.lapses = self.now + lease if lease else None
        self.issued.append(Ticket(real, run, coin, self.now - LOOK_BACK, rejected))
        return self.issued[-1]

    @rule(ticket=tickets, outcome=outcomes)
    def end(self, ticket: Ticket | None, outcome: State) -> None:
        if ticket is None:
            return
        coin, now = ticket.coin, self.now
        mine = coin.holder == ticket.run
        unheld = coin.state_at(now) is FRESH or (coin.state in {FRESH, CLAIMED} and coin.state_at(now) is EXPIRED)
        if (mine and coin.state in MAY_BECOME[outcome]) or unheld:
            self.desk.end(ticket.real, outcome)
            self.decide(ticket, outcome)
        elif not mine and coin.state_at(now) in {CLAIMED, ACCEPTED}:
            with pytest.raises(ClaimHeldError):
                self.desk.end(ticket.real, outcome)
        else:
            self.desk.end(ticket.real, outcome)
            ticket.outcome = ticket.outcome if outcome is FRESH else outcome

    def decide(self, ticket: Ticket, outcome: State) -> None:
        coin, ticket.outcome = ticket.coin, outcome
        coin.state, coin.lapses = outcome, None
        coin.holder, coin.claim = ("", "") if outcome is FRESH else (ticket.run, ticket.real.id)
        if outcome is ACCEPTED:
            for other in self.free(coin.sender, ticket.since):
                if ticket.after_order < other.order < coin.order:
                    other.state = SUPERSEDED

    def held(self, run: str, sender: str) -> Ticket | None:
        found = [
            ticket
            for ticket in self.issued
            if ticket.run == run
            and ticket.coin.sender == sender
            and ticket.coin.claim == ticket.real.id
            and ticket.coin.state_at(self.now) is CLAIMED
        ]
        return found[-1] if found else None

    def free(self, sender: str, since: int) -> list[Coin]:
        return [
            coin
            for coin in self.coins
            if coin.sender == sender and coin.state_at(self.now) is FRESH and coin.came > since
        ]

    @invariant()
    def the_store_and_the_model_agree(self) -> None:
        codes = self.shelf.store.codes.recent(self.someone, self.clock.now - timedelta(days=1))
        stored = {code.value: (code.state_at(self.clock.now), code.holder) for code in codes}
        assert stored == {coin.value: (coin.state_at(self.now), coin.holder) for coin in self.coins}

    @rule()
    def the_poll_shows_the_newest_fresh_one(self) -> None:
        fresh = self.free("acme.example", -1)
        shown = self.desk.latest(self.someone, senders=("acme.example",))
        assert (shown and shown.value) == (fresh[-1].value if fresh else None)


def test_random_runs_agree_with_the_model(database_url: str) -> None:
    machine = type("DeskOnThisDatabase", (Desk,), {"url": database_url})
    quick = settings(max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=quick)
