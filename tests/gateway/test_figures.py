"""What a process did is in the store each minute, whatever becomes of the process or the database."""

from datetime import timedelta

from core import journal
from core.store import FINE, begin_of
from gateway.figures import FigureWriter
from gateway.metrics import Metrics
from tests.shelves import Shelf


class Process:
    """One process that counts, over a store that others share."""

    def __init__(self, shelf: Shelf, name: str) -> None:
        self.shelf, self.metrics, self.name = shelf, Metrics(), name
        self.waiting = 0
        self.metrics.gauge("otpgate_waiters", "Waiters", lambda: self.waiting)
        self.writer = FigureWriter(shelf.store, self.metrics, shelf.clock)

    def claim(self, seconds: float = 0.02) -> None:
        """A run claims a code, so many seconds after it came."""
        with journal.told_to(self.metrics.observe):
            journal.code_claimed(identifier="a@example.com", code_id="c", run_id="r", key_id="k", seconds=seconds)

    def refuse(self) -> None:
        """A webhook call is refused."""
        with journal.told_to(self.metrics.observe):
            journal.hook_refused(hook="sms", reason=self.name, address="192.0.2.1")

    def arrive(self) -> None:
        """Something comes by a forwarder."""
        with journal.told_to(self.metrics.observe):
            journal.message_stored(
                trace_id="t",
                door="smtp",
                channel="email",
                identifier="a@example.com",
                identity_source="rcpt",
                verdict="code",
                new=True,
                via=self.name,
                kinds=["code"],
            )

    def look(self) -> None:
        """What its thread does every few seconds."""
        self.writer.look()
        self.writer.write()

    def numbers(self, name: str, label: str) -> list[int]:
        """What the store knows of something, a number a minute."""
        past = self.shelf.clock() - timedelta(hours=1)
        found = self.shelf.store.figures.since(past, FINE)
        return [one.number for one in found if (one.name, one.label) == (name, label)]


def test_each_minute_holds_what_happened_in_it(shelf: Shelf, someone: str) -> None:
    process, label = Process(shelf, someone), f"hook: {someone}"
    for count in (2, 0, 3):
        for _ in range(count):
            process.refuse()
        process.look()
        process.look()
        shelf.clock.advance(60)
    assert process.numbers("refusals", label) == [2, 3]


def test_a_restart_and_a_second_node_lose_and_double_nothing(shelf: Shelf, someone: str) -> None:
    for _ in range(2):
        process = Process(shelf, someone)
        process.refuse()
        process.look()
    assert process.numbers("refusals", f"hook: {someone}") == [2]


def test_latencies_are_kept_as_how_many_fell_into_each_bucket(shelf: Shelf, someone: str) -> None:
    shelf.clock.advance(7200)
    process = Process(shelf, someone)
    for seconds in (0.02, 0.03, 9_000):
        process.claim(seconds)
    process.look()
    shelf.clock.advance(60)
    now = begin_of(shelf.clock(), FINE) - FINE
    found = {one.label: one.number for one in shelf.store.figures.since(now, FINE) if one.name == "claim"}
    assert found == {"0.05": 2, "+Inf": 1}


def test_of_waiters_the_highest_number_of_a_minute_is_kept(shelf: Shelf, someone: str) -> None:
    shelf.clock.advance(14_400)
    process = Process(shelf, someone)
    for process.waiting in (1, 7, 2):
        process.look()
    assert process.numbers("waiters", "") == [7]


def test_who_was_seen_stays_known_after_a_restart(shelf: Shelf, someone: str) -> None:
    process = Process(shelf, someone)
    process.arrive()
    process.look()
    assert Process(shelf, "another").shelf.store.figures.last_seen()[someone] == begin_of(shelf.clock(), FINE)


def test_its_thread_writes_what_is_left_when_it_is_asked_to_stop(shelf: Shelf, someone: str) -> None:
    process = Process(shelf, someone)
    process.writer.start()
    process.refuse()
    process.writer.stop()
    assert not process.writer.alive
    assert process.numbers("refusals", f"hook: {someone}") == [1]
