"""When each webhook was last heard, and whether it counts as silent: of all nodes together."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Column, ColumnElement, Connection, Engine, Table, select, update

from core.store.columns import Instant, Words, metadata
from core.store.engine import database_away, insert_into, reading_engine
from core.store.writer import Writer

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("hook", Words, primary_key=True),
    Column("heard_at", Instant, nullable=False),
    Column("silent", Boolean, nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """When a webhook was last heard, and whether its silence was told."""

    hook: str
    heard_at: datetime
    silent: bool


class Heartbeats:
    """The verbs on heartbeats."""

    def __init__(self, writer: Writer, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def expect(self, hooks: Iterable[str], now: datetime) -> Future[None]:
        """Count the silence of those that were never heard from now on."""
        rows = [{"hook": hook, "heard_at": now, "silent": False} for hook in hooks]

        def work(connection: Connection) -> None:
            connection.execute(insert_into(connection, heartbeats).on_conflict_do_nothing(), rows)

        return self._writer.submit(work)

    def heard(self, moments: Mapping[str, datetime]) -> Future[None]:
        """Note when hooks were heard; an earlier moment than is known changes nothing."""

        def work(connection: Connection) -> None:
            for hook, moment in sorted(moments.items()):
                later = (heartbeats.c.hook == hook) & (heartbeats.c.heard_at < moment)
                connection.execute(update(heartbeats).where(later).values(heard_at=moment))

        return self._writer.submit(work)

    def fall_silent(self, hook: str, since: datetime) -> Future[bool]:
        """Count a hook as silent if it was not heard after that moment; whether this is new."""
        quiet = (heartbeats.c.hook == hook) & ~heartbeats.c.silent & (heartbeats.c.heard_at <= since)
        return self._turn(quiet, silent=True)

    def come_back(self, hook: str, since: datetime) -> Future[bool]:
        """Count a silent hook as heard again if it was heard after that moment; whether this is new."""
        back = (heartbeats.c.hook == hook) & heartbeats.c.silent & (heartbeats.c.heard_at > since)
        return self._turn(back, silent=False)

    def all(self) -> dict[str, Heartbeat]:
        """Each hook's; raises StoreUnavailableError."""
        return _read(self._reader)

    def _turn(self, which: ColumnElement[bool], *, silent: bool) -> Future[bool]:
        def work(connection: Connection) -> bool:
            statement = update(heartbeats).where(which).values(silent=silent)
            return connection.execute(statement).rowcount > 0

        return self._writer.submit(work)


def heartbeats_in(url: str) -> dict[str, Heartbeat]:
    """Each hook's heartbeat in a migrated database that need not be open; raises StoreUnavailableError."""
    engine = reading_engine(url)
    try:
        return _read(engine)
    finally:
        engine.dispose()


def _read(engine: Engine) -> dict[str, Heartbeat]:
    with database_away(), engine.connect() as connection:
        rows = connection.execute(select(heartbeats)).mappings().all()
    return {row["hook"]: Heartbeat(**row) for row in rows}
