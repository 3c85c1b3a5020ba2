"""kill -9 under load, again and again: `make kill` (`python -m tests.e2e.killing 200`); the suite does a few."""

import argparse
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Gateway

_PATIENCE = 600.0
"""Seconds for a start or for mails to be taken: loss is measured here, not speed, and the machine may be busy."""
_STORED = re.compile(r"250 2\.0\.0 stored (\w+)")


def rounds(gateway: Any, folder: Path, times: int) -> Iterator[tuple[int, int]]:
    """After each kill, how many mails were acknowledged and are stored so far; asserts that none is lost."""
    acknowledged: set[str] = set()
    for number in range(times):
        acknowledged |= _under_load(gateway, folder / "smtp-source.log", 5 + number % 40)
        gateway.start()
        stored = traces(gateway.folder / "otpgate.db")
        assert acknowledged <= set(stored), f"{len(acknowledged - set(stored))} acknowledged mails are lost"
        assert len(stored) == len(set(stored)), "a mail is stored twice"
        yield len(acknowledged), len(stored)


def _under_load(gateway: Any, said: Path, mails: int) -> set[str]:
    """Send until so many are acknowledged, then kill; the traces of those that were."""
    host, port = gateway.smtp
    command = ["smtp-source", "-v", "-d", "-N", "-s", "10", "-m", "1000", "-l", "2000"]
    with said.open("wb") as log:
        source = subprocess.Popen(
            [*command, "-f", "a@acme.example", "-t", "user@gw.example", f"{host}:{port}"], stdout=log, stderr=log
        )
    deadline = time.monotonic() + _PATIENCE
    while len(_STORED.findall(said.read_text())) < mails and time.monotonic() < deadline:
        time.sleep(0.005)
    gateway.kill()
    source.wait(timeout=_PATIENCE)
    return set(_STORED.findall(said.read_text()))


def traces(file: Path) -> list[str]:
    """The trace of every stored mail, of a database that is whole."""
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [row[0] for row in database.execute("SELECT trace_id FROM messages")]


def main() -> None:
    """Prints a line a kill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("times", nargs="?", type=int, default=200)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        gateway = Gateway(folder=folder / "data", patience=_PATIENCE)
        gateway.start()
        starts = [gateway.start_took]
        for number, (acknowledged, stored) in enumerate(rounds(gateway, folder, times), 1):
            starts.append(gateway.start_took)
            said = f"{number} kills: {acknowledged} acknowledged, {stored} stored, none lost"
            sys.stdout.write(f"{said}; started in {starts[-1]:.1f} s\n")
            sys.stdout.flush()
        gateway.stop()
        sys.stdout.write(f"starts took {statistics.median(starts):.1f} s, at most {max(starts):.1f} s\n")


if __name__ == "__main__":
    main()
