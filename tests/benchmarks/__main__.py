"""`make bench`: every benchmark in turn, into a table with machine and date: tests/benchmarks/RESULTS.md.

Speed means something only beside something else on the same machine at the same time: so each is a ratio inside
one run, of medians over repeated pairs.
"""

import argparse
import logging
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from tests.benchmarks import bell, ingest, nodes, polling, purging, reading, smtp_listener, waiting
from tests.benchmarks.results import HEADING, Row

RESULTS = Path(__file__).with_name("RESULTS.md")
ALL: dict[str, Callable[[int], Iterable[Row]]] = {
    "reading": reading.measure,
    "listener": smtp_listener.measure,
    "ingest": ingest.measure,
    "waiting": lambda _: waiting.measure(),
    "polling": polling.measure,
    "nodes": nodes.measure,
    "bell": bell.measure,
    "purging": purging.measure,
}


def machine() -> str:
    """What it ran on, and how busy that was."""
    model = next(
        (line.split(": ")[1] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}; "
        f"load at the start {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    """Measure what was named, or everything; only everything is written down."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *ALL], help="which ones; all without it")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of which the median counts")
    options = parser.parse_args()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR)
    )  # what it prints are rows
    lines = ["# Benchmarks", "", f"`make bench`, {datetime.now(UTC):%Y-%m-%d}, on {machine()}.", "", HEADING]
    sys.stdout.write("\n".join(lines) + "\n")
    for name in options.names or ALL:
        for row in ALL[name](options.rounds):
            lines.append(row.markdown)
            sys.stdout.write(f"{row.markdown}\n")
            sys.stdout.flush()
    if not options.names:
        _, heading, told = RESULTS.read_text(encoding="utf-8").partition("\n## ")  # what limits it, by hand
        RESULTS.write_text("\n".join(lines) + "\n" + heading + told, encoding="utf-8")


if __name__ == "__main__":
    main()
