"""What reading a mail costs, step by step, in one process: extraction alone against parsing alone."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from core import markup, mime
from core.extract import extract
from core.message import Channel, Content
from tests.benchmarks.mails import KILOBYTES_27, LARGE, html_mail
from tests.benchmarks.results import Row, in_turns


def milliseconds(step: Callable[[], object], times: int = 20) -> float:
    """The mean of some runs."""
    began = time.perf_counter()
    for _ in range(times):
        step()
    return 1000 * (time.perf_counter() - began) / times


def _parse(raw: bytes) -> markup.Page:
    return markup.render(mime.read(raw).html)


def measure(rounds: int) -> Iterator[Row]:
    """A row a size of mail."""
    for size in (KILOBYTES_27, LARGE):
        raw = html_mail(size)
        mail = mime.read(raw)
        page = markup.render(mail.html)
        content = Content(channel=Channel.EMAIL, subject=mail.subject, text=page.text, links=page.links)
        pairs = in_turns(
            partial(milliseconds, partial(extract, content)),
            partial(milliseconds, partial(_parse, raw)),
            rounds,
        )
        seen = f"{len(page.text):,} characters and {len(page.links)} links seen"
        yield Row(
            what=f"extraction, {len(raw) // 1000} KB HTML, {seen}",
            ours=f"{pairs.ours:.1f} ms",
            theirs=f"parsing: {pairs.theirs:.1f} ms",
            ratio=f"{pairs.ratio:.1f}",
        )
