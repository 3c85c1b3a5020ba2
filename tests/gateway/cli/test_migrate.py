"""`otpgate migrate`: from what, to what, and where the copy is."""

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.gateway.cli.conftest import Program


def test_a_new_database_is_made_once(otpgate: "Program") -> None:
    first, second = otpgate("migrate", "--data-dir", "data"), otpgate("migrate", "--data-dir", "data")
    assert (first.code, second.code) == (0, 0)
    assert first.out.startswith("made a new database: ")
    assert second.out.startswith("the database is up to date: ")
    with closing(sqlite3.connect(otpgate.folder / "data" / "otpgate.db")) as database:
        assert database.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_a_folder_that_cannot_be_written_is_named(otpgate: "Program") -> None:
    (otpgate.folder / "file").touch()
    ended = otpgate("migrate", "--data-dir", "file")
    assert ended.code == 78
    assert "name another with --data-dir" in ended.err
