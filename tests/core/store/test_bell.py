"""Rings between two nodes of one PostgreSQL: heard at once, and soon even where a ring was lost."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from core.store.bell import _LARGEST, NodeBell, SilentBell, _payloads, open_bell
from tests.running import until
from tests.shelves import Clock, open_shelf

PATIENCE = 60.0
Join = Callable[[], tuple["Ears", NodeBell]]


class Ears:
    """What was rung at one node."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.everyone = 0
        self.changed = threading.Condition()

    def ring(self, name: str) -> None:
        with self.changed:
            self.heard.append(name)
            self.changed.notify_all()

    def ring_all(self) -> None:
        with self.changed:
            self.everyone += 1
            self.changed.notify_all()

    def hears(self, name: str) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: name in self.heard, PATIENCE)

    def listens(self, times: int = 1) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.everyone >= times, PATIENCE)


@pytest.fixture
def join(migrated_postgresql: str) -> Iterator[Join]:
    """Makes nodes of one database."""
    with ExitStack() as closing:

        def make() -> tuple[Ears, NodeBell]:
            ears = Ears()
            bell = open_bell(migrated_postgresql, ears.ring, ears.ring_all, lambda: datetime.now(UTC))
            assert isinstance(bell, NodeBell)
            closing.callback(bell.close)
            assert ears.listens()
            return ears, bell

        yield make


def test_what_one_node_rings_the_others_hear_and_it_does_not_hear_itself(join: Join, someone: str) -> None:
    (here, bell), (there, _) = join(), join()
    bell.ring(someone)
    assert there.hears(someone)
    assert someone not in here.heard


def test_a_thousand_names_of_any_length_arrive(join: Join) -> None:
    (_, bell), (there, _) = join(), join()
    names = [f"{'é' * (number % 300)}{number}@example.com" for number in range(1000)]
    for name in names:
        bell.ring(name)
    assert all(there.hears(name) for name in names)


def test_after_both_connections_are_cut_everyone_tries_and_rings_go_on(
    join: Join, migrated_postgresql: str, someone: str
) -> None:
    (_, bell), (there, _) = join(), join()
    engine = create_engine(migrated_postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%otpgate_bell%'"
        connection.execute(text(f"{cut} AND pid <> pg_backend_pid()"))
    engine.dispose()
    assert there.listens(2)

    def rings() -> bool:
        bell.ring(someone)
        return someone in there.heard

    until(rings)


def test_a_code_whose_ring_was_lost_is_found_within_about_a_second(
    join: Join, migrated_postgresql: str, someone: str
) -> None:
    there, _ = join()
    clock = Clock()
    clock.now = datetime.now(UTC)
    shelf = open_shelf(migrated_postgresql, clock)
    shelf.arrive(someone)
    shelf.store.close()
    assert there.hears(someone)


def test_on_sqlite_there_is_nobody_else_to_tell() -> None:
    bell = open_bell("sqlite:///x.db", print, print, lambda: datetime.now(UTC))
    assert isinstance(bell, SilentBell)
    bell.ring("x")
    bell.close()


@given(st.sets(st.text(min_size=1, max_size=400), max_size=60))
def test_every_name_is_in_some_notification_and_none_is_too_large(names: set[str]) -> None:
    sent = [json.loads(payload) for payload in _payloads("node", names)]
    assert {name for _, *batch in sent for name in batch} == names
    assert all(node == "node" for node, *_ in sent)
    assert all(len(payload) <= _LARGEST + 100 for payload in _payloads("node", names))
