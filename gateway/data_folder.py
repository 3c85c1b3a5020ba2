"""The data folder: the database file and the admin key, for their owner alone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from core import access, journal
from core.errors import ConfigurationError
from core.settings import Settings
from core.store import Store, is_sqlite, sqlite_url

ADMIN_KEY_FILE = "admin.key"
LOCK_FILE = "otpgate.lock"
DATABASE_FILE = "otpgate.db"


def database_url(settings: Settings) -> str:
    """The configured database, or the SQLite file in the data folder."""
    return settings.database.url.get_secret_value() or sqlite_url(settings.server.data_dir / DATABASE_FILE)


def make_data_dir(folder: Path) -> None:
    """Make the data folder, for its owner alone; raises ConfigurationError naming it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigurationError(
            [f"server.data_dir: {folder} cannot be written to ({error.strerror}): name another with --data-dir"]
        ) from error


@contextmanager
def sole_writer(settings: Settings) -> Iterator[None]:
    """Be the one program that writes to the SQLite file of the data folder, while the block runs.

    Two that write and checkpoint may corrupt it (FACTS 13), and a wait in one sees no arrival in the other.
    Raises ConfigurationError naming the folder. On PostgreSQL any number may write.
    """
    folder = settings.server.data_dir
    make_data_dir(folder)
    if not is_sqlite(database_url(settings)):
        yield
        return
    with (folder / LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigurationError(
                [f"server.data_dir: another otpgate works in {folder}: stop it, or name another with --data-dir"]
            ) from error
        yield


def make_admin_key(store: Store, folder: Path, now: datetime) -> str | None:
    """On the first start, make an admin key and keep it in the data folder (mode 0600); its text, else None."""
    if store.keys.all():
        return None
    file = folder / ADMIN_KEY_FILE
    text, record, digest = access.mint("admin", ["admin"], [], None, now)
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(text + "\n", encoding="ascii")
    store.keys.add(record, digest).result()
    journal.admin_key_made(str(file))
    return text
