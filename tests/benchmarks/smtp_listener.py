"""The SMTP door alone: our listener with an empty `deliver` against aiosmtpd with an empty handler.

Both run in a process of their own and take turns in one run, so that the ratio means something on
a busy machine; the sender is Postfix's smtp-source with 10 sessions (FACTS 11).
"""

import asyncio
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection

from core.message import InboundMessage
from gateway.smtp import SmtpDoor, SmtpListener, SmtpSettings, bind
from tests.benchmarks.ingest import WAYS, sending
from tests.benchmarks.results import Row, in_turns
from tests.benchmarks.servers import running, serve_aiosmtpd

SIZES = {"small": 1000, "27 KB": 27_000}


def serve_listener(ready: Connection) -> None:
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


def rate(port: int, way: str, size: int, mails: int) -> float:
    """Mails a second that the server at `port` takes."""
    return sending(port, [*WAYS[way], "-l", str(size), "-t", "user@gw.example"], mails)


def measure(rounds: int, mails: int = 1000) -> Iterator[Row]:
    """A row for each size and way."""
    with running(serve_aiosmtpd) as aiosmtpd, running(serve_listener) as listener:
        for (label, size), way in itertools.product(SIZES.items(), WAYS):
            pairs = in_turns(
                partial(rate, listener, way, size, mails), partial(rate, aiosmtpd, way, size, mails), rounds
            )
            yield Row(
                what=f"SMTP door with nothing behind it, {label}, {way}",
                ours=f"{pairs.ours:.0f}/s",
                theirs=f"aiosmtpd, empty handler: {pairs.theirs:.0f}/s",
                ratio=f"{pairs.ratio:.2f}",
            )
