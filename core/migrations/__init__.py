"""Brings a database to this release's schema, with Alembic, from the installed package."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from core.errors import ConfigurationError, StoreUnavailableError
from core.store.engine import is_sqlite, lock, writing_engine

SCRIPTS = Path(__file__).parent
"""The folder of Alembic's entry point and of the revisions."""


@dataclass(frozen=True, kw_only=True)
class Migrated:
    """What a migration did: the revisions before ("" for an empty database) and after, and the copy made."""

    before: str
    after: str
    backup: Path | None


def newest(scripts: Path = SCRIPTS) -> str:
    """The revision that this release needs."""
    return _script(scripts).get_current_head() or ""


def revision(url: str) -> str:
    """The revision of the database at `url`, "" for an empty one; raises StoreUnavailableError."""
    engine = writing_engine(url)
    try:
        return _revision(engine)
    finally:
        engine.dispose()


def migrate(url: str, scripts: Path = SCRIPTS) -> Migrated:
    """Bring the database at `url` up to date; an SQLite file with older contents is copied first.

    Raises ConfigurationError for a database of a newer release, and StoreUnavailableError for one that cannot be
    opened. Several processes may do this at once.
    """
    engine, target = writing_engine(url, bounded=False), newest(scripts)
    try:
        before = _revision(engine)
        _check_known(before, scripts)
        backup = _copy(url, before) if before not in {"", target} and is_sqlite(url) else None
        if before != target:
            with engine.begin() as connection:
                lock(connection, "migrate")
                config = _config(scripts)
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    finally:
        engine.dispose()
    return Migrated(before=before, after=target, backup=backup)


def _revision(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""
    except SQLAlchemyError as error:  # whose own text may hold parts of the URL
        raise StoreUnavailableError(
            f"database.url: the database cannot be opened ({type(error).__name__}): see that it runs, that it is "
            "one, and that address, user and password are right"
        ) from None


def _check_known(revision: str, scripts: Path) -> None:
    if revision and revision not in {script.revision for script in _script(scripts).walk_revisions()}:
        raise ConfigurationError(
            [f"database.url: the database is of a newer release (schema {revision}): run that release"]
        )


def _script(scripts: Path) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(scripts))


def _config(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _copy(url: str, revision: str) -> Path:
    """A consistent copy beside the file, named after the revision that it holds; readable by its owner alone."""
    file = Path(make_url(url).database or "")
    backup = file.with_name(f"{file.name}.before-{revision}")
    backup.unlink(missing_ok=True)
    backup.touch(mode=0o600)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    return backup
