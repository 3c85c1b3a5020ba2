"""`make soak MINUTES=10`: 100 mails/s, 50 SMS/s and 200 polling clients; what it took, and whether it all came."""

import asyncio
import os
import smtplib
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from typer import echo as say

from tests.running import CONFIG, PUBLIC_URL, Gateway, start_gateway, twilio_form, twilio_signature

MAILS, MAILERS = 100, 15
MESSAGES, TEXTERS = 50, 10
POLLERS = 200
SAMPLE_SECONDS = 5.0


@dataclass(kw_only=True)
class Load:
    """What was sent, what was acknowledged, and how long each took."""

    until: float
    took: list[float] = field(default_factory=list)
    refused: int = 0
    late: float = 0.0

    def repeat(self, rate: float, send: Callable[[int], bool]) -> None:
        """Sends at that many a second until the time is over; falls behind rather than pile up."""
        began = time.monotonic()
        number = 0
        while (now := time.monotonic()) < self.until:
            due = began + number / rate
            self.late = max(self.late, now - due)
            time.sleep(max(0.0, due - now))
            started = time.monotonic()
            if send(number):
                self.took.append(time.monotonic() - started)
            else:
                self.refused += 1
            number += 1

    def told(self, what: str, seconds: float) -> str:
        """One line about it."""
        ordered = sorted(self.took) or [0.0]
        p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000 for part in (0.5, 0.99))
        rate = len(self.took) / seconds
        return (
            f"{what}: {len(self.took)} ({rate:.0f}/s), p50 {p50:.0f} ms, p99 {p99:.0f} ms, {self.refused} refused"
        )


def mail(gateway: Gateway, load: Load, sender: int) -> None:
    """One sender with one connection."""
    with smtplib.SMTP(*gateway.smtp, timeout=30) as client:

        def send(number: int) -> bool:
            text = f"Subject: Code\r\nTo: s{sender}-{number % 200}@example.com\r\nX-N: {sender}-{number}\r\n\r\n"
            text += f"Your code is {100_000 + number % 900_000}.\r\n"
            return not client.sendmail("a@acme.example", ["otp@gw.example"], text)

        load.repeat(MAILS / MAILERS, send)


def text(gateway: Gateway, load: Load, sender: int) -> None:
    """One phone network with one connection."""
    with httpx.Client(base_url=gateway.url, timeout=30) as client:

        def send(number: int) -> bool:
            form = twilio_form(
                f"+1555{sender:03}{number % 10_000:04}", f"Your code is {100_000 + number % 900_000}"
            )
            signed = {"X-Twilio-Signature": twilio_signature(form, f"{PUBLIC_URL}/hooks/sms")}
            return client.post("/hooks/sms", data=form, headers=signed).is_success

        load.repeat(MESSAGES / TEXTERS, send)


async def poll(gateway: Gateway, until: float) -> int:
    """All polling clients; how many answers they had."""
    limits = httpx.Limits(max_connections=POLLERS, max_keepalive_connections=POLLERS)
    async with httpx.AsyncClient(
        base_url=gateway.url, headers={"x-api-key": gateway.key}, timeout=60, limits=limits
    ) as client:

        async def one(number: int) -> int:
            answers, cursor = 0, ""
            while time.monotonic() < until:
                asked = {"identifier": f"s{number % MAILERS}-{number}@example.com", "wait": "5", "after": cursor}
                cursor = (await client.get("/v1/codes/latest", params=asked)).raise_for_status().json()["cursor"]
                answers += 1
            return answers

        return sum(await asyncio.gather(*(one(number) for number in range(POLLERS))))


def sizes(pid: int) -> tuple[int, int, int]:
    """Memory in MiB, threads and open files of a process."""
    process = Path(f"/proc/{pid}")
    pages = int((process / "statm").read_text().split()[1])
    return (
        pages * os.sysconf("SC_PAGE_SIZE") // 2**20,
        len(list((process / "task").iterdir())),
        len(list((process / "fd").iterdir())),
    )


def watch(pid: int, until: float, seen: list[tuple[int, int, int]]) -> None:
    """Takes the sizes from time to time."""
    while time.monotonic() < until:
        seen.append(sizes(pid))
        time.sleep(SAMPLE_SECONDS)


def main(minutes: float) -> int:
    """Loads a gateway and prints what came of it; 0 when nothing was lost and nothing grew."""
    with tempfile.TemporaryDirectory() as name:
        gateway = start_gateway(Path(name) / "data", config=CONFIG, environment={"OTPGATE_LOG__LEVEL": "info"})
        seconds = minutes * 60
        until = time.monotonic() + seconds
        mails, texts = Load(until=until), Load(until=until)
        seen: list[tuple[int, int, int]] = []
        threads = [threading.Thread(target=mail, args=(gateway, mails, n)) for n in range(MAILERS)]
        threads += [threading.Thread(target=text, args=(gateway, texts, n)) for n in range(TEXTERS)]
        threads.append(threading.Thread(target=watch, args=(gateway.process.pid, until, seen)))
        for thread in threads:
            thread.start()
        polled = asyncio.run(poll(gateway, until))
        for thread in threads:
            thread.join()
        code = gateway.stop()
        with closing(sqlite3.connect(gateway.data_dir / "otpgate.db")) as database:
            (kept,) = database.execute("SELECT count(*) FROM messages").fetchone()
    lost = len(mails.took) + len(texts.took) - kept
    say(mails.told("mails", seconds))
    say(texts.told("SMS", seconds))
    say(f"polls: {polled} answers to {POLLERS} clients; senders at most {max(mails.late, texts.late):.1f} s late")
    for at in sorted({len(seen) // 4, len(seen) // 2, len(seen) - 1}):
        say("after {:.0f} s: {} MiB, {} threads, {} files".format(at * SAMPLE_SECONDS, *seen[at]))
    say(f"lost: {lost}; exit {code}")
    early, last = seen[len(seen) // 4], seen[-1]
    grown = last[0] > 1.25 * early[0] + 20 or last[1] > early[1] + 50 or last[2] > early[2] + 50
    return int(bool(lost or code or grown))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
