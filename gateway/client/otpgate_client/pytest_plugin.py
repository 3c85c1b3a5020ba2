"""pytest's fixture `otpgate`: a gateway of the test run's own."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from otpgate_client.running import RunningGateway, running_gateway


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `otpgate_command` to pytest's configuration."""
    parser.addini(
        "otpgate_command", "How to call otpgate; found beside Python or on PATH unless given.", default=""
    )


@pytest.fixture(scope="session")
def otpgate(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[RunningGateway]:
    """A gateway on free ports for the whole run: take an address of it in each test, so that tests keep apart."""
    with running_gateway(tmp_path_factory.mktemp("otpgate"), _command(pytestconfig)) as gateway:
        yield gateway


def _command(config: pytest.Config) -> list[str]:
    """How to call otpgate; a failure that says what to do where it is not installed."""
    given = shlex.split(str(config.getini("otpgate_command")))
    beside = shutil.which("otpgate", path=Path(sys.executable).parent)
    found = given or [name for name in (beside or shutil.which("otpgate"),) if name]
    if not found:
        pytest.fail("no command otpgate: install otpgate, or set otpgate_command in pytest's configuration")
    return found
