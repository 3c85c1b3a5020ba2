"""The real program as a child process, and one real gateway for the tests that need one."""

import io
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import main
from tests.running import ROOT, Gateway, start_gateway

PATIENCE = 60.0
"""Seconds after which a silent program fails a test."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a run of the program left."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, kw_only=True)
class Program:
    """`otpgate` in a folder of its own, with none of the environment's configuration."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Ended:
        """Run it to its end."""
        child = subprocess.run(
            [sys.executable, "-m", "gateway", *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            input=stdin.encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ended(code=child.returncode, out=child.stdout.decode(), err=child.stderr.decode())

    def start(self, *arguments: str, **streams: Any) -> subprocess.Popen[str]:
        """Start it and return at once."""
        return subprocess.Popen(
            [sys.executable, "-m", "gateway", *arguments],
            cwd=self.folder,
            env=self.environment,
            text=True,
            **streams,
        )

    def on_terminal(self, *arguments: str) -> str:
        """Run it with standard output and error on one terminal; what a person would see there."""
        ours, theirs = pty.openpty()
        child = self.start(*arguments, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 4096):
                seen += piece
        except OSError:
            pass  # Linux: the terminal's other end is closed
        finally:
            os.close(ours)
            child.wait(PATIENCE)
        return seen.decode()


class Client(Program):
    """The same, called in this process: what a client command does needs no second interpreter."""

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Ended:
        """Run it to its end."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(self.folder)
            patch.setattr(os, "environ", self.environment | environment)
            patch.setattr(sys, "argv", ["otpgate", *arguments])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
            with pytest.raises(SystemExit) as ended:
                main()
        return Ended(code=int(ended.value.code or 0), out=out.getvalue(), err=err.getvalue())


def _clean(**more: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("OTPGATE_")}
    return own | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "COLUMNS": "100", "TERM": "xterm"} | more


@pytest.fixture
def otpgate(tmp_path: Path) -> Program:
    return Program(folder=tmp_path, environment=_clean())


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Gateway]]:
    """Starts gateways without any configuration; all are stopped at the end."""
    running: list[Gateway] = []

    def start(*arguments: str, data_dir: Path | None = None) -> Gateway:
        folder = data_dir or tmp_path_factory.mktemp("gateway") / "data"
        running.append(start_gateway(folder, *arguments, environment={"PYTHONWARNINGS": "error"}))
        return running[-1]

    yield start
    for one in running:
        one.hang_up()
        if one.process.poll() is None:
            assert one.stop() == 0


@pytest.fixture(scope="session")
def gateway(serve: Callable[..., Gateway]) -> Gateway:
    """One gateway for these tests, as it is without any configuration; not the one of all other tests."""
    return serve()


@pytest.fixture
def client(gateway: Gateway, tmp_path: Path) -> Client:
    """The program as a user of that gateway calls it."""
    known = _clean(OTPGATE_URL=gateway.url, OTPGATE_DATA_DIR=str(gateway.data_dir))
    return Client(folder=tmp_path, environment=known)
