"""Durable ingest: 27 KB HTML mails, read, extracted and synced to disk, against servers that keep nothing.

smtp-source (Postfix) sends with 10 sessions; `-N` gives each mail a recipient of its own, so that each is new.
"""

import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks.mails import html_mail
from tests.benchmarks.results import Row, in_turns
from tests.benchmarks.servers import maildev, otpgate, running, serve_aiosmtpd

WAYS = {"reused connections": ["-d"], "new connections": []}
GOALS = {"reused connections": "0.6", "new connections": "0.8"}


_people = itertools.count()


def sending(port: int, options: Sequence[str], mails: int) -> float:
    """Mails a second that the server at `port` takes from 10 sessions of smtp-source."""
    program = shutil.which("smtp-source")
    if program is None:
        sys.exit("smtp-source is not installed (Debian: postfix)")
    command = [program, *options, "-s", "10", "-m", str(mails), "-f", "a@site.example"]
    began = time.perf_counter()
    subprocess.run([*command, f"127.0.0.1:{port}"], check=True)
    return mails / (time.perf_counter() - began)


def rate(port: int, way: str, mail: Path, mails: int) -> float:
    """Mails a second of a mail in a file, each to a recipient of its own."""
    return sending(port, [*WAYS[way], "-N", "-F", str(mail), "-t", f"user{next(_people)}@gw.example"], mails)


def measure(rounds: int, mails: int = 300) -> Iterator[Row]:
    """A row a server and way."""
    with tempfile.TemporaryDirectory() as folder, running(serve_aiosmtpd) as empty, maildev() as theirs:
        mail = Path(folder) / "mail"
        mail.write_bytes(html_mail().replace(b"\r\n", b"\n"))
        for way in WAYS:
            yield _compared("aiosmtpd, empty handler", empty, way, mail, rounds, mails)
            if theirs is None:
                yield Row(what=f"ingest, {way}", ours="", theirs="MailDev 3", ratio="skipped: no npm")
            else:
                yield _compared("MailDev 3", theirs, way, mail, rounds, mails)


def _compared(name: str, port: int, way: str, mail: Path, rounds: int, mails: int) -> Row:  # noqa: PLR0913, PLR0917 - one measurement
    with otpgate() as gate:
        rate(gate.smtp_port, way, mail, mails // 4)
        rate(port, way, mail, mails // 4)
        pairs = in_turns(
            partial(rate, gate.smtp_port, way, mail, mails), partial(rate, port, way, mail, mails), rounds
        )
    return Row(
        what=f"durable ingest, 27 KB HTML, {way}",
        ours=f"{pairs.ours:.0f}/s",
        theirs=f"{name}: {pairs.theirs:.0f}/s",
        ratio=f"{pairs.ratio:.2f}",
        goal=f"at least {GOALS[way] if 'empty' in name else '1.0'}",
    )
