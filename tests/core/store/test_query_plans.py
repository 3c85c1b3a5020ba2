"""Polls, claims and purges go by index on both databases: what a look costs does not grow with what is stored."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, event

from core.store import Horizon, State
from tests.shelves import Desk, Shelf

Asked = list[tuple[str, Any]]
SMALL = {"seals", "identifiers", "keys"}
"""Tables that people fill by hand, or that hold a row a key."""


@contextmanager
def noted(*engines: Engine) -> Iterator[Asked]:
    """What the engines are asked meanwhile, each statement once with its parameters."""
    asked: dict[str, Any] = {}

    def note(connection: Connection, cursor: object, statement: str, parameters: Any, *_: object) -> None:
        del connection, cursor
        if re.match(r"(SELECT|UPDATE|DELETE|WITH)\b", statement):
            asked.setdefault(statement, parameters)

    found: Asked = []
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
        found += asked.items()


def plan(connection: Connection, statement: str, parameters: Any) -> str:
    """How SQLite would find the rows."""
    return "\n".join(
        str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    )


def scanned(connection: Connection, statement: str, parameters: Any) -> set[str]:
    """The tables that a statement would read from end to end."""
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return {m.group(1) for row in plan if (m := re.match(r"SCAN (\w+)\b(?! USING| CONSTANT)", str(row[-1])))}
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the tables of a test are too small to need one
    plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return {m.group(1) for row in plan if (m := re.search(r"Seq Scan on (\w+)", str(row[0])))}


def assert_by_index(shelf: Shelf, asked: Asked) -> None:
    """No statement reads a table that grows from end to end."""
    assert asked
    with shelf.store.reader.connect() as connection:
        for statement, parameters in asked:
            assert scanned(connection, statement, parameters) <= SMALL, statement


def engines(shelf: Shelf) -> tuple[Engine, Engine]:
    return shelf.store.reader, shelf.store.writer._engine  # noqa: SLF001 - the plans of what it really asks


def test_polls_and_claims_and_their_ends_go_by_index(desk: Desk, someone: str) -> None:
    shelf = desk.shelf
    shelf.arrive(someone, "111111")
    shelf.arrive(someone, "222222")
    with noted(*engines(shelf)) as asked:
        assert desk.latest(someone)
        assert desk.why(f"nobody-{someone}")
        for outcome in (State.FRESH, State.REJECTED, State.ACCEPTED):
            held = desk.claim(someone, f"run-{outcome}")
            assert held
            desk.end(held, outcome)
    assert_by_index(shelf, asked)


def test_a_poll_finds_what_is_usable_without_a_walk_through_the_past(desk: Desk, someone: str) -> None:
    shelf = desk.shelf
    with noted(shelf.store.reader) as asked:
        shelf.store.codes.usable(someone, shelf.clock(), shelf.clock())
    with shelf.store.reader.connect() as connection:
        if connection.dialect.name == "sqlite":
            plans = [plan(connection, *statement) for statement in asked]
            assert any("ix_codes_identifier_expires_at (identifier=? AND expires_at>?)" in text for text in plans)
    assert_by_index(shelf, asked)


def test_a_mail_is_stored_by_index(shelf: Shelf, someone: str) -> None:
    with noted(*engines(shelf)) as asked:
        shelf.arrive(someone)
    assert_by_index(shelf, asked)


def test_every_step_of_a_purge_goes_by_index(shelf: Shelf, someone: str) -> None:
    shelf.arrive(someone)
    shelf.clock.advance(86_400 * 500)
    now = shelf.clock()
    ages = {"values": 1, "messages": 30, "marks": 400, "audit": 400}
    due = Horizon(now=now, **{name: now - timedelta(days=days) for name, days in ages.items()})
    with noted(*engines(shelf)) as asked:
        while shelf.store.purging.step(due).result():
            pass
    assert_by_index(shelf, asked)


def test_a_statement_without_an_index_is_noticed(shelf: Shelf) -> None:
    """The check can fail."""
    with shelf.store.reader.connect() as connection:
        assert scanned(connection, "SELECT 1 FROM codes WHERE confidence > 2", ()) == {"codes"}
