"""What is stored, on both databases: once per message and identifier, and whatever text it holds."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import StoreUnavailableError
from core.fingerprint import mark
from core.message import Channel, InboundMessage
from core.store import sqlite_url
from tests.running import ROOT
from tests.shelves import Clock, Shelf, open_shelf


def mail(shelf: Shelf, raw: bytes) -> InboundMessage:
    return InboundMessage(channel=Channel.EMAIL, door="smtp", received_at=shelf.clock(), trace_id="t", raw=raw)


RAW = b"Received: by a; now\r\n folded\r\nSubject: Code\r\nDelivered-To: a\r\n\r\nYour code is 482913\r\n"
AGAIN = b"Received: by b; later\r\nReturn-Path: <x>\r\nSubject: Code\r\n\r\nYour code is 482913\r\n\r\n"


def test_the_same_mark_again_adds_nothing(shelf: Shelf, someone: str) -> None:
    """The same mail, whichever way it came again: its transit headers do not count (FACTS 15)."""
    marks = [mark(mail(shelf, raw), someone) for raw in (RAW, AGAIN)]
    assert marks[0] == marks[1]
    for index, one in enumerate(marks):
        message, code = shelf.of(someone, "482913")
        assert shelf.store.messages.add([(message, (code,), one)]).result() == (index == 0,)
    assert len(shelf.store.codes.recent(someone, message.received_at.replace(year=2000))) == 1


def test_of_many_that_wait_together_each_is_stored_once_and_a_bad_one_spoils_no_other(
    shelf: Shelf, someone: str
) -> None:
    """They are inserted at once: the same mark twice is one, and what cannot be stored is put off alone."""
    held = threading.Event()
    shelf.store.writer.submit(lambda _: held.wait())
    made = [shelf.of(f"{number}.{someone}") for number in range(5)]
    again = shelf.of(f"3.{someone}")
    bad = (replace(made[4][0], received_at="no moment"), ())  # type: ignore[arg-type]  # that is what is wrong with it
    waiting = [
        shelf.store.messages.add([(message, codes, mark)])
        for message, codes, mark in (
            *((message, (code,), message.id) for message, code in made[:4]),
            (again[0], (again[1],), made[3][0].id),
            (*bad, "bad"),
        )
    ]
    held.set()
    assert [one.result() for one in waiting[:5]] == [(True,)] * 4 + [(False,)]
    with pytest.raises(StoreUnavailableError):
        waiting[5].result()
    for message, code in made[:4]:
        assert [found.id for found in shelf.store.codes.of_message(message.id)] == [code.id]
    assert not shelf.store.codes.of_message(again[0].id)


def test_one_more_recipient_adds_its_code(shelf: Shelf, someone: str) -> None:
    for name in (someone, f"second.{someone}"):
        message, code = shelf.of(name, "482913")
        assert shelf.store.messages.add([(message, (code,), mark(mail(shelf, RAW), name))]).result() == (True,)


def test_another_text_under_the_same_message_id_is_another_message(shelf: Shelf, someone: str) -> None:
    """Message-ID alone would let anyone suppress a real mail."""
    texts = [b"Message-ID: <a@b>\r\n\r\n" + text for text in (b"Your code is 1111", b"Your code is 2222")]
    assert len({mark(mail(shelf, text), someone) for text in texts}) == 2


def test_the_same_message_many_times_at_once_is_stored_once(shelf: Shelf, someone: str) -> None:
    def add(_: int) -> bool:
        message, code = shelf.of(someone, "482913")
        return shelf.store.messages.add([(message, (code,), f"mark of {someone}")]).result()[0]

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(add, range(32))) == 1


@pytest.mark.parametrize(
    "text", ["\x00", "\ud800", "482913\x00\udfff", "\U0001f511", "'; DROP TABLE codes; --", "x" * 100_000]
)
def test_any_text_may_be_stored_and_looked_up(shelf: Shelf, someone: str, text: str) -> None:
    code = shelf.arrive(someone, f"1{text}", sender=text, subject=text, source=text)
    stored = shelf.store.codes.of_message(code.message_id)[0]
    expected = "".join("\ufffd" if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in text)
    assert (stored.value, stored.subject, stored.source) == (f"1{expected}", expected, expected)
    assert shelf.store.codes.recent(text, code.received_at) == []


def test_a_message_goes_with_all_its_codes_or_not_at_all(shelf: Shelf, someone: str) -> None:
    message, code = shelf.of(someone, "482913")
    with pytest.raises(Exception, match="did not take it"):
        shelf.store.messages.add([(message, (code, code), "a mark")]).result()
    assert shelf.store.messages.get(message.id) is None
    assert shelf.store.messages.add([(message, (code,), "a mark")]).result() == (True,)


CHILD = """
import sys
from tests.shelves import Clock, open_shelf
shelf = open_shelf(sys.argv[1], Clock())
for number in range(100000):
    waiting = [shelf.of("someone@example.com", f"{number:06}-{part}") for part in range(8)]
    done = [shelf.store.messages.add([(m, (c,), m.id)]) for m, c in waiting]
    for (message, code), future in zip(waiting, done):
        assert future.result() == (True,)
        print(code.id, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, empty_sqlite: Path) -> None:
    """A short form of what .ci does two hundred times: each printed line was committed before."""
    file = tmp_path / "otpgate.db"
    file.write_bytes(empty_sqlite.read_bytes())
    acknowledged: set[str] = set()
    for _ in range(2):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, sqlite_url(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        with child.stdout as lines:
            acknowledged |= {lines.readline().strip() for _ in range(50)}
            os.kill(child.pid, signal.SIGKILL)
            acknowledged |= {line.strip() for line in lines if line.endswith("\n")}
        child.wait(10)
    shelf = open_shelf(sqlite_url(file), Clock())
    shelf.store.close()
    with closing(sqlite3.connect(file)) as database:
        stored = {key for (key,) in database.execute("SELECT id FROM codes")}
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(acknowledged) >= 100
    assert acknowledged <= stored
