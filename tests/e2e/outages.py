"""Outages of the database under load: `make outages` (`python -m tests.e2e.outages`); the suite does shorter ones.

Four senders deliver mails, each again and again until it is taken, as mail servers do; for each mail two runs
claim its code, each again and again until it is answered. Afterwards every mail is stored once, and nobody
shares a code.
"""

import argparse
import json
import os
import smtplib
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine, text

from tests.e2e.conftest import Gateway, gmail_forward
from tests.postgresql import Server, running_postgresql

RECOVERY = 5.0
"""Seconds within which it must take mail again by itself."""
_SENDERS = 4
_LOAD_SECONDS = 0.5
"""Of load before and after an outage."""
_HANG = 60.0


@dataclass(kw_only=True)
class Seen:
    """What senders and clients saw."""

    taken: list[str] = field(default_factory=list)
    """The people whose mail was acknowledged."""
    taken_at: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    """How often each status came, of SMTP and HTTP."""
    values: dict[str, list[str]] = field(default_factory=dict)
    """For each person, the runs that got the code."""
    longest: float = 0.0
    """Seconds that the slowest answer took."""

    @property
    def put_off(self) -> int:
        """How often somebody was asked to try again."""
        return self.answers[451] + self.answers[503]


class Load:
    """Senders and clients, until told to stop."""

    def __init__(self, gateway: Any, name: str) -> None:
        self._gateway, self._name = gateway, name
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(4 * _SENDERS)
        self._claiming: list[Future[None]] = []
        self._api = gateway.api()
        self.seen = Seen()
        self._sending = [self._pool.submit(self._send, lane) for lane in range(_SENDERS)]

    def stop(self) -> Seen:
        """Let each finish what it has begun; what they saw."""
        self._stop.set()
        for done in (*self._sending, *self._claiming):
            done.result(_HANG)
        self._pool.shutdown()
        self._api.close()
        return self.seen

    def _send(self, lane: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            person = f"{self._name}{lane}x{number}@example.com"
            mail = gmail_forward(person, "482913", person)
            self._until_taken(partial(self._deliver, mail))
            self.seen.taken_at.append(time.monotonic())
            self.seen.taken.append(person)
            if number % 4 == 0:
                self._claiming += [
                    self._pool.submit(self._claim, person, f"{run} of {person}") for run in ("alice", "bob")
                ]
            time.sleep(0.1)

    def _until_taken(self, attempt: Callable[[], int]) -> None:
        deadline = time.monotonic() + _HANG
        while time.monotonic() < deadline:
            began = time.monotonic()
            status = attempt()
            self.seen.longest = max(self.seen.longest, time.monotonic() - began)
            self.seen.answers[status] += 1
            if status in {200, 250}:
                return
            assert status in {451, 503}, f"{status} is no way to ask somebody to try again"
            time.sleep(0.05)
        raise TimeoutError("never taken")

    def _deliver(self, mail: bytes) -> int:
        host, port = self._gateway.smtp
        with smtplib.SMTP(host, port, timeout=_HANG) as client:
            try:
                client.sendmail("a@acme.example", ["otp@gw.example"], mail)
            except smtplib.SMTPDataError as error:
                return error.smtp_code
        return 250

    def _claim(self, person: str, run: str) -> None:
        def attempt() -> int:
            answer = self._api.post("/v1/claims", json={"identifier": person, "run_id": run}, timeout=_HANG)
            if answer.status_code == httpx.codes.OK and answer.json()["claim"]:
                self.seen.values.setdefault(person, []).append(run)
            return int(answer.status_code)

        self._until_taken(attempt)


@contextmanager
def _under_load(gateway: Any, name: str) -> Iterator[Load]:
    load = Load(gateway, name)
    try:
        _wait_for(lambda: len(load.seen.taken) > _SENDERS)
        yield load
    finally:
        load.stop()


def outage(
    gateway: Any, name: str, begin: Callable[[], object], seconds: float, end: Callable[[], object]
) -> Seen:
    """What was seen around an outage; asserts that it recovers by itself, and nothing is lost or doubled."""
    with _under_load(gateway, name) as load:
        before = load.seen.put_off
        begin()
        time.sleep(seconds)
        if seconds:  # a busy machine may not even have noticed
            _wait_for(lambda: load.seen.put_off > before)
        end()
        ended = time.monotonic()
        _wait_for(lambda: bool(load.seen.taken_at) and load.seen.taken_at[-1] > ended)
        back = next(at for at in load.seen.taken_at if at > ended) - ended
        time.sleep(_LOAD_SECONDS)
    assert back < RECOVERY, f"it took {back:.1f} s to take mail again"
    _check(gateway, load.seen)
    return load.seen


def _check(gateway: Any, seen: Seen) -> None:
    assert len(set(seen.taken)) == len(seen.taken)
    assert all(len(set(runs)) == 1 for runs in seen.values.values()), "a code was held by two runs"
    with gateway.api() as api:
        for person in seen.taken:
            messages = api.get("/v1/messages", params={"identifier": person}).json()["messages"]
            assert len(messages) == 1, f"{len(messages)} rows of an acknowledged mail"
        for person in seen.values:
            codes = api.get("/v1/codes", params={"identifier": person}).json()["codes"]
            assert [code["state"] for code in codes] == ["claimed"]


def _wait_for(come: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _HANG
    while not come():
        assert time.monotonic() < deadline, "it does not come back"
        time.sleep(0.02)


def cut_connections(url: str) -> None:
    """End every other connection to that server, as an administrator or a fail-over does."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                 "AND backend_type = 'client backend'")
        )  # fmt: skip
    engine.dispose()


def of_postgresql(gateway: Any, server: Server, paused: float) -> Iterator[tuple[str, Seen]]:
    """One outage after another, with its name."""
    yield f"paused {paused:.0f} s", outage(gateway, "paused", server.pause, paused, server.go_on)
    yield "stopped, and started again", outage(gateway, "stopped", server.stop, 1, server.start)

    def cut_often() -> None:
        for _ in range(5):
            cut_connections(server.url)
            time.sleep(0.2)

    yield "connections cut five times", outage(gateway, "cut", cut_often, 0, lambda: None)


def of_sqlite(gateway: Any) -> Iterator[tuple[str, Seen]]:
    """A file that another program locks for longer than we wait, and a disk that fails to sync, then to write."""
    with closing(sqlite3.connect(gateway.folder / "otpgate.db", isolation_level=None)) as other:
        locked = outage(
            gateway, "locked", lambda: other.execute("BEGIN IMMEDIATE"), 6, lambda: other.execute("ROLLBACK")
        )
    yield "SQLite locked by another program for 6 s", locked
    for call, error in (("fdatasync", "EIO"), ("pwrite64", "ENOSPC")):
        disk = FailingDisk(gateway.pid, call, error)
        yield f"{call} fails with {error}", outage(gateway, call, disk.begin, 0.5, disk.end)


class FailingDisk:
    """Lets every such system call of a process fail; strace may attach where ptrace is allowed."""

    def __init__(self, process: int, call: str, error: str) -> None:
        self._command = [
            "strace",
            "-f",
            "-p",
            str(process),
            "-e",
            f"trace={call}",
            "-e",
            f"inject={call}:error={error}",
        ]
        self._tracer: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        """From now on; raises PermissionError where strace may not attach."""
        self._tracer = subprocess.Popen([*self._command, "-o", os.devnull], stderr=subprocess.PIPE, text=True)
        assert self._tracer.stderr
        if "attached" not in (said := self._tracer.stderr.readline()):
            raise PermissionError(said)

    def end(self) -> None:
        """The disk works again."""
        assert self._tracer
        self._tracer.terminate()
        self._tracer.communicate()


def main() -> None:
    """Prints a line an outage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paused", nargs="?", type=float, default=30, help="seconds for which PostgreSQL is paused")
    with ExitStack() as stack:
        server = stack.enter_context(running_postgresql())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        gateway = Gateway(folder=folder / "data", environment={"OTPGATE_DATABASE__URL": server.url})
        alone = Gateway(folder=folder / "alone")
        for one in (gateway, alone):
            one.start()
            stack.callback(one.stop)
        outages = chain(of_postgresql(gateway, server, parser.parse_args().paused), of_sqlite(alone))
        for name, seen in outages:
            told = {"taken": len(seen.taken), "answers": dict(seen.answers), "claimed": len(seen.values)}
            sys.stdout.write(f"{name}: {json.dumps(told)}, longest answer {seen.longest:.1f} s, nothing lost\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
