"""Many at once, in real threads and real time, on both databases: no double, nothing lost, no polling."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event

from core.store import State
from tests.shelves import Desk, Shelf, open_desk


@pytest.fixture
def real(shelf: Shelf) -> Desk:
    """A desk whose clock runs."""
    return open_desk(shelf, now)


def now() -> datetime:
    return datetime.now(UTC)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def catch_up(shelf: Shelf) -> None:
    """Let the clock that stamps arrivals show the real time."""
    shelf.clock.now = now()


def test_two_hundred_claimants_for_a_hundred_codes_get_each_code_once(real: Desk, someone: str) -> None:
    catch_up(real.shelf)
    for number in range(100):
        real.shelf.arrive(someone, f"{number:06}")
    start = threading.Barrier(200)

    def claim(number: int) -> str | None:
        start.wait()
        found = real.claim(someone, f"run{number}")
        return found.code.value if found else None

    with ThreadPoolExecutor(200) as pool:
        values = [value for value in pool.map(claim, range(200)) if value]
    assert Counter(values) == Counter(f"{number:06}" for number in range(100))


def test_two_processes_on_one_database_never_hand_out_a_code_twice(shelf: Shelf, someone: str) -> None:
    """Two nodes: each with lines of its own, so only the database keeps them apart."""
    nodes = [
        open_desk(shelf, now),
        open_desk(Shelf(store=shelf.store, bell=type(shelf.bell)(), clock=shelf.clock), now),
    ]
    catch_up(shelf)
    for number in range(60):
        shelf.arrive(someone, f"{number:06}")
    start = threading.Barrier(80)

    def claim(number: int) -> str | None:
        start.wait()
        found = nodes[number % 2].claim(someone, f"run{number}")
        return found.code.value if found else None

    with ThreadPoolExecutor(80) as pool:
        values = [value for value in pool.map(claim, range(80)) if value]
    assert max(Counter(values).values()) == 1


def test_one_run_that_asks_many_times_at_once_gets_one_code(real: Desk, someone: str) -> None:
    catch_up(real.shelf)
    for number in range(10):
        real.shelf.arrive(someone, f"{number:06}")
    with ThreadPoolExecutor(20) as pool:
        claims = list(pool.map(lambda _: real.claim(someone, "alice"), range(20)))
    assert len({claim.id for claim in claims if claim}) == 1
    assert None not in claims


def test_waiting_claims_of_one_identifier_are_served_in_the_order_they_came(real: Desk, someone: str) -> None:
    with ThreadPoolExecutor(10) as pool:
        waiting = []
        for number in range(10):
            waiting.append(pool.submit(real.claim, someone, f"run{number}", wait=timedelta(seconds=60)))
            until(lambda: real.shelf.bell.waiting().get(someone) == len(waiting))
        values = []
        for number in range(10):
            catch_up(real.shelf)
            values.append(real.shelf.arrive(someone, f"{number:06}").value)
            until(lambda done=number: sum(future.done() for future in waiting) > done)  # type: ignore[misc]
        claims = [future.result(60) for future in waiting]
    assert [claim and claim.code.value for claim in claims] == values


def test_a_waiting_claim_gets_what_another_hands_back(real: Desk, someone: str) -> None:
    catch_up(real.shelf)
    real.shelf.arrive(someone)
    claim = real.claim(someone, "alice")
    assert claim
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(real.claim, someone, "bob", wait=timedelta(seconds=60))
        until(lambda: real.shelf.bell.waiting().get(someone) == 1)
        real.end(claim, State.FRESH)
        assert waiting.result(60) is not None


def test_a_waiting_claim_gets_a_code_when_its_lease_is_over(real: Desk, someone: str) -> None:
    catch_up(real.shelf)
    real.shelf.arrive(someone)
    assert real.claim(someone, "alice", lease=timedelta(seconds=0.5))
    assert real.claim(someone, "bob", wait=timedelta(seconds=60)) is not None


def test_held_requests_do_not_ask_the_database(real: Desk) -> None:
    """Fifty wait, and once each has looked, not one statement is sent."""
    statements: list[str] = []
    engines: list[Engine] = [real.shelf.store.reader, real.shelf.store.writer._engine]  # noqa: SLF001 - to listen

    def note(*parts: object) -> None:
        statements.append(str(parts[2]))

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    with ThreadPoolExecutor(50) as pool:
        names = [f"held{number}@example.com" for number in range(50)]
        waiting = [pool.submit(real.claim, name, "alice", wait=timedelta(seconds=60)) for name in names]
        until(lambda: len(real.shelf.bell.waiting()) == len(names))
        looked = 0
        while looked < len(statements):
            looked = len(statements)
            time.sleep(1)
        time.sleep(1)
        assert statements[looked:] == []
        real.shelf.bell.stop()
        assert [future.result(60) for future in waiting] == [None] * 50
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
