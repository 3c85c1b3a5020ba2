"""The one writer: takes what waits, does it in one transaction, and answers after the commit.

Batches grow with load; a lone change waits for nobody. One sync of the disk serves the whole batch
(measured on SQLite: 921 changes a second alone, above 2,000 in groups). On PostgreSQL claims go by
themselves, so that no run waits for a batch of mail.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from core import journal
from core.errors import OtpgateError, StoreUnavailableError
from core.store.engine import TRY_AGAIN

Item = TypeVar("Item")
T = TypeVar("T")
LARGEST_BATCH = 256
DEADLOCK = "40P01"
"""PostgreSQL's SQLSTATE of a transaction that was given up for another; nothing of it is stored."""
_DATABASE_ERRORS = (OperationalError, InterfaceError, InternalError)


def _running_future() -> "Future[Any]":
    """A future that nobody can cancel: what was submitted is done."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


@dataclass(kw_only=True)
class Change(Generic[T]):
    """Work inside the transaction, what to do once it is committed, and where the answer goes.

    Changes with the same `work` that wait one after the other are done at once: it takes the item of each, and
    answers with a result for each.
    """

    work: Callable[[Connection, Sequence[Any]], Sequence[T]]
    item: Any = None
    committed: Callable[[T], None] = lambda _: None
    future: Future[T] = field(default_factory=_running_future)
    result: T | None = None
    failure: BaseException | None = None

    def answer(self) -> None:
        """Tell whoever waits; called after the commit."""
        if self.failure is not None:
            self.future.set_exception(self.failure)
            return
        try:
            self.committed(self.result)  # type: ignore[arg-type]  # a T once it was run and went well
        except Exception as error:  # noqa: BLE001 - it is stored: that a waiter was not woken is a smaller fault
            journal.store_failed(error)
        self.future.set_result(self.result)  # type: ignore[arg-type]  # the same


def _run_alone(engine: Engine, change: Change[Any]) -> None:
    """Do one change in a transaction of its own, which needs no savepoint."""
    try:
        with engine.begin() as connection:
            (change.result,) = change.work(connection, [change.item])
        change.failure = None
    except _DATABASE_ERRORS:
        raise
    except Exception as error:  # noqa: BLE001 - the change is at fault, not the database
        change.failure = _failure(error)


def _run(connection: Connection, changes: Sequence[Change[Any]]) -> None:
    """Do alike changes under a savepoint; when one is bad, each under its own, so that it spoils no other."""
    try:
        with connection.begin_nested():
            results = changes[0].work(connection, [change.item for change in changes])
        for change, result in zip(changes, results, strict=True):
            change.result, change.failure = result, None
    except _DATABASE_ERRORS:
        raise  # the whole batch failed
    except Exception as error:  # noqa: BLE001 - one change is at fault: the others still go through
        if len(changes) == 1:
            changes[0].failure = _failure(error)
            return
        for change in changes:
            _run(connection, [change])


def _failure(error: Exception) -> OtpgateError:
    if isinstance(error, OtpgateError):
        return error
    journal.store_failed(error)
    return StoreUnavailableError(TRY_AGAIN)


class Writer:
    """A thread that owns the writing connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[Change[Any] | None] = queue.SimpleQueue()
        self._closed = False
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread still runs."""
        return self._thread.is_alive()

    @property
    def alone(self) -> bool:
        """Whether no other process can write to this database."""
        return self._engine.dialect.name == "sqlite"

    def submit(
        self, work: Callable[[Connection], T], committed: Callable[[T], None] = lambda _: None
    ) -> Future[T]:
        """A future that ends after the commit that carries the work; then `committed` is called with its result.

        It raises StoreUnavailableError when nothing was stored, or the OtpgateError that the work raised.
        """
        return self._submit(_alone(work, committed))

    def submit_alike(
        self,
        work: Callable[[Connection, Sequence[Item]], Sequence[T]],
        item: Item,
        committed: Callable[[T], None] = lambda _: None,
    ) -> Future[T]:
        """As `submit`, for work that many items take at once in fewer statements; `work` is the same each time."""
        return self._submit(Change(work=work, item=item, committed=committed))

    def apart(self, work: Callable[[Connection], T], committed: Callable[[T], None] = lambda _: None) -> Future[T]:
        """As `submit`; but where the database takes several writers, at once, in a transaction of its own."""
        if self.alone:
            return self.submit(work, committed)
        change = _alone(work, committed)
        self._commit([change])
        return change.future

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._closing:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()
        self._engine.dispose()

    def _submit(self, change: Change[T]) -> Future[T]:
        if not self._queue(change):
            change.future.set_exception(StoreUnavailableError("the gateway is stopping: try again"))
        return change.future

    def _queue(self, change: Change[Any]) -> bool:
        with self._closing:
            if not self._closed:
                self._waiting.put(change)
            return not self._closed

    def _run(self) -> None:
        changes: list[Change[Any]] = []
        try:
            while True:
                batch = self._take()
                changes = [change for change in batch if change is not None]
                if changes:
                    self._commit(changes)
                if len(changes) < len(batch):
                    return
        finally:
            self._put_off(changes)

    def _put_off(self, changes: list[Change[Any]]) -> None:
        """However the thread ends, nobody waits for it: what is not answered is put off, no more is taken."""
        with self._closing:
            self._closed = True
        while not self._waiting.empty():
            changes += filter(None, [self._waiting.get_nowait()])
        for change in changes:
            if not change.future.done():
                change.future.set_exception(StoreUnavailableError(TRY_AGAIN))

    def _take(self) -> list[Change[Any] | None]:
        batch = [self._waiting.get()]
        while len(batch) < LARGEST_BATCH and batch[-1] is not None:
            try:
                batch.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return batch

    def _commit(self, changes: list[Change[Any]]) -> None:
        try:
            try:
                self._transact(changes)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", "") != DEADLOCK:
                    raise
                self._transact(changes)  # another node held the same rows in another order, and is done with them
        except Exception as error:  # noqa: BLE001 - whatever broke, nothing was stored: all of it is temporary
            journal.store_failed(error)
            for change in changes:
                change.failure = StoreUnavailableError(TRY_AGAIN)
        for change in changes:
            change.answer()

    def _transact(self, changes: list[Change[Any]]) -> None:
        if len(changes) == 1:
            _run_alone(self._engine, changes[0])
            return
        with self._engine.begin() as connection:
            for _, alike in groupby(changes, key=lambda change: change.work):
                _run(connection, list(alike))


def _alone(work: Callable[[Connection], T], committed: Callable[[T], None]) -> Change[T]:
    return Change(work=lambda connection, _: [work(connection)], committed=committed)
