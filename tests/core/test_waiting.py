"""Waiting in line: nobody misses a ring, everybody is served in the order of coming, and no database is asked."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from core.waiting import Bell, Patience, Try, in_line

PATIENCE = 30.0
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
        self.looks = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(64)

    def put(self, thing: str) -> None:
        with self._lock:
            self.things.append(thing)
        self.bell.ring(LINE)

    def look(self) -> list[str]:
        with self._lock:
            self.looks += 1
            return list(self.things)

    def take(self, seen: list[str], who: int, suits: Callable[[str], bool] = lambda _: True) -> Try[str]:
        with self._lock:
            self.tries.append(who)
            found = next((thing for thing in seen if suits(thing)), None)
            if found is not None:
                seen.remove(found)
                self.things.remove(found)
        return Try(found=found)

    def wait(self, attempt: Callable[[list[str]], Try[str]], patience: Patience | None = None) -> str | None:
        return in_line(self.bell, LINE, self.look, attempt, patience or patient())

    def send(
        self, attempt: Callable[[list[str]], Try[str]], patience: Patience | None = None
    ) -> "Future[str | None]":
        return self._pool.submit(self.wait, attempt, patience)

    def come(
        self, who: int, suits: Callable[[str], bool] = lambda _: True, patience: Patience | None = None
    ) -> "Future[str | None]":
        """Somebody comes into the line; returns when they have tried for the first time."""
        tried = len(self.tries)
        future = self.send(lambda seen: self.take(seen, who, suits), patience)
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
    assert table.wait(lambda seen: table.take(seen, 1), patient(0)) == "a"


def test_who_does_not_wait_tries_once(table: Table) -> None:
    assert table.wait(lambda seen: table.take(seen, 1), patient(0)) is None
    assert table.tries == [1]


def test_who_waits_gets_what_comes_later(table: Table) -> None:
    waiting = table.come(1)
    table.put("a")
    assert waiting.result(PATIENCE) == "a"


def test_what_comes_after_the_look_and_before_the_wait_is_not_missed(table: Table) -> None:
    def look_and_see_it_come_too_late(seen: list[str]) -> Try[str]:
        found = table.take(seen, 1)
        if found.found is None:
            table.put("a")
        return found

    assert table.wait(look_and_see_it_come_too_late) == "a"
    assert len(table.tries) == 2


def test_what_comes_while_the_later_ones_try_is_still_for_the_first(table: Table) -> None:
    """The second tries on what was seen before it came; the next round begins with the first again."""
    first = table.come(1)
    coming = iter("a")

    def try_late(seen: list[str]) -> Try[str]:
        for thing in coming:
            table.put(thing)
        return table.take(seen, 2)

    second = table.send(try_late)
    assert first.result(PATIENCE) == "a"
    table.put("b")
    assert second.result(PATIENCE) == "b"


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

    def slowly(seen: list[str]) -> Try[str]:
        if seen:
            begun.set()
            time.sleep(0.1)
        return table.take(seen, 1)

    waiting = table.send(slowly)
    table.until(lambda: table.tries == [1])
    table.put("a")
    assert begun.wait(PATIENCE)
    newcomer = table.send(lambda seen: table.take(seen, 2), patient(0))
    assert waiting.result(PATIENCE) == "a"
    assert newcomer.result(PATIENCE) is None


def test_a_round_costs_one_look_however_many_wait(table: Table) -> None:
    waiting = [table.come(who, lambda _: False) for who in range(20)]
    looks, tries = table.looks, len(table.tries)
    table.put("a")
    table.until(lambda: len(table.tries) == tries + 20)
    assert table.looks == looks + 1
    table.bell.stop()
    assert [future.result(PATIENCE) for future in waiting] == [None] * 20


def test_who_leaves_while_it_is_tried_for_takes_what_was_found(table: Table) -> None:
    """Time is up while another's thread tries in its name: what that finds is not lost."""
    other = table.come(1, lambda _: False)
    ends = now() + timedelta(seconds=2)

    def slowly(seen: list[str]) -> Try[str]:
        while seen and now() < ends + timedelta(seconds=0.1):
            time.sleep(0.01)
        return table.take(seen, 2)

    leaving = table.send(slowly, patient(2))
    table.until(lambda: 2 in table.tries)
    table.put("a")
    assert leaving.result(PATIENCE) == "a"
    table.bell.stop()
    assert other.result(PATIENCE) is None


def test_when_nobody_can_look_everybody_is_told(table: Table) -> None:
    waiting = [table.come(who) for who in range(3)]

    def fail() -> list[str]:
        raise OSError("the database is gone")

    table.look = fail  # type: ignore[method-assign]  # from now on
    table.bell.ring(LINE)
    with pytest.raises(OSError, match="gone"):
        table.wait(lambda seen: table.take(seen, 9), patient(0))
    table.until(lambda: not table.bell.waiting() or all(future.done() for future in waiting))


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
    def stumble(seen: list[str]) -> Try[str]:
        if seen:
            raise RuntimeError("stumbled")
        return table.take(seen, 1)

    first = table.send(stumble)
    table.until(lambda: table.tries == [1])
    second = table.come(2)
    table.put("a")
    assert second.result(PATIENCE) == "a"
    with pytest.raises(RuntimeError):
        first.result(PATIENCE)


def test_a_moment_that_comes_lets_everybody_try_once_in_order(table: Table) -> None:
    """A lease that is over rings no bell: whoever knows of it looks again then."""
    moment = now() + timedelta(seconds=2)

    def attempt(who: int, seen: list[str]) -> Try[str]:
        found = table.take(seen, who)
        return found if found.found or now() >= moment else Try(again_at=moment)

    waiting = []
    for who in range(5):
        waiting.append(table.send(partial(attempt, who)))
        table.until(lambda: table.bell.waiting().get(LINE) == len(waiting))
    table.until(lambda: 4 in table.tries)
    table.things = ["a", "b"]
    tries = len(table.tries)
    assert [waiting[who].result(PATIENCE) for who in range(2)] == ["a", "b"]
    table.until(lambda: len(table.tries) >= tries + 5)
    assert table.tries[tries:] == [0, 1, 2, 3, 4]
    table.bell.stop()
    assert [future.result(PATIENCE) for future in waiting[2:]] == [None] * 3


def test_when_the_gateway_stops_everybody_goes_home_at_once(table: Table) -> None:
    waiting = [table.come(who) for who in range(10)]
    table.bell.stop()
    assert [future.result(PATIENCE) for future in waiting] == [None] * 10
    assert table.wait(lambda seen: table.take(seen, 11)) is None


def test_lost_rings_can_be_made_up_for(table: Table) -> None:
    waiting = table.come(1)
    table.things.append("a")
    table.bell.ring_all()
    assert waiting.result(PATIENCE) == "a"


def test_a_line_that_everybody_left_is_forgotten(table: Table) -> None:
    table.wait(lambda seen: table.take(seen, 1), patient(0))
    assert table.bell.waiting() == {}
