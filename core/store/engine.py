"""Connections: one that writes, some that read, with the settings that keep what was acknowledged."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from core.errors import StoreUnavailableError

READERS = 8
PATIENCE = 5
"""Seconds that a statement, a lock or a free connection is waited for: then senders are asked to try again."""


TRY_AGAIN = "the store did not take it: try again"


@contextmanager
def database_away() -> Iterator[None]:
    """Raises StoreUnavailableError where the database fails a look-up: an outage ends nobody."""
    try:
        yield
    except SQLAlchemyError:  # whose text may hold parts of the URL
        raise StoreUnavailableError(TRY_AGAIN) from None


def sqlite_url(file: Path) -> str:
    """The URL of an SQLite file."""
    return URL.create("sqlite", database=str(file)).render_as_string(hide_password=False)


def is_sqlite(url: str) -> bool:
    """Whether a database URL is one of SQLite."""
    return make_url(url).get_backend_name() == "sqlite"


def writing_engine(url: str, *, bounded: bool = True) -> Engine:
    """The engine for changes. On SQLite it has one connection, the only one that writes and checkpoints.

    `bounded`: no statement takes longer than PATIENCE; migrations may.

    SQLite 3.7.0 to 3.51.2 may corrupt a WAL file when two connections do (https://sqlite.org/wal.html,
    "The WAL-Reset Bug"); WAL with synchronous=FULL loses nothing acknowledged on a power cut.
    """
    if not is_sqlite(url):
        return postgresql_engine(url, bounded=bounded, pool_size=10)
    engine = _sqlite(url, pool_size=1)
    _on_connect(
        engine,
        "PRAGMA auto_vacuum=INCREMENTAL",  # counts when the file is made: purging then gives space back
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA wal_autocheckpoint=1000",
    )

    def begin_immediate(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "begin", begin_immediate)
    return engine


def reading_engine(url: str) -> Engine:
    """The engine for look-ups; on SQLite its connections never write nor checkpoint."""
    if not is_sqlite(url):
        return postgresql_engine(url, pool_size=READERS)
    engine = _sqlite(url, pool_size=READERS)
    _on_connect(engine, "PRAGMA wal_autocheckpoint=0", "PRAGMA query_only=ON", "PRAGMA cache_size=-16000")
    return engine


def postgresql_engine(url: str, *, pool_size: int, bounded: bool = True, **options: Any) -> Engine:
    """An engine of PostgreSQL whose connections are looked at before they are used again."""
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=PATIENCE,
        **options,
    )
    if bounded:
        from core.store.postgresql import connect  # noqa: PLC0415 - the driver is an extra

        event.listen(engine, "do_connect", lambda _, __, arguments, options: connect(*arguments, **options))
    return engine


def _sqlite(url: str, *, pool_size: int) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=PATIENCE,
        pool_use_lifo=True,  # each connection has a page cache of its own: the one that was used last is warm
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": PATIENCE},
    )


def _on_connect(engine: Engine, *pragmas: str) -> None:
    def set_pragmas(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        del entry
        if isinstance(connection, sqlite3.Connection):
            for pragma in ("PRAGMA foreign_keys=ON", f"PRAGMA busy_timeout={1000 * PATIENCE}", *pragmas):
                connection.execute(pragma)

    event.listen(engine, "connect", set_pragmas)


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """The INSERT of its database, which can say what to do with a row that is there already."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def lock(connection: Connection, name: str) -> None:
    """Let one transaction at a time go on that locks the same name; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
