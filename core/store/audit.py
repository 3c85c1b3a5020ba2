"""The append-only record of every value that was shown."""

from concurrent.futures import Future
from dataclasses import asdict

from sqlalchemy import Connection, Engine, select

from core.store.records import Showing
from core.store.tables import showings
from core.store.writer import Writer

_APPEND = showings.insert()


def record(connection: Connection, *shown: Showing) -> None:
    """Append a row for each value inside the transaction that shows it."""
    if shown:
        connection.execute(_APPEND, [asdict(showing) for showing in shown])


class Audit:
    """The verbs on the audit trail."""

    def __init__(self, writer: Writer, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def add(self, *shown: Showing) -> Future[None]:
        """Append a row for each value that changes no state when shown."""
        return self._writer.submit(lambda connection: record(connection, *shown))

    def newest(self, limit: int = 100) -> list[Showing]:
        """The newest rows first."""
        with self._reader.connect() as connection:
            rows = connection.execute(select(showings).order_by(showings.c.id.desc()).limit(limit)).mappings()
            return [Showing(**{k: v for k, v in row.items() if k != "id"}) for row in rows]

    def of_message(self, message_id: str, limit: int = 500) -> list[Showing]:
        """To whom what stood in a message was shown, and what they said of it; the first rows first."""
        query = select(showings).where(showings.c.message_id == message_id).order_by(showings.c.id).limit(limit)
        with self._reader.connect() as connection:
            rows = connection.execute(query).mappings()
            return [Showing(**{k: v for k, v in row.items() if k != "id"}) for row in rows]
