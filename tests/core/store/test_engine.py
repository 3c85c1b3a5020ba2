"""The settings that keep what was acknowledged, as the database itself reports them."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from core.store import sqlite_url
from core.store.engine import is_sqlite, reading_engine, writing_engine
from tests.shelves import Shelf


def pragma(engine: Engine, name: str) -> Any:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_sqlite_writes_ahead_and_syncs_every_commit(tmp_path: Path) -> None:
    """WAL with synchronous=FULL loses nothing acknowledged; NORMAL may on a power cut (FACTS 12)."""
    engine = writing_engine(sqlite_url(tmp_path / "a.db"))
    assert pragma(engine, "journal_mode") == "wal"
    assert pragma(engine, "synchronous") == 2
    assert pragma(engine, "foreign_keys") == 1
    engine.dispose()


def test_one_connection_writes_and_checkpoints_and_no_other_can(tmp_path: Path) -> None:
    """SQLite up to 3.51.2 may corrupt a WAL file when two connections write or checkpoint at once (FACTS 13)."""
    url = sqlite_url(tmp_path / "a.db")
    writer, reader = writing_engine(url), reading_engine(url)
    assert pragma(writer, "wal_autocheckpoint") == 1000
    assert pragma(reader, "wal_autocheckpoint") == 0
    with pytest.raises(OperationalError, match="readonly"), reader.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a)")
    writer.dispose()
    reader.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_everything_that_a_store_writes_goes_through_one_connection(shelf: Shelf) -> None:
    store = shelf.store
    submitted = [store.writer.submit(lambda c: id(c.connection.dbapi_connection)) for _ in range(20)]
    apart = [store.writer.apart(lambda c: id(c.connection.dbapi_connection)) for _ in range(20)]
    assert len({future.result() for future in submitted + apart}) == 1


def test_which_database_a_url_means() -> None:
    assert is_sqlite("sqlite:////tmp/a.db")
    assert not is_sqlite("postgresql+psycopg://u@h/d")


def test_no_exception_text_holds_a_value(shelf: Shelf) -> None:
    """SQLAlchemy puts parameters in exception texts unless told not to (FACTS 19)."""
    with pytest.raises(SQLAlchemyError) as caught, shelf.store.reader.connect() as connection:
        connection.execute(text("SELECT no_such_function(:code)"), {"code": "482913"})
    assert "482913" not in str(caught.value)
