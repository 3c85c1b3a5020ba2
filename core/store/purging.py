"""Forgets in small steps: values first, then rows, last the marks that keep a message from counting twice."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from core.store.engine import insert_into
from core.store.events import events
from core.store.parts import drop_parts
from core.store.rows import SEALED
from core.store.sessions import sessions
from core.store.sightings import drop_sightings
from core.store.tables import KEPT, claims, codes, marks, messages, nonces, showings, turns
from core.store.writer import Writer

STEP_SECONDS = 0.01
"""For a step: no claim waits for long behind one. Its rows are as many as this allows on this machine."""
_FEWEST, _MOST = 20, 200
PAGES = 500
"""Pages of an SQLite file that are given back at a time."""


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """What came before these moments is forgotten."""

    values: datetime
    messages: datetime
    marks: datetime
    audit: datetime
    now: datetime


class Purging:
    """The verbs that forget."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._rows = _FEWEST

    def step(self, horizon: Horizon) -> Future[int]:
        """Forget some of what is due; how many rows that were. 0 when nothing is due."""

        def work(connection: Connection) -> int:
            began = time.perf_counter()
            done = _first_due(connection, horizon, self._rows)
            allowed = self._rows * STEP_SECONDS / (time.perf_counter() - began)
            self._rows = int(min(max(allowed, self._rows / 2, _FEWEST), self._rows * 2, _MOST))
            return done

        return self._writer.submit(work)

    def give_back(self) -> Future[None]:
        """On SQLite, return free pages to the file system, a few at a time."""
        return self._writer.submit(_shrink)


def _first_due(connection: Connection, horizon: Horizon, most: int) -> int:
    steps: tuple[Callable[[Connection, Horizon, int], int], ...] = (
        lambda each, horizon, _: drop_parts(each, horizon.values),
        lambda each, horizon, _: drop_sightings(each, horizon.values),
        _blank_messages, _blank_codes, _drop_messages, _drop_codes, _drop_marks, _drop_showings, _drop_turns,
        _drop_sessions, _drop_nonces, _drop_events,
    )  # fmt: skip
    return next((done for step in steps if (done := step(connection, horizon, most))), 0)


def _blank_messages(connection: Connection, horizon: Horizon, most: int) -> int:
    """Bodies, subjects and candidates of old messages; a confirmation's link goes with them."""
    due = (
        select(messages.c.id)
        .where(messages.c.received_at < horizon.values, KEPT[messages.name])
        .order_by(messages.c.received_at)
        .limit(most)
    )
    ids = connection.execute(due).scalars().all()
    if ids:
        blank = dict.fromkeys(SEALED[messages.name], "")
        connection.execute(update(messages).where(messages.c.id.in_(ids)).values(**blank))
    return len(ids)


def _blank_codes(connection: Connection, horizon: Horizon, most: int) -> int:
    """Values of codes that have expired and are past the horizon."""
    due = (
        select(codes.c.id)
        .where(codes.c.received_at < horizon.values, codes.c.expires_at <= horizon.now, KEPT[codes.name])
        .order_by(codes.c.received_at)
        .limit(most)
    )
    ids = connection.execute(due).scalars().all()
    if ids:
        connection.execute(update(codes).where(codes.c.id.in_(ids)).values(value="", subject=""))
    return len(ids)


def _drop_messages(connection: Connection, horizon: Horizon, most: int) -> int:
    """Old messages with their codes and claims; their marks stay behind."""
    due = (
        select(messages.c.id, messages.c.mark, messages.c.received_at)
        .where(messages.c.received_at < horizon.messages)
        .order_by(messages.c.received_at)
        .limit(most)
    )
    rows = connection.execute(due).mappings().all()
    if rows:
        kept = [{"mark": row["mark"], "received_at": row["received_at"]} for row in rows]
        connection.execute(insert_into(connection, marks).on_conflict_do_nothing(), kept)
        connection.execute(delete(messages).where(messages.c.id.in_([row["id"] for row in rows])))
    return len(rows)


def _drop_codes(connection: Connection, horizon: Horizon, most: int) -> int:
    """Old codes without a message: those made from TOTP secrets."""
    due = (
        select(codes.c.id).where(codes.c.received_at < horizon.messages).order_by(codes.c.received_at).limit(most)
    )
    ids = connection.execute(due).scalars().all()
    if ids:
        connection.execute(delete(claims).where(claims.c.code_id.in_(ids)))
        connection.execute(delete(codes).where(codes.c.id.in_(ids)))
    return len(ids)


def _drop_marks(connection: Connection, horizon: Horizon, most: int) -> int:
    due = select(marks.c.mark).where(marks.c.received_at < horizon.marks).order_by(marks.c.received_at).limit(most)
    return _drop(connection, marks, "mark", connection.execute(due).scalars().all())


def _drop_showings(connection: Connection, horizon: Horizon, most: int) -> int:
    due = select(showings.c.id).where(showings.c.at < horizon.audit).order_by(showings.c.at).limit(most)
    return _drop(connection, showings, "id", connection.execute(due).scalars().all())


def _drop_turns(connection: Connection, horizon: Horizon, _: int) -> int:
    return connection.execute(delete(turns).where(turns.c.ends_at < horizon.values)).rowcount


def _drop_sessions(connection: Connection, horizon: Horizon, _: int) -> int:
    return connection.execute(delete(sessions).where(sessions.c.ends_at < horizon.now)).rowcount


def _drop_nonces(connection: Connection, horizon: Horizon, most: int) -> int:
    due = select(nonces.c.digest).where(nonces.c.ends_at < horizon.now).order_by(nonces.c.ends_at).limit(most)
    return _drop(connection, nonces, "digest", connection.execute(due).scalars().all())


def _drop_events(connection: Connection, horizon: Horizon, most: int) -> int:
    """What happened before; the newest stays, so that its number is known and, on SQLite, never comes again."""
    first = select(events.c.number, events.c.at).where(events.c.number > 0).order_by(events.c.number).limit(most)
    older = [(row.number, row.at) for row in connection.execute(first)][:-1]
    return _drop(connection, events, "number", [number for number, at in older if at < horizon.values])


def _drop(connection: Connection, table: Table, key: str, ids: Sequence[Any]) -> int:
    if ids:
        connection.execute(delete(table).where(table.c[key].in_(ids)))
    return len(ids)


def _shrink(connection: Connection) -> None:
    file = connection.connection.driver_connection
    if isinstance(file, sqlite3.Connection):
        (free,) = file.execute("PRAGMA freelist_count").fetchone()
        for _ in range(min(free, PAGES)):
            file.execute("PRAGMA incremental_vacuum(1)").fetchall()  # the module takes one step an execution
