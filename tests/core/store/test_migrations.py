"""Migrations: they make the tables that the code means, and an older SQLite file is copied first."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from core.errors import ConfigurationError
from core.migrations import SCRIPTS, migrate, newest
from core.store import sqlite_url
from core.store.columns import metadata


def test_the_migrations_make_exactly_the_tables_that_the_code_means(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_an_empty_database_is_brought_to_this_release_and_needs_no_copy(tmp_path: Path) -> None:
    done = migrate(sqlite_url(tmp_path / "otpgate.db"))
    assert (done.before, done.after, done.backup) == ("", newest(), None)


def test_a_database_of_this_release_is_left_as_it_is(database_url: str, tmp_path: Path) -> None:
    done = migrate(database_url)
    assert done.before == done.after == newest()
    assert list(tmp_path.glob("*.before-*")) == []


@pytest.fixture
def later_release(tmp_path: Path) -> Path:
    """The migrations of a release that adds a table to this one's."""
    scripts = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "9999_later.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision = '9999', {newest()!r}\n"
        "def upgrade():\n    op.execute('CREATE TABLE later (a INTEGER)')\n",
        encoding="utf-8",
    )
    return scripts


def test_an_older_sqlite_file_is_copied_before_it_is_migrated(
    tmp_path: Path, empty_sqlite: Path, later_release: Path
) -> None:
    file = tmp_path / "otpgate.db"
    shutil.copy(empty_sqlite, file)
    done = migrate(sqlite_url(file), later_release)
    assert (done.before, done.after) == (newest(), "9999")
    assert done.backup is not None
    assert done.backup.parent == tmp_path
    assert done.backup.stat().st_mode & 0o777 == 0o600
    assert "later" in tables(file)
    assert "later" not in tables(done.backup)
    assert tables(done.backup) == tables(empty_sqlite)


def test_a_database_of_a_newer_release_is_left_alone(
    tmp_path: Path, empty_sqlite: Path, later_release: Path
) -> None:
    file = tmp_path / "otpgate.db"
    shutil.copy(empty_sqlite, file)
    migrate(sqlite_url(file), later_release)
    with pytest.raises(ConfigurationError, match="newer release"):
        migrate(sqlite_url(file))


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "otpgate.db"
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("CREATE TABLE messages (of_somebody_else)")
    with pytest.raises(OperationalError, match="messages"):
        migrate(sqlite_url(file))
    assert tables(file) == {"messages"}


def tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
