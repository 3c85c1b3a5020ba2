"""API keys as stored: their digests, never the keys."""

from concurrent.futures import Future
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, select, update

from core.store.records import ApiKey
from core.store.rows import key_record, key_values
from core.store.tables import keys
from core.store.writer import Writer

_KEY = select(keys).where(keys.c.id == bindparam("key_id"))


class Keys:
    """The verbs on API keys."""

    def __init__(self, writer: Writer, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def add(self, key: ApiKey, digest: str) -> Future[None]:
        """Store a new key's record and the digest of its secret."""

        def work(connection: Connection) -> None:
            connection.execute(keys.insert().values(digest=digest, **key_values(key)))

        return self._writer.submit(work)

    def find(self, key_id: str) -> tuple[ApiKey, str] | None:
        """The key of that id and its digest."""
        with self._reader.connect() as connection:
            row = connection.execute(_KEY, {"key_id": key_id}).mappings().first()
        return (key_record(row), row["digest"]) if row else None

    def all(self) -> list[ApiKey]:
        """Every key, newest first."""
        with self._reader.connect() as connection:
            rows = connection.execute(select(keys).order_by(keys.c.created_at.desc(), keys.c.id)).mappings()
            return [key_record(row) for row in rows]

    def revoke(self, key_id: str, now: datetime) -> Future[bool]:
        """End a key; whether there was one to end."""

        def work(connection: Connection) -> bool:
            statement = update(keys).where(keys.c.id == key_id, keys.c.revoked_at.is_(None)).values(revoked_at=now)
            return connection.execute(statement).rowcount == 1

        return self._writer.submit(work)
