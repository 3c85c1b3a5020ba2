"""Parts of long SMS and sentences of calls, which come one by one, possibly at different nodes."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, bindparam, delete, func, select

from core.store.engine import insert_into
from core.store.rows import keyring_of, opened, sealed
from core.store.tables import marks, parts
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

    @property
    def id(self) -> str:
        """What it is stored by: its place in the whole."""
        return f"{self.whole}-{self.number}"


_FIELDS = tuple(field.name for field in fields(Part))


class Parts:
    """The verbs on parts."""

    def __init__(self, writer: Writer, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def add(self, part: Part) -> Future[bool]:
        """Store a part, unless it was read already; whether it is to be read with what is beside it.

        One of the same place that came before, long ago perhaps, gives way.
        """

        def work(connection: Connection) -> bool:
            known = select(marks.c.mark).where(marks.c.mark == _mark(connection, part))
            if connection.execute(known).first():
                return False
            named = {"id": part.id, "whole": part.whole}
            values = sealed(connection, parts, named | vars(part))
            statement = insert_into(connection, parts).values(values)
            connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
            return True

        return self._writer.submit(work)

    def beside(self, part: Part) -> list[Part]:
        """The committed parts of the same SMS or call, in order."""
        query = (
            select(parts)
            .where(parts.c.whole == part.whole, parts.c.received_at > part.received_at - TOGETHER)
            .order_by(parts.c.number)
        )
        return self._read(query)

    def overdue(self, before: datetime, *, calls: bool = False) -> list[list[Part]]:
        """Some of the SMS, or of the calls, of which nothing came since a moment: the parts of each, in order."""
        last, total = func.max(parts.c.received_at), func.max(parts.c.total)
        some = select(parts.c.whole).group_by(parts.c.whole)
        wholes = some.having(last < before, total == 0 if calls else total > 0).limit(_STEP)
        found = self._read(select(parts).where(parts.c.whole.in_(wholes)).order_by(parts.c.whole, parts.c.number))
        return [list(group) for _, group in groupby(found, key=lambda one: one.whole)]

    def drop(self, read: Sequence[Part]) -> Future[None]:
        """Forget parts that were read; what has come beside them since stays, and they add nothing again."""
        same = parts.c.id == bindparam("part"), parts.c.received_at == bindparam("at")

        def work(connection: Connection) -> None:
            known = [{"mark": _mark(connection, part), "received_at": part.received_at} for part in read]
            connection.execute(insert_into(connection, marks).on_conflict_do_nothing(), known)
            connection.execute(
                delete(parts).where(*same), [{"part": one.id, "at": one.received_at} for one in read]
            )

        return self._writer.submit(work)

    def _read(self, query: Select[Any]) -> list[Part]:
        with self._reader.connect() as connection:
            return [_record(connection, row) for row in connection.execute(query).mappings()]


def joined(found: Sequence[Part]) -> tuple[str, str]:
    """The text of an SMS of which these parts came, a gap where one is missing, and their ids."""
    there = {one.number: one.text for one in found}
    runs = groupby(range(1, found[0].total + 1), key=there.__contains__)
    text = "".join("".join(there[n] for n in run) if here else GAP for here, run in runs)
    return text, "+".join(one.external_id for one in found)


def _mark(connection: Connection, part: Part) -> str:
    return keyring_of(connection).digest(f"part\0{part.door}\0{part.external_id}")


def _record(connection: Connection, row: RowMapping) -> Part:
    values = opened(connection, parts, row)
    return Part(**{name: values[name] for name in _FIELDS})


def drop_parts(connection: Connection, before: datetime) -> int:
    """Forget parts whose others never came; how many those were."""
    return connection.execute(delete(parts).where(parts.c.received_at < before)).rowcount
