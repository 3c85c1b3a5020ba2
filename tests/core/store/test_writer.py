"""Group commit: batches grow with load, a lone change waits for nobody, one bad change spoils no other."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, event, func, select
from sqlalchemy.exc import OperationalError

from core.errors import NotFoundError, StoreUnavailableError
from core.store.engine import sqlite_url, writing_engine
from core.store.writer import LARGEST_BATCH, Writer

PATIENCE = 60
marbles = Table("marbles", MetaData(), Column("number", Integer, primary_key=True))


def put(number: int) -> Callable[[Connection], int]:
    def work(connection: Connection) -> int:
        connection.execute(marbles.insert().values(number=number))
        return number

    return work


class Bag:
    """A writer over a table of its own, which counts its commits."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.commits = engine, 0
        marbles.metadata.create_all(engine)
        self.writer = Writer(engine)
        event.listen(engine, "commit", self._count)

    def _count(self, connection: Connection) -> None:
        del connection
        self.commits += 1

    def marbles(self) -> int:
        return self.writer.submit(
            lambda c: c.execute(select(func.count()).select_from(marbles)).scalar_one()
        ).result(PATIENCE)

    def hold(self) -> threading.Event:
        """Keeps the writer busy until the event is set, so that what is submitted meanwhile makes one batch."""
        free, busy = threading.Event(), threading.Event()

        def work(connection: Connection) -> None:
            del connection
            busy.set()
            assert free.wait(PATIENCE)

        self.writer.submit(work)
        assert busy.wait(PATIENCE)
        return free


@pytest.fixture
def bag(tmp_path: Path) -> Iterator[Bag]:
    bag = Bag(writing_engine(sqlite_url(tmp_path / "bag.db")))
    yield bag
    bag.writer.close()


def test_a_lone_change_waits_for_nobody(bag: Bag) -> None:
    assert bag.writer.submit(put(1)).result(PATIENCE) == 1
    assert bag.commits == 1


def test_changes_that_wait_together_are_committed_together(bag: Bag) -> None:
    free = bag.hold()
    waiting = [bag.writer.submit(put(number)) for number in range(100)]
    free.set()
    wait(waiting, PATIENCE)
    assert bag.commits == 2


def test_a_batch_does_not_grow_without_bound(bag: Bag) -> None:
    free = bag.hold()
    waiting = [bag.writer.submit(put(number)) for number in range(LARGEST_BATCH + 1)]
    free.set()
    wait(waiting, PATIENCE)
    assert bag.commits == 3


def test_one_bad_change_spoils_no_other(bag: Bag) -> None:
    free = bag.hold()
    before, twice, after = (bag.writer.submit(put(number)) for number in (1, 1, 2))
    free.set()
    assert (before.result(PATIENCE), after.result(PATIENCE)) == (1, 2)
    with pytest.raises(StoreUnavailableError):
        twice.result(PATIENCE)
    assert bag.marbles() == 2


def test_a_change_that_refuses_leaves_nothing_behind(bag: Bag) -> None:
    def refuse(connection: Connection) -> None:
        put(7)(connection)
        raise NotFoundError("no such thing")

    with pytest.raises(NotFoundError):
        bag.writer.submit(refuse).result(PATIENCE)
    assert bag.marbles() == 0


def test_when_the_commit_fails_nobody_is_told_that_it_is_stored_and_the_next_commit_works(bag: Bag) -> None:
    """Our own trouble is always temporary."""
    failing = True

    def fail(connection: Connection) -> None:
        del connection
        if failing:
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

    event.listen(bag.engine, "commit", fail)
    free = bag.hold()
    waiting = [bag.writer.submit(put(number)) for number in range(5)]
    free.set()
    for future in waiting:
        with pytest.raises(StoreUnavailableError):
            future.result(PATIENCE)
    failing = False
    assert [bag.writer.submit(put(number)).result(PATIENCE) for number in range(5)] == list(range(5))
    assert bag.marbles() == 5


def test_the_text_of_a_failure_tells_nothing_of_its_cause(bag: Bag) -> None:
    bag.writer.submit(put(1)).result(PATIENCE)
    with pytest.raises(StoreUnavailableError, match=r"^the store did not take it: try again$"):
        bag.writer.submit(put(1)).result(PATIENCE)


def test_whoever_is_to_be_woken_is_woken_after_the_commit_and_a_fault_there_stops_nothing(bag: Bag) -> None:
    seen: list[int] = []

    def ring(number: int) -> None:
        with sqlite3.connect(bag.engine.url.database or "") as other:
            seen.extend(other.execute("SELECT count(*) FROM marbles").fetchone())
        other.close()
        raise ValueError(number)

    assert bag.writer.submit(put(1), ring).result(PATIENCE) == 1
    assert seen == [1]
    assert bag.marbles() == 1


def test_a_caller_that_gives_up_takes_nothing_away_from_the_others(bag: Bag) -> None:
    free = bag.hold()
    given_up, other = bag.writer.submit(put(1)), bag.writer.submit(put(2))
    assert not given_up.cancel()
    free.set()
    assert other.result(PATIENCE) == 2
    assert bag.marbles() == 2


def test_closing_finishes_what_waits_and_refuses_what_comes_later(tmp_path: Path) -> None:
    bag = Bag(writing_engine(sqlite_url(tmp_path / "bag.db")))
    free = bag.hold()
    waiting = bag.writer.submit(put(1))
    closing = threading.Thread(target=bag.writer.close)
    closing.start()
    free.set()
    closing.join(PATIENCE)
    assert waiting.result(0) == 1
    assert not bag.writer.alive
    with pytest.raises(StoreUnavailableError):
        bag.writer.submit(put(2)).result(PATIENCE)


def test_when_its_thread_dies_nobody_waits_for_it(bag: Bag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    held, entered = threading.Event(), threading.Event()

    def die(connection: Connection) -> None:
        del connection
        entered.set()
        held.wait(PATIENCE)
        raise SystemExit

    dying = bag.writer.submit(die)
    assert entered.wait(PATIENCE)
    waiting = bag.writer.submit(put(1))
    held.set()
    for change in (dying, waiting):
        with pytest.raises(StoreUnavailableError):
            change.result(PATIENCE)
    with pytest.raises(StoreUnavailableError):
        bag.writer.submit(put(2)).result(PATIENCE)
