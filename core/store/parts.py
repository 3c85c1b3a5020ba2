"""Parts of long SMS that came one by one, possibly at different nodes, until the last one is here."""

import hashlib
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from core.store.rows import opened, sealed
from core.store.tables import parts
from core.store.writer import Writer

TOGETHER = timedelta(hours=1)
"""How long a part waits for the others; later the same reference is another SMS."""


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
    external_id: str
    text: str = field(repr=False)
    received_at: datetime

    @property
    def whole(self) -> str:
        """What the parts of one SMS have in common, as a hash."""
        common = (self.door, self.sender, self.recipient, self.reference, str(self.total))
        return hashlib.sha256("\0".join(common).encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Parts:
    """The verbs on parts."""

    def __init__(self, writer: Writer, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def add(self, part: Part) -> Future[None]:
        """Store a part; one of the same place that came before, long ago perhaps, gives way."""

        def work(connection: Connection) -> None:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            values = sealed(
                connection,
                parts,
                {
                    "id": f"{part.whole}-{part.number}",
                    "whole": part.whole,
                    "number": part.number,
                    "external_id": part.external_id,
                    "text": part.text,
                    "received_at": part.received_at,
                },
            )
            statement = insert(parts).values(values)
            connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))

        return self._writer.submit(work)

    def all_of(self, part: Part) -> tuple[str, str] | None:
        """Text and id of the SMS that a committed part belongs to, once all of its parts are here; else None."""
        query = (
            select(parts)
            .where(parts.c.whole == part.whole, parts.c.received_at > part.received_at - TOGETHER)
            .order_by(parts.c.number)
        )
        with self._reader.connect() as connection:
            found = [opened(connection, parts, row) for row in connection.execute(query).mappings()]
        if [row["number"] for row in found] != list(range(1, part.total + 1)):
            return None
        return "".join(row["text"] for row in found), "+".join(row["external_id"] for row in found)

    def drop(self, part: Part) -> Future[None]:
        """Forget the parts of an SMS that is stored as a whole."""

        def work(connection: Connection) -> None:
            connection.execute(delete(parts).where(parts.c.whole == part.whole))

        return self._writer.submit(work)


def drop_parts(connection: Connection, before: datetime) -> int:
    """Forget parts whose others never came; how many those were."""
    return connection.execute(delete(parts).where(parts.c.received_at < before)).rowcount
