"""What was done, minute by minute: numbers alone, so that a page can plot them after a restart and for all nodes.

Each process writes rows of its own, so nothing is counted twice; older minutes become ten minutes, then nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
)

from core.store.columns import Instant, Words, metadata
from core.store.engine import insert_into, lock
from core.store.writer import Writer

FINE, COARSE = timedelta(minutes=1), timedelta(minutes=10)
PEAKS = frozenset({"waiters"})
"""Names whose number is a minute's highest: of several minutes the highest counts, of several nodes the sum."""
SEEN = "seen"
"""The name of what says that something came by a forwarder, key or door."""
_FINE_FOR, _COARSE_FOR = timedelta(hours=2), timedelta(days=8)

figures = Table(
    "figures",
    metadata,
    Column("begins_at", Instant, primary_key=True),
    Column("seconds", Integer, primary_key=True, autoincrement=False),
    Column("name", String(40), primary_key=True),
    Column("label", Words, primary_key=True),
    Column("node", String(16), primary_key=True),  # the process that counted; "" once summed up
    Column("number", BigInteger, nullable=False),
    Index(None, "name", "label", "begins_at"),
)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """So much of something, of all nodes together, in the span that begins then."""

    begins_at: datetime
    name: str
    label: str
    number: int


class Figures:
    """The verbs on figures."""

    def __init__(self, writer: Writer, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def put(self, node: str, minute: datetime, numbers: Mapping[tuple[str, str], int]) -> Future[None]:
        """Keep what a node counted in a minute, by name and label, in place of what it said of it before."""
        key = {"begins_at": minute, "seconds": FINE.seconds, "node": node}
        rows = [{**key, "name": name, "label": label, "number": n} for (name, label), n in numbers.items()]
        return self._writer.submit(lambda connection: _put(connection, rows))

    def since(self, moment: datetime, span: timedelta) -> list[Figure]:
        """The figures of all nodes from a moment on, folded to spans of that length, in order of time."""
        query = select(figures).where(figures.c.begins_at >= begin_of(moment, span))
        with self._reader.connect() as connection:
            rows = [_figure(row) for row in connection.execute(query).mappings()]
        return fold(rows, span)

    def last_seen(self) -> dict[str, datetime]:
        """When something last came by each forwarder, key or door, to the minute; nothing after eight days."""
        last = func.max(figures.c.begins_at).label("last")
        query = select(figures.c.label, last).where(figures.c.name == SEEN).group_by(figures.c.label)
        with self._reader.connect() as connection:
            return {row.label: row.last for row in connection.execute(query)}

    def sum_up(self, now: datetime) -> Future[None]:
        """Make ten minutes of older minutes, and forget what is older still."""
        return self._writer.submit(lambda connection: _sum_up(connection, now))


def begin_of(moment: datetime, span: timedelta) -> datetime:
    """When the span that holds a moment begins."""
    return moment - (moment - datetime(1970, 1, 1, tzinfo=UTC)) % span


def fold(found: Iterable[Figure], span: timedelta) -> list[Figure]:
    """Figures of shorter spans and of several nodes as figures of longer ones."""
    spans: Counter[tuple[datetime, str, str]] = Counter()
    for one in found:
        spans[one.begins_at, one.name, one.label] += one.number
    longer: Counter[tuple[datetime, str, str]] = Counter()
    for (at, name, label), number in spans.items():
        key = (begin_of(at, span), name, label)
        longer[key] = max(longer[key], number) if name in PEAKS else longer[key] + number
    return [Figure(begins_at=at, name=n, label=label, number=m) for (at, n, label), m in sorted(longer.items())]


def _put(connection: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        new = insert_into(connection, figures)
        key = [column.name for column in figures.primary_key]
        connection.execute(
            new.on_conflict_do_update(index_elements=key, set_={"number": new.excluded.number}), rows
        )


def _sum_up(connection: Connection, now: datetime) -> None:
    lock(connection, "figures")
    due = begin_of(now - _FINE_FOR, COARSE)
    fine = and_(figures.c.seconds == FINE.seconds, figures.c.begins_at < due)
    rows = [_figure(row) for row in connection.execute(select(figures).where(fine)).mappings()]
    if rows:
        first = begin_of(min(row.begins_at for row in rows), COARSE)
        coarse = figures.c.seconds == COARSE.seconds
        there = and_(coarse, figures.c.begins_at >= first, figures.c.begins_at < due)
        rows += [_figure(row) for row in connection.execute(select(figures).where(there)).mappings()]
        connection.execute(delete(figures).where(or_(fine, there)))
        _put(connection, [_row(one) for one in fold(rows, COARSE)])
    connection.execute(delete(figures).where(figures.c.begins_at < now - _COARSE_FOR))


def _row(one: Figure) -> dict[str, object]:
    return {
        "begins_at": one.begins_at,
        "seconds": COARSE.seconds,
        "name": one.name,
        "label": one.label,
        "node": "",
        "number": one.number,
    }


def _figure(row: RowMapping) -> Figure:
    return Figure(begins_at=row["begins_at"], name=row["name"], label=row["label"], number=row["number"])
