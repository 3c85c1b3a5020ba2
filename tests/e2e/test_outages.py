"""Outages of the database under load: `make outages` is the long form, `outage` says what is asserted."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Gateway
from tests.e2e.outages import of_postgresql, of_sqlite
from tests.postgresql import Server, running_postgresql

PAUSED = 5.5
"""Seconds: longer than a statement may take."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A PostgreSQL that no other test uses."""
    try:
        with running_postgresql() as server:
            yield server
    except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        pytest.skip(f"PostgreSQL for tests does not start here: {type(error).__name__}")


@pytest.mark.alone
def test_of_postgresql(server: Server, tmp_path: Path) -> None:
    """Paused, stopped and started again, its connections cut."""
    gateway = Gateway(folder=tmp_path / "data", environment={"OTPGATE_DATABASE__URL": server.url})
    gateway.start()
    seen = dict(of_postgresql(gateway, server, PAUSED))
    assert gateway.stop() == 0
    assert all(outage.values for outage in seen.values())


@pytest.mark.alone
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (Debian: strace)")
def test_of_sqlite(tmp_path: Path) -> None:
    """Its file locked by another program, its disk failing and full."""
    gateway = Gateway(folder=tmp_path / "data")
    gateway.start()
    try:
        seen = dict(of_sqlite(gateway))
    except PermissionError as error:
        pytest.skip(f"strace may not attach here: {error}")
    finally:
        assert gateway.stop() == 0
    assert all(outage.put_off for outage in seen.values())
