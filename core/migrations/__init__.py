"""Brings a database to this release's schema, with Alembic, from the installed package."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url

from core.store.engine import is_sqlite, writing_engine


@dataclass(frozen=True, kw_only=True)
class Migrated:
    """What a migration did: the revisions before ("" for an empty database) and after, and the copy made."""

    before: str
    after: str
    backup: Path | None


def newest() -> str:
    """The revision that this release needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def migrate(url: str) -> Migrated:
    """Bring the database at `url` up to date; an SQLite file with older contents is copied first."""
    engine = writing_engine(url)
    try:
        with engine.connect() as connection:
            before = _revision(connection)
        backup = _copy(url, before) if before not in {"", newest()} and is_sqlite(url) else None
        if before != newest():
            with engine.begin() as connection:
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    finally:
        engine.dispose()
    return Migrated(before=before, after=newest(), backup=backup)


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def _copy(url: str, revision: str) -> Path:
    """A consistent copy beside the file, named after the revision that it holds."""
    file = Path(make_url(url).database or "")
    backup = file.with_name(f"{file.name}.before-{revision}")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    backup.chmod(0o600)
    return backup
