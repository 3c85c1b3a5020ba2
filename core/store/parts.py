"""Parts of long SMS that came one by one, possibly at different nodes, until the last one is here."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, Engine, RowMapping, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from core.store.rows import opened, sealed
from core.store.tables import parts
from core.store.writer import Writer

TOGETHER = timedelta(hours=1)
"""How long a part waits for the others; later the same reference is another SMS."""
GAP = " … "
"""Where a part is missing: what stands beside it is no one word."""
_STEP = 100


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of an SMS; door, sender, recipient, reference and total are those of every part of it."""

    door: str
    sender: str
    recipient: str
    reference: str
    number: int
    """From 1."""
    total: int
    """0 while nobody knows how many there will be: the sentences of a call."""
    external_id: str
    text: str = field(repr=False)
    received_at: datetime

    @property
    def whole(self) -> str:
        """What the parts of one SMS have in common, as a hash."""
        common = (self.door, self.sender, self.recipient, self.reference, str(self.total))
        return hashlib.sha256("\0".join(common).encode("utf-8", "surrogatepass")).hexdigest()[:32]


_FIELDS = tuple(field.name for field in fields(Part))


class Parts:
    """The verbs on parts."""

    def __init__(self, writer: Writer, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def add(self, part: Part) -> Future[None]:
        """Store a part; one of the same place that came before, long ago perhaps, gives way."""

        def work(connection: Connection) -> None:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            named = {"id": f"{part.whole}-{part.number}", "whole": part.whole}
            values = sealed(connection, parts, named | vars(part))
            statement = insert(parts).values(values)
            connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))

        return self._writer.submit(work)

    def all_of(self, part: Part) -> tuple[str, str] | None:
        """Text and id of the SMS that a committed part belongs to, once all of its parts are here; else None."""
        found = self._beside(part)
        if [one.number for one in found] != list(range(1, part.total + 1)):
            return None
        return _joined(found)

    def so_far(self, part: Part) -> list[str]:
        """The texts of a committed part and of those beside it, in order."""
        return [one.text for one in self._beside(part)]

    def _beside(self, part: Part) -> list[Part]:
        query = (
            select(parts)
            .where(parts.c.whole == part.whole, parts.c.received_at > part.received_at - TOGETHER)
            .order_by(parts.c.number)
        )
        with self._reader.connect() as connection:
            return [_record(connection, row) for row in connection.execute(query).mappings()]

    def overdue(self, before: datetime) -> list[tuple[Part, str, str]]:
        """Some of the SMS of which nothing came since a moment: a part of each, the text so far, and its id.

        A gap stands where a part is missing.
        """
        last = func.max(parts.c.received_at)
        wholes = select(parts.c.whole).group_by(parts.c.whole).having(last < before).limit(_STEP)
        query = select(parts).where(parts.c.whole.in_(wholes)).order_by(parts.c.whole, parts.c.number)
        with self._reader.connect() as connection:
            found = [_record(connection, row) for row in connection.execute(query).mappings()]
        groups = [list(group) for _, group in groupby(found, key=lambda one: one.whole)]
        return [(group[0], *_joined(group)) for group in groups]

    def drop(self, part: Part) -> Future[None]:
        """Forget the parts of an SMS that is stored as a whole."""

        def work(connection: Connection) -> None:
            connection.execute(delete(parts).where(parts.c.whole == part.whole))

        return self._writer.submit(work)


def _joined(found: Sequence[Part]) -> tuple[str, str]:
    """The text of parts in order, a gap where one is missing, and their ids."""
    there = {one.number: one.text for one in found}
    runs = groupby(range(1, found[0].total + 1), key=there.__contains__)
    text = "".join("".join(there[n] for n in run) if here else GAP for here, run in runs)
    return text, "+".join(one.external_id for one in found)


def _record(connection: Connection, row: RowMapping) -> Part:
    values = opened(connection, parts, row)
    return Part(**{name: values[name] for name in _FIELDS})


def drop_parts(connection: Connection, before: datetime) -> int:
    """Forget parts whose others never came; how many those were."""
    return connection.execute(delete(parts).where(parts.c.received_at < before)).rowcount
