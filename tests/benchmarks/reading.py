"""What reading a mail costs: processor time from bytes to verdict in one process, and the share of each step."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from core import markup, mime
from core.extract import extract
from core.message import Channel, InboundMessage
from core.reading import read
from tests.benchmarks.mails import KILOBYTES_27, LARGE, html_mail
from tests.benchmarks.results import Row

_RUNS = 20
_THRESHOLD = 0.5
_GOALS = {KILOBYTES_27: "under 3 ms", LARGE: "under 30 ms"}


def milliseconds(step: Callable[[], object]) -> float:
    """The least processor time of some runs: what else the machine does adds to a run, and takes nothing away."""
    least = float("inf")
    for _ in range(_RUNS):
        began = time.process_time()
        step()
        least = min(least, time.process_time() - began)
    return 1000 * least


def measure(rounds: int) -> Iterator[Row]:
    """A row a size of mail."""
    for size, goal in _GOALS.items():
        raw = html_mail(size)
        mail = mime.read(raw)
        message = InboundMessage(
            channel=Channel.EMAIL, door="smtp", received_at=datetime.now(UTC), trace_id="benchmark", raw=raw
        )
        content = read(message, threshold=_THRESHOLD).content
        steps: dict[str, Callable[[], object]] = {
            "whole": partial(read, message, threshold=_THRESHOLD),
            "decoding": partial(mime.read, raw),
            "rendering": partial(markup.render, mail.html),
            "extraction": partial(extract, content),
        }
        turns = [{name: milliseconds(step) for name, step in steps.items()} for _ in range(rounds)]
        least = {name: min(turn[name] for turn in turns) for name in steps}
        whole = least.pop("whole")
        seen = f"{len(content.text):,} characters and {len(content.links)} links seen"
        yield Row(
            what=f"bytes to verdict, {len(raw) // 1000} KB HTML, {seen}: processor time",
            ours=f"{whole:.1f} ms",
            theirs=", ".join(f"{name} {spent / whole:.0%}" for name, spent in least.items()),
            ratio="",
            goal=goal,
        )
