"""Help: every command has it, and the list of them comes without loading the gateway."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from gateway.cli import COMMANDS
from tests.gateway.cli.conftest import Client, Program


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_how_it_is_called(command: str, tmp_path: Path) -> None:
    ended = Client(folder=tmp_path, environment={"COLUMNS": "100"})(command, "--help")
    assert ended.code == 0
    assert f"Usage: otpgate {command}" in ended.out


def test_the_list_of_commands_says_what_each_is_for(otpgate: Program) -> None:
    ended = otpgate("--help")
    assert ended.code == 0
    assert all(f" {name} " in ended.out for name in COMMANDS)


def test_the_list_of_commands_comes_without_loading_the_gateway() -> None:
    script = "import sys; sys.argv = ['otpgate', '--help']; import atexit; from gateway.cli import main; "
    script += "atexit.register(lambda: print(*{'sqlalchemy', 'flask', 'pydantic'} & set(sys.modules))); main()"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert ended.stdout.splitlines()[-1] == ""


def test_it_says_which_version_it_is(otpgate: Program) -> None:
    ended = otpgate("--version")
    assert (ended.code, ended.out) == (0, f"otpgate {metadata.version('otpgate')}\n")
