"""What happened, in one order for everybody: messages, codes and changes of claims, each noted as it is stored.

Numbers follow the order in which transactions began to write, not that in which they were committed. So whoever
reads on from a number first lets those transactions end that may still fill a gap before what it saw: nothing is
overtaken, and nothing comes twice.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    RowMapping,
    String,
    Table,
    func,
    select,
    text,
)

from core.store.columns import Instant, Words, metadata
from core.store.engine import database_away
from core.store.records import Claim, Code, Message, State
from core.store.rows import code_record, message_record
from core.store.tables import codes, messages

EVENTS_LINE = "events"
"""What is rung when a claim changed; whoever stores a message rings its identifier."""
_PAUSE, _PAUSES = 0.002, 1000
"""Seconds between two looks at open transactions, and how many: those of ours take milliseconds."""
_OVERTAKING = timedelta(minutes=1)
"""By how much what came earlier may be stored later: numbers follow the storing."""
_WRITING = text(
    "SELECT virtualtransaction FROM pg_locks WHERE relation = 'events'::regclass AND mode = 'RowExclusiveLock' "
    "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)

events = Table(
    "events",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("about", String(40), nullable=False),  # id of the message or code
    Column("identifier", Words, nullable=False),
    Column("claim_id", String(40), nullable=False, server_default=""),  # of a claim alone, as what follows
    Column("run_id", Words, nullable=False, server_default=""),
    Column("state", String(12), nullable=False, server_default=""),
    Column("lease_until", Instant, nullable=True),
)
_NOTE = events.insert()


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened: `kind` is message, code or claim. A claim's code is as it was right then."""

    number: int
    kind: str
    at: datetime
    identifier: str
    message: Message | None = None
    code: Code | None = None
    claim_id: str = ""


def note_arrivals(connection: Connection, arrived: Sequence[tuple[Message, Sequence[Code]]]) -> None:
    """Note messages and what was found in each; a link beside a code is no event."""
    rows = []
    for message, found in arrived:
        rows.append(_row("message", message.id, message.identifier, message.received_at))
        rows += [_row("code", c.id, c.identifier, c.received_at) for c in found if not c.alternate]
    if rows:
        connection.execute(_NOTE, rows)


def note_raised(connection: Connection, code: Code) -> None:
    """Note a code once more that a copy, which arrived now, vouches for; a link beside a code is no event."""
    if not code.alternate:
        connection.execute(_NOTE, [_row("code", code.id, code.identifier, code.received_at)])


def note_made(connection: Connection, code: Code, at: datetime) -> None:
    """Note a code that was made from a stored secret."""
    connection.execute(_NOTE, [_row("code", code.id, code.identifier, at)])


def note_claim(connection: Connection, claim: Claim, *changed: Code, at: datetime) -> None:
    """Note codes whose state changed by a claim."""
    rows = [
        _row("claim", c.id, c.identifier, at)
        | {"claim_id": claim.id, "run_id": c.holder, "state": c.state.value, "lease_until": c.lease_until}
        for c in changed
    ]
    if rows:
        connection.execute(_NOTE, rows)


class Events:
    """The look-ups of what happened."""

    def __init__(self, reader: Engine) -> None:
        self._reader = reader

    def newest(self) -> int:
        """The number of the last event; every one up to it is there to be read. 0 when there is none."""
        with database_away(), self._reader.connect() as connection:
            last = connection.execute(select(func.max(events.c.number))).scalar() or 0
            _let_end(connection)
        return last

    def number_at(self, moment: datetime) -> int:
        """A number below those of all events that are later than a moment; a few above it may be earlier too."""
        numbers = select(events.c.number)
        older = numbers.where(events.c.at <= moment - _OVERTAKING).order_by(events.c.number.desc()).limit(1)
        first = numbers.order_by(events.c.number).limit(1)
        with database_away(), self._reader.connect() as connection:
            last = connection.execute(older).scalar()
            return (connection.execute(first).scalar() or 1) - 1 if last is None else last

    def reaches(self, number: int) -> bool:
        """Whether all that came after that number is still there; not once it was forgotten."""
        with database_away(), self._reader.connect() as connection:
            first = connection.execute(select(func.min(events.c.number))).scalar()
        return first is None or first <= number + 1

    def after(self, number: int, limit: int) -> tuple[list[Event], int]:
        """At most `limit` events after that number, in order, and the number to read on from.

        What was forgotten meanwhile is left out.
        """
        with database_away(), self._reader.connect() as connection:
            rows = _rows_after(connection, number, limit)
            if _has_gap(rows, number) and _let_end(connection):
                rows = _rows_after(connection, number, limit)
            return _events(connection, rows), rows[-1]["number"] if rows else number


def _row(kind: str, about: str, identifier: str, at: datetime) -> dict[str, Any]:
    return {"kind": kind, "about": about, "identifier": identifier, "at": at}


def _rows_after(connection: Connection, number: int, limit: int) -> Sequence[RowMapping]:
    query = select(events).where(events.c.number > number).order_by(events.c.number).limit(limit)
    return connection.execute(query).mappings().all()


def _has_gap(rows: Sequence[RowMapping], number: int) -> bool:
    return bool(rows) and rows[-1]["number"] - number != len(rows)


def _let_end(connection: Connection) -> bool:
    """Wait until every transaction has ended that has noted something by now; whether there may be any."""
    if connection.dialect.name != "postgresql":
        return False  # one writer: what is seen is in order
    writing = set(connection.execute(_WRITING).scalars())
    for _ in range(_PAUSES):
        if not writing:
            break
        time.sleep(_PAUSE)
        writing &= set(connection.execute(_WRITING).scalars())
    return True


def _events(connection: Connection, rows: Sequence[RowMapping]) -> list[Event]:
    told = {
        "message": _records(connection, messages, [r["about"] for r in rows if r["kind"] == "message"]),
        "code": _records(connection, codes, [r["about"] for r in rows if r["kind"] != "message"]),
    }
    found = (_event(row, told) for row in rows)
    return [event for event in found if event.message or event.code]


def _records(connection: Connection, table: Table, ids: Sequence[str]) -> Mapping[str, Any]:
    if not ids:
        return {}
    read = message_record if table is messages else code_record
    rows = connection.execute(select(table).where(table.c.id.in_(ids))).mappings()
    return {row["id"]: read(connection, row) for row in rows}


def _event(row: RowMapping, told: Mapping[str, Mapping[str, Any]]) -> Event:
    own = {name: row[name] for name in ("number", "kind", "at", "identifier", "claim_id")}
    if row["kind"] == "message":
        return Event(**own, message=told["message"].get(row["about"]))
    code = told["code"].get(row["about"])
    if code and row["kind"] == "claim":
        then = {"state": State(row["state"]), "holder": row["run_id"], "lease_until": row["lease_until"]}
        code = replace(code, **then)
    return Event(**own, code=code)
