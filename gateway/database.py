"""Opens the configured database: in this release's schema, with the keys that open its values."""

from collections.abc import Callable

from core import journal
from core.errors import ConfigurationError
from core.migrations import migrate, newest, revision
from core.settings import Settings
from core.store import Store, is_sqlite, open_store
from gateway.data_folder import DATABASE_FILE, database_url, make_data_dir
from gateway.sealing import sealing_keys


def open_database(settings: Settings, ring: Callable[[str], None]) -> Store:
    """The open store; an empty or SQLite database is brought up to date first.

    Raises ConfigurationError for a database of several nodes that is behind: other nodes may be running.
    """
    make_data_dir(settings.server.data_dir)
    url = database_url(settings)
    before = revision(url)
    if before not in {"", newest()} and not is_sqlite(url):
        raise ConfigurationError(["database.url: the database is of another release: run `otpgate migrate`"])
    done = migrate(url)
    if done.before != done.after:
        journal.migrated(before=done.before, after=done.after, backup=str(done.backup or ""))
    own = settings.server.data_dir / DATABASE_FILE
    if own.exists():
        own.chmod(0o600)
    return open_store(url, ring, sealing_keys(settings, url))
