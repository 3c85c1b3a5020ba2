"""Faults: nothing acknowledged is lost, meanwhile senders are asked to try again, and it recovers by itself."""

import re
import shutil
import smtplib
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, make_url

from tests.e2e.conftest import Gateway
from tests.e2e.killing import rounds

Forward = Callable[..., bytes]
RECOVERY = 5.0


@pytest.mark.skipif(shutil.which("smtp-source") is None, reason="smtp-source is not installed (Debian: postfix)")
def test_nothing_acknowledged_is_lost_however_often_it_is_killed(killable: Any, tmp_path: Path) -> None:
    """The short form of `make kill`."""
    *_, (acknowledged, stored) = rounds(killable, tmp_path, 3)
    assert 0 < acknowledged <= stored


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed (Debian: strace)")
def test_each_250_follows_a_sync_that_covers_its_mail(killable: Any, forwarded: Forward, tmp_path: Path) -> None:
    """Seen from outside: the trace written to a file, that file synced, then the answer with that trace."""
    calls = tmp_path / "calls"
    tracer = subprocess.Popen(
        ["strace", "-f", "-p", str(killable.pid), "-o", str(calls), "-s", "4200",
         "-e", "trace=pwrite64,fdatasync,fsync,sendto"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert tracer.stderr
    if "attached" not in (said := tracer.stderr.readline()):
        pytest.skip(f"strace may not attach here: {said.strip()}")
    with smtplib.SMTP(*killable.smtp) as client:
        for number in range(10):
            client.sendmail(
                "a@acme.example", ["otp@gw.example"], forwarded("x@example.com", "482913", str(number))
            )
    tracer.terminate()
    tracer.communicate()
    covered = list(answers(calls.read_text(encoding="latin-1").splitlines()))
    assert covered == [True] * 10


def answers(calls: list[str]) -> Iterator[bool]:
    """For each 250 of a mail, in order: whether a file was synced after that mail was written to it."""
    written: dict[str, str] = {}
    syncing: dict[str, str] = {}
    synced = ""
    for call in calls:
        process, _, rest = call.partition(" ")
        if write := re.match(r"\s*pwrite64\((\d+), (.*)", rest):
            written[write[1]] = written.get(write[1], "") + write[2]
        elif sync := re.match(r"\s*f(?:data)?sync\((\d+)", rest):
            syncing[process] = sync[1]
        if re.search(r"f(?:data)?sync.*= 0$", rest) and process in syncing:
            synced += written.pop(syncing.pop(process), "")
        if answer := re.search(r"250 2\.0\.0 stored (\w+)", rest):
            yield answer[1] in synced


class Proxy:
    """Stands between the gateway and PostgreSQL's socket; cuts everything, or everything at the n-th call."""

    def __init__(self, database: URL) -> None:
        self._target = f"{database.query['host']}/.s.PGSQL.{database.port or 5432}"
        self._pairs = list[tuple[socket.socket, socket.socket]]()
        self._lock = threading.Lock()
        self._left = 0
        self.up = True
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = int(self._listening.getsockname()[1])
        self.url = f"postgresql+psycopg://{database.username}@127.0.0.1:{port}/{database.database}"
        threading.Thread(target=self._accept, daemon=True).start()

    def fail_at(self, call: int) -> None:
        """Cut the connection on which the n-th call from now comes."""
        with self._lock:
            self._left = call

    @property
    def failed(self) -> bool:
        """Whether that call has come."""
        with self._lock:
            return self._left <= 0

    def stop(self) -> None:
        """The database is away."""
        self.up = False
        for pair in list(self._pairs):
            self._cut(pair)

    def close(self) -> None:
        self.stop()
        self._listening.close()

    def _cut(self, pair: tuple[socket.socket, socket.socket]) -> None:
        for end in pair:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        with suppress(ValueError):
            self._pairs.remove(pair)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if not self.up:
                client.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            self._pairs.append((client, server))
            for source, sink, counts in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._carry, args=(source, sink, counts), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, counts: bool) -> None:  # noqa: FBT001 - a thread's
        with suppress(OSError):
            while (data := source.recv(65_536)) and not (counts and self._is_the_one()):
                sink.sendall(data)
        for pair in [pair for pair in list(self._pairs) if source in pair]:
            self._cut(pair)

    def _is_the_one(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left == 0


@pytest.fixture
def proxy(new_database: Callable[[], str]) -> Iterator[Proxy]:
    proxy = Proxy(make_url(new_database()))
    yield proxy
    proxy.close()


@pytest.fixture
def over_proxy(proxy: Proxy, tmp_path: Path) -> Iterator[Gateway]:
    running = Gateway(folder=tmp_path / "data", environment={"OTPGATE_DATABASE__URL": proxy.url})
    running.start()
    yield running
    proxy.up = True
    assert running.stop() == 0


def deliver(gateway: Gateway, mail: bytes) -> int:
    """Try until it is taken, as mail servers do; how many times it was put off."""
    deadline = time.monotonic() + RECOVERY
    for put_off in range(1000):
        try:
            with smtplib.SMTP(*gateway.smtp, timeout=10) as client:
                client.sendmail("a@acme.example", ["otp@gw.example"], mail)
        except smtplib.SMTPDataError as error:
            assert error.smtp_code in {451, 452}  # noqa: PT017 - it may also be taken
            assert time.monotonic() < deadline, "it does not recover"
            time.sleep(0.05)
        else:
            return put_off
    pytest.fail("never taken")


@pytest.mark.alone
def test_a_mail_is_stored_once_whichever_call_of_the_database_fails(
    over_proxy: Gateway, proxy: Proxy, forwarded: Forward
) -> None:
    people = []
    for call in range(1, 60):
        people.append(f"call{call}@example.com")
        proxy.fail_at(call)
        deliver(over_proxy, forwarded(people[-1], "482913", str(call)))
        if not proxy.failed:
            break
    assert len(people) > 5
    proxy.fail_at(-1)
    with over_proxy.api() as api:
        for person in people:
            (message,) = api.get("/v1/messages", params={"identifier": person}).json()["messages"]
            assert message["identifier"] == person


@pytest.mark.alone
def test_while_the_database_is_away_senders_and_clients_are_asked_to_try_again(
    over_proxy: Gateway, proxy: Proxy, forwarded: Forward
) -> None:
    mail = forwarded("user@example.com", "482913")
    with over_proxy.api() as api:
        assert api.get("/readyz").status_code == 200
        proxy.stop()
        with smtplib.SMTP(*over_proxy.smtp, timeout=20) as client:
            with pytest.raises(smtplib.SMTPDataError) as refused:
                client.sendmail("a@acme.example", ["otp@gw.example"], mail)
            assert refused.value.smtp_code == 451
        assert api.get("/readyz").status_code == 503
        assert api.post("/v1/claims", json={"identifier": "user@example.com"}).status_code == 503
        proxy.up = True
        deliver(over_proxy, mail)
        claim = api.post("/v1/claims", json={"identifier": "user@example.com", "wait": 60}).json()["claim"]
    assert claim["value"] == "482913"
