"""Waiting in line: nobody misses a ring, everybody is served in the order of coming, and no database is asked."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from core.waiting import Bell, Patience, Try, in_line

PATIENCE = 10.0
LINE = "someone@example.com"


def now() -> datetime:
    return datetime.now(UTC)


def patient(seconds: float = PATIENCE, gone: Callable[[], bool] = lambda: False) -> Patience:
    return Patience(clock=now, wait=timedelta(seconds=seconds), gone=gone)


class Table:
    """Something to be taken, and who took what."""

    def __init__(self) -> None:
        self.bell = Bell()
        self.things: list[str] = []
        self.tries: list[int] = []
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(64)

    def put(self, thing: str) -> None:
        with self._lock:
            self.things.append(thing)
        self.bell.ring(LINE)

    def take(self, who: int, suits: Callable[[str], bool] = lambda _: True) -> Try[str]:
        with self._lock:
            self.tries.append(who)
            found = next((thing for thing in self.things if suits(thing)), None)
            if found is not None:
                self.things.remove(found)
        return Try(found=found)

    def come(
        self, who: int, suits: Callable[[str], bool] = lambda _: True, patience: Patience | None = None
    ) -> "Future[str | None]":
        """Somebody comes into the line; returns when they have tried for the first time."""
        tried = len(self.tries)
        future = self._pool.submit(in_line, self.bell, LINE, lambda: self.take(who, suits), patience or patient())
        self.until(lambda: len(self.tries) > tried or future.done())
        return future

    @staticmethod
    def until(true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.001)


@pytest.fixture
def table() -> Table:
    return Table()


def test_what_is_there_is_taken_without_waiting(table: Table) -> None:
    table.put("a")
    assert in_line(table.bell, LINE, lambda: table.take(1), patient(0)) == "a"


def test_who_does_not_wait_tries_once(table: Table) -> None:
    assert in_line(table.bell, LINE, lambda: table.take(1), patient(0)) is None
    assert table.tries == [1]


def test_who_waits_gets_what_comes_later(table: Table) -> None:
    waiting = table.come(1)
    table.put("a")
    assert waiting.result(PATIENCE) == "a"


def test_a_ring_between_a_look_and_the_wait_for_it_is_not_lost(table: Table) -> None:
    """What came after the look was made, and before the waiter lay down to wait, is found at once."""

    def look_and_see_it_come_too_late() -> Try[str]:
        found = table.take(1)
        if found.found is None:
            table.put("a")
        return found

    assert in_line(table.bell, LINE, look_and_see_it_come_too_late, patient()) == "a"
    assert len(table.tries) == 2


def test_those_who_wait_are_served_in_the_order_of_coming(table: Table) -> None:
    waiting = [table.come(who) for who in range(20)]
    for thing in "abcdefghijklmnopqrst":
        table.put(thing)
    assert [future.result(PATIENCE) for future in waiting] == list("abcdefghijklmnopqrst")


def test_what_the_first_cannot_use_goes_to_the_next_who_can(table: Table) -> None:
    first = table.come(1, lambda thing: thing == "b")
    second = table.come(2)
    table.put("a")
    assert second.result(PATIENCE) == "a"
    assert not first.done()
    table.put("b")
    assert first.result(PATIENCE) == "b"


def test_a_newcomer_does_not_go_before_those_who_wait(table: Table) -> None:
    """The first is slow to try: what came for it is not taken by who comes meanwhile."""
    begun = threading.Event()

    def slowly() -> Try[str]:
        if table.things:
            begun.set()
            time.sleep(0.2)
        return table.take(1)

    waiting = table._pool.submit(in_line, table.bell, LINE, slowly, patient())  # noqa: SLF001 - its threads
    table.until(lambda: table.tries == [1])
    table.put("a")
    assert begun.wait(PATIENCE)
    newcomer = table._pool.submit(in_line, table.bell, LINE, lambda: table.take(2), patient(0))  # noqa: SLF001
    assert waiting.result(PATIENCE) == "a"
    assert newcomer.result(PATIENCE) is None


def test_a_ring_reaches_no_other_line(table: Table) -> None:
    waiting = table.come(1, patience=patient(0.2))
    table.bell.ring("somebody else")
    assert waiting.result(PATIENCE) is None
    assert table.tries == [1]


def test_whoever_has_left_makes_way(table: Table) -> None:
    left = threading.Event()
    first = table.come(1, lambda _: not left.is_set(), patient(gone=left.is_set))
    second = table.come(2)
    left.set()
    table.put("a")
    assert second.result(PATIENCE) == "a"
    assert first.result(PATIENCE) is None


def test_a_fault_in_one_try_stops_nobody_else(table: Table) -> None:
    def stumble() -> Try[str]:
        if table.things:
            raise RuntimeError("stumbled")
        return table.take(1)

    first = table._pool.submit(in_line, table.bell, LINE, stumble, patient())  # noqa: SLF001 - its threads
    table.until(lambda: table.tries == [1])
    second = table.come(2)
    table.put("a")
    assert second.result(PATIENCE) == "a"
    with pytest.raises(RuntimeError):
        first.result(PATIENCE)


def test_a_moment_that_comes_lets_everybody_try_once_in_order(table: Table) -> None:
    """A lease that is over rings no bell: whoever knows of it looks again then."""
    moment = now() + timedelta(seconds=0.3)
    order: list[int] = []

    def attempt(who: int) -> Try[str]:
        order.append(who)
        return table.take(who) if now() >= moment else Try(again_at=moment)

    waiting = []
    for who in range(5):
        waiting.append(table._pool.submit(in_line, table.bell, LINE, partial(attempt, who), patient()))  # noqa: SLF001
        table.until(lambda: len(order) == len(waiting))
    table.things = ["a", "b"]
    assert [waiting[who].result(PATIENCE) for who in range(2)] == ["a", "b"]
    table.until(lambda: len(order) == 10)
    assert order == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    table.bell.stop()
    assert [future.result(PATIENCE) for future in waiting[2:]] == [None] * 3


def test_when_the_gateway_stops_everybody_goes_home_at_once(table: Table) -> None:
    waiting = [table.come(who) for who in range(10)]
    table.bell.stop()
    assert [future.result(1) for future in waiting] == [None] * 10
    assert in_line(table.bell, LINE, lambda: table.take(11), patient()) is None


def test_lost_rings_can_be_made_up_for(table: Table) -> None:
    waiting = table.come(1)
    table.things.append("a")
    table.bell.ring_all()
    assert waiting.result(PATIENCE) == "a"


def test_a_line_that_everybody_left_is_forgotten(table: Table) -> None:
    in_line(table.bell, LINE, lambda: table.take(1), patient(0))
    assert table.bell._lines == {}  # noqa: SLF001 - that it leaks nothing shows nowhere else
