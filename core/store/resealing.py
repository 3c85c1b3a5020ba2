"""Sealing what older keys sealed with the newest key, row by row, while everything else goes on."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Table, and_, func, or_, select, update

from core.secrets import Key, Keyring, sealed_with
from core.store.columns import metadata
from core.store.rows import SEALED, opened, sealed
from core.store.seals import add_key, drop_keys, sealing_keys
from core.store.writer import Writer

STEP = 25
"""Rows looked at in one step: few enough that no claim waits for long behind one."""
TABLES = tuple(SEALED)


@dataclass(frozen=True, kw_only=True)
class Place:
    """How far a pass has come: the table and the last row that was looked at."""

    table: str = TABLES[0]
    row: str = ""


class Resealing:
    """The verbs of key rotation."""

    def __init__(self, writer: Writer, reader: Engine, keyring: Keyring) -> None:
        self._writer, self._reader, self._keyring = writer, reader, keyring

    def begin(self, keys: Sequence[Key]) -> None:
        """Seal with the first of these keys from now on; all of them open."""
        fresh = Keyring(keys)
        fresh.look_up = self._keyring.look_up

        def work(connection: Connection) -> None:
            if fresh.current not in sealing_keys(connection):
                add_key(connection, fresh)

        self._writer.submit(work).result()
        self._keyring.use(keys)

    def older(self) -> list[str]:
        """Ids of the keys, other than the one that seals, that values may still be sealed with."""
        with self._reader.connect() as connection:
            return [key_id for key_id in sealing_keys(connection) if key_id != self._keyring.current]

    def left(self) -> int:
        """How many rows hold values of other keys; looks at every row."""
        with self._reader.connect() as connection:
            return _left(connection, self._keyring.current)

    def step(self, place: Place) -> tuple[Place | None, Future[int]]:
        """Reseal some rows behind a place; where to go on (None at the end), and how many rows were resealed."""
        table = metadata.tables[place.table]
        columns = [table.c.id, *(table.c[name] for name in SEALED[place.table])]
        query = select(*columns).where(table.c.id > place.row).order_by(table.c.id).limit(STEP)
        begin = sealed_with(self._keyring.current)
        with self._reader.connect() as connection:
            rows = connection.execute(query).mappings().all()
            older = [
                row for row in rows if any(row[c] and not row[c].startswith(begin) for c in SEALED[place.table])
            ]
            changes = [(row, sealed(connection, table, opened(connection, table, row))) for row in older]

        def work(connection: Connection) -> int:
            return sum(_replace(connection, table, row, values) for row, values in changes)

        return _next(place, [row["id"] for row in rows]), self._writer.submit(work)

    def finish(self) -> Future[bool]:
        """Note that the older keys are not needed any more; False when some value still needs one."""

        def work(connection: Connection) -> bool:
            done = _left(connection, self._keyring.current) == 0
            if done:
                drop_keys(connection, self._keyring)
            return done

        return self._writer.submit(work)


def _next(place: Place, ids: Sequence[str]) -> Place | None:
    if len(ids) == STEP:
        return Place(table=place.table, row=ids[-1])
    following = TABLES[TABLES.index(place.table) + 1 :]
    return Place(table=following[0]) if following else None


def _replace(connection: Connection, table: Table, row: RowMapping, values: Mapping[str, Any]) -> int:
    """Put the new values in place of the old ones, unless the row has changed meanwhile; how many rows changed."""
    unchanged = and_(table.c.id == row["id"], *(table.c[name] == row[name] for name in SEALED[table.name]))
    new = {name: values[name] for name in SEALED[table.name]}
    return int(connection.execute(update(table).where(unchanged).values(new)).rowcount)


def _left(connection: Connection, key_id: str) -> int:
    return sum(
        connection.execute(
            select(func.count())
            .select_from(metadata.tables[name])
            .where(or_(*(_older(metadata.tables[name], column, key_id) for column in columns)))
        ).scalar_one()
        for name, columns in SEALED.items()
    )


def _older(table: Table, column: str, key_id: str) -> Any:
    begin = sealed_with(key_id)
    return and_(table.c[column] != "", func.substr(table.c[column], 1, len(begin)) != begin)
