"""Bursts are read beside the doors, by processes that may die and never outlive the gateway."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.message import Channel, Envelope, InboundMessage
from gateway.readers import Readers

PADDING = b"<style>" + b"td { padding: 0 } " * 4000 + b"</style>"
"""So much that each mail is read beside: a smaller one that meets no other the gateway reads itself."""


def mail(code: str) -> InboundMessage:
    return InboundMessage(
        channel=Channel.EMAIL,
        door="smtp",
        received_at=datetime.now(UTC),
        trace_id="",
        raw=b"From: a@site.example\r\nSubject: Hello\r\nContent-Type: text/html\r\n\r\n"
        + PADDING
        + f"<p>Your verification code is {code}</p>".encode(),
        envelope=Envelope(rcpt_to=("user@example.com",)),
    )


def children() -> set[int]:
    """The processes that read for this one."""
    return {child.pid for child in multiprocessing.active_children() if child.pid}


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def readers() -> Iterator[Readers]:
    made = Readers(threshold=0.5, processes=1)
    made.start()
    until(lambda: made.ready)
    yield made
    made.stop()


def values(readers: Readers, codes: list[str]) -> list[str | None]:
    with ThreadPoolExecutor(8) as pool:
        return [reading.extracted.value for reading in pool.map(readers, map(mail, codes))]


CODES = [str(482900 + n) for n in range(24)]


def test_a_burst_is_read_as_each_mail_alone(readers: Readers) -> None:
    assert values(readers, CODES) == CODES
    assert children()


def test_a_process_that_is_killed_loses_no_mail_and_is_replaced(readers: Readers) -> None:
    killed = children()
    for child in killed:
        os.kill(child, signal.SIGKILL)
    assert values(readers, CODES) == CODES
    until(lambda: readers.ready and children() - killed)
    assert values(readers, CODES) == CODES


def test_without_processes_and_after_the_stop_the_gateway_reads_itself() -> None:
    alone = Readers(threshold=0.5, processes=0)
    alone.start()
    assert values(alone, CODES[:4]) == CODES[:4]
    alone.stop()
    assert values(alone, CODES[:4]) == CODES[:4]


def test_the_processes_end_with_a_gateway_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from gateway.readers import Readers\n"
        "if __name__ == '__main__':\n"
        "    readers = Readers(threshold=0.5, processes=1); readers.start()\n"
        "    while not readers.ready: time.sleep(0.02)\n"
        "    print('ready', flush=True); time.sleep(600)\n"
    )
    script = tmp_path / "gate.py"
    script.write_text(program, encoding="utf-8")
    root = Path(__file__).parents[2]
    gate = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(root)}
    )
    assert gate.stdout is not None
    assert gate.stdout.readline() == b"ready\n"
    gate.kill()
    gate.wait()
    assert gate.stdout.read() == b""  # ends when nobody holds the other end: the processes are gone
    gate.stdout.close()
