"""How soon a waiting client has its code: from the last dot of a mail to the answer of the claim.

Clients are plain sockets in one event loop, so that the measuring costs little beside what is measured.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.benchmarks.mails import html_mail
from tests.benchmarks.results import Row, quantile
from tests.benchmarks.servers import Otpgate, otpgate, running, serve_http

SENDERS = 4


@dataclass(kw_only=True)
class Watch:
    """When each mail's last dot was sent, and when its claim was answered; seconds."""

    sent: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    """Of the main process, from the first mail on."""

    @property
    def delays(self) -> list[float]:
        """From dot to answer, in milliseconds."""
        return [1000 * (self.answered[person] - self.sent[person]) for person in self.answered]


async def _ask(host: str, request: bytes) -> bytes:
    """One HTTP exchange over a connection of its own; the body."""
    name, _, port = host.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    writer.write(request)
    await reader.readuntil(b"\r\n\r\n")
    body = await reader.read(1 << 20)
    writer.close()
    return body


def _claim(gate: Otpgate, person: str) -> bytes:
    body = json.dumps({"identifier": person, "wait": 60, "run_id": person}).encode()
    head = f"POST /v1/claims HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx-api-key: {gate.key}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _wait(gate: Otpgate, person: str, watch: Watch) -> None:
    body = await _ask(gate.url, _claim(gate, person))
    if b'"claim":null' not in body.replace(b" ", b""):
        watch.answered[person] = time.perf_counter()


async def _send(gate: Otpgate, people: list[str], every: float, watch: Watch) -> None:
    """Mails over one connection, one every so many seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.smtp_port)

    async def say(line: bytes) -> None:
        writer.write(line)
        while (await reader.readline())[3:4] == b"-":
            pass

    await say(b"")
    await say(b"EHLO bench.example\r\n")
    began = time.perf_counter()
    for number, person in enumerate(people):
        await asyncio.sleep(max(0.0, began + number * every - time.perf_counter()))
        await say(b"MAIL FROM:<a@site.example>\r\n")
        await say(b"RCPT TO:<otp@gw.example>\r\n")
        await say(b"DATA\r\n")
        mail = html_mail(4000, person) + b".\r\n"
        watch.sent[person] = time.perf_counter()
        await say(mail)
    writer.close()


async def _run(gate: Otpgate, waiters: int, mails: int, per_second: float) -> Watch:
    """So many clients wait, and the first `mails` of them get one each."""
    watch = Watch()
    people = [f"user{number}@example.com" for number in range(waiters)]
    waiting = [asyncio.create_task(_wait(gate, person, watch)) for person in people]
    await asyncio.sleep(2 + waiters / 100)
    first = people[:mails]
    every, before = SENDERS / per_second, gate.cpu_seconds
    await asyncio.gather(*(_send(gate, first[lane::SENDERS], every, watch) for lane in range(SENDERS)))
    await asyncio.sleep(2)
    watch.cpu_seconds = gate.cpu_seconds - before
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return watch


async def _bare(port: int, asks: int) -> list[float]:
    """Milliseconds of each of so many bare answers."""
    times = []
    for _ in range(asks):
        began = time.perf_counter()
        await _ask(f"http://127.0.0.1:{port}", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        times.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(0.005)
    return times


def measure() -> Iterator[Row]:
    """Latency with 200 waiting when mails come one by one, and 50 a second; then wake and memory with 1,000."""
    with running(serve_http) as bare:
        theirs = asyncio.run(_bare(bare, 300))
        yield from _latency(5, 50, theirs)
        yield from _latency(50, 200, theirs)
    with otpgate() as gate:
        before = gate.megabytes
        ours = asyncio.run(_run(gate, 1000, 250, 50)).delays
        yield Row(
            what=f"1,000 waiting, wake p99 ({len(ours)} claims)",
            ours=f"{quantile(ours, 0.99):.0f} ms",
            theirs="",
            ratio="",
            goal="under 250 ms",
        )
        yield Row(
            what="1,000 waiting, memory",
            ours=f"{gate.megabytes:.0f} MB",
            theirs=f"nobody waiting: {before:.0f} MB",
            ratio=f"{gate.megabytes / before:.2f}",
            goal="under 300 MB",
        )


def _latency(per_second: float, mails: int, theirs: list[float]) -> Iterator[Row]:
    """From dot to claim, against a bare answer; and the processor's time behind it, which says what limits it."""
    with otpgate() as gate:
        watch = asyncio.run(_run(gate, 200, mails, per_second))
    ours = watch.delays
    for share, goal in ((0.5, "at most 3"), (0.99, "at most 10")):
        mine, their = quantile(ours, share), quantile(theirs, share)
        yield Row(
            what=f"dot to claim, {per_second} mails/s, 200 waiting ({len(ours)} claims), p{share * 100:.0f}",
            ours=f"{mine:.1f} ms",
            theirs=f"bare HTTP answer: {their:.1f} ms",
            ratio=f"{mine / their:.1f}",
            goal=goal,
        )
    each = 1000 * watch.cpu_seconds / mails
    yield Row(
        what=f"the same: processor's time of the main process a mail, claimed, at {per_second}/s",
        ours=f"{each:.1f} ms",
        theirs="the one core that Python runs on",
        ratio=f"{each * per_second / 1000:.0%} of it",
    )
