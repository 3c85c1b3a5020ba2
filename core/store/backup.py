"""A copy of an SQLite database while it is written to, and the command that copies PostgreSQL."""

import os
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from core.errors import InvalidRequestError
from core.store.engine import reading_engine


def back_up(url: str, file: Path) -> None:
    """Copy the SQLite database at `url` into a file for its owner alone, as it stood at the start.

    It appears under its name once it is whole and on the disk (https://sqlite.org/backup.html). The gateway may
    serve meanwhile: it is one read transaction, so commits neither show nor wait. Raises InvalidRequestError for a
    file that cannot be written.
    """
    source = Path(make_url(url).database or "")
    if file.is_dir() or file.absolute() == source.absolute():
        raise InvalidRequestError(f"{file}: name a new file for the copy")
    fresh = file.with_name(f"{file.name}.partial")
    try:
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        _copy(url, fresh)
        _sync(fresh)
        fresh.replace(file)
        _sync(file.parent)
    except OSError as error:
        raise InvalidRequestError(f"{file}: cannot be written: {error.strerror}") from error
    finally:
        fresh.unlink(missing_ok=True)


def _copy(url: str, file: Path) -> None:
    engine = reading_engine(url)
    try:
        with engine.connect() as connection, closing(sqlite3.connect(file)) as target:
            source = connection.connection.driver_connection
            if not isinstance(source, sqlite3.Connection):
                raise TypeError("only SQLite is copied this way")
            source.backup(target)
    except sqlite3.Error as error:
        raise InvalidRequestError(f"{file.with_suffix('')}: the copy failed: {type(error).__name__}") from error
    finally:
        engine.dispose()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def pg_dump_command(url: str, file: Path) -> str:
    """The shell command that copies a PostgreSQL database while it is in use; pg_dump asks for the password."""
    shown = make_url(url)._replace(drivername="postgresql", password=None).render_as_string(hide_password=False)
    return shlex.join(["pg_dump", "--format=custom", f"--file={file}", shown])
