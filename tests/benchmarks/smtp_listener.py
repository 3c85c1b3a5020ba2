"""Mails a second: aiosmtpd with an empty handler against our listener with an empty `deliver`.

    python -m tests.benchmarks.smtp_listener [--mails 2000] [--rounds 5]

Both run in a process of their own and take turns in one run, so that the ratio means something on
a busy machine; the sender is Postfix's smtp-source with 10 sessions (FACTS 11).
"""

import argparse
import asyncio
import itertools
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP, Envelope, Session

from core.message import InboundMessage
from gateway.smtp import SmtpDoor, SmtpListener, SmtpSettings, bind

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = {"small": 1000, "27 KB": 27_000}
WAYS = {"reused": ["-d"], "new": []}


class EmptyHandler:
    """Takes every mail and keeps none."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Says yes."""
        return "250 OK"


def serve_aiosmtpd(ready: Connection) -> None:
    """A bare aiosmtpd, with a backlog as long as ours; its port goes to `ready`."""

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(EmptyHandler(), hostname="localhost"), sock=bind("127.0.0.1", 0)[0], backlog=2048
        )
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def serve_otpgate(ready: Connection) -> None:
    """Our listener with nothing behind it; its port goes to `ready`."""

    async def deliver(_: InboundMessage) -> None:
        pass

    async def main() -> None:
        traces = itertools.count()
        listener = SmtpListener(
            SmtpSettings(),
            SmtpDoor(
                accept_recipient=lambda _: None,
                deliver=deliver,
                now=lambda: datetime.now(UTC),
                new_trace=lambda: str(next(traces)),
            ),
        )
        await listener.start(bind("127.0.0.1", 0))
        ready.send(listener.port)
        await asyncio.Event().wait()

    asyncio.run(main())


@contextmanager
def running(serve: Callable[[Connection], None]) -> "Iterator[int]":
    """The port of a server in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    yield ours.recv()
    process.terminate()
    process.join()


def rate(port: int, way: str, size: int, mails: int) -> float:
    """Mails a second that the server at `port` takes."""
    program = shutil.which("smtp-source")
    if program is None:
        sys.exit("smtp-source is not installed (Debian: postfix)")
    command = [program, *WAYS[way], "-s", "10", "-m", str(mails), "-l", str(size)]
    began = time.perf_counter()
    subprocess.run([*command, "-f", "a@site.example", "-t", "otp@gw.example", f"127.0.0.1:{port}"], check=True)
    return mails / (time.perf_counter() - began)


def compare(ports: dict[str, int], way: str, size: int, options: argparse.Namespace) -> str:
    """One line of the table: the median of all rounds, and how much faster we are."""
    rates: dict[str, list[float]] = {name: [] for name in ports}
    for _ in range(options.rounds):
        for name, port in ports.items():
            rates[name].append(rate(port, way, size, options.mails))
    theirs, ours = (statistics.median(rates[name]) for name in ports)
    return f"{theirs:9.0f}/s {ours:9.0f}/s  x{ours / theirs:.2f}"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with running(serve_aiosmtpd) as aiosmtpd, running(serve_otpgate) as otpgate:
        sys.stdout.write(f"{'':16}{'aiosmtpd':>11} {'otpgate':>11}  ratio\n")
        for (label, size), way in itertools.product(SIZES.items(), WAYS):
            line = compare({"aiosmtpd": aiosmtpd, "otpgate": otpgate}, way, size, options)
            sys.stdout.write(f"{label}, {way:8} {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
