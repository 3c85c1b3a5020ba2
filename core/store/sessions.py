"""Console sessions as stored: the digests of their cookies, never the cookies."""

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Engine, Executable, String, Table, delete, select, update

from core.store.columns import Instant, metadata
from core.store.writer import Writer

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("key_id", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
)


@dataclass(frozen=True, kw_only=True)
class Session:
    """One person signed in to the console with an API key, until they are idle for too long."""

    digest: str
    """SHA-256 of its cookie."""
    key_id: str
    created_at: datetime
    ends_at: datetime


class Sessions:
    """The verbs on console sessions."""

    def __init__(self, writer: Writer, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def add(self, session: Session) -> Future[None]:
        """Store a new one."""

        def work(connection: Connection) -> None:
            connection.execute(sessions.insert().values(vars(session)))

        return self._writer.submit(work)

    def find(self, digest: str) -> Session | None:
        """The one with that digest, whether it has ended or not."""
        with self._reader.connect() as connection:
            row = connection.execute(select(sessions).where(sessions.c.digest == digest)).mappings().first()
        return Session(**row) if row else None

    def extend(self, digest: str, ends_at: datetime) -> Future[None]:
        """Move its end."""
        statement = update(sessions).where(sessions.c.digest == digest).values(ends_at=ends_at)
        return self._writer.submit(lambda connection: _run(connection, statement))

    def remove(self, digest: str) -> Future[None]:
        """End it."""
        statement = delete(sessions).where(sessions.c.digest == digest)
        return self._writer.submit(lambda connection: _run(connection, statement))


def _run(connection: Connection, statement: Executable) -> None:
    connection.execute(statement)
