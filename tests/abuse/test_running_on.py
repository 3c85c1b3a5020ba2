"""Attacks on staying alive: stops, resets, repeats, and parts that die."""

import signal
import socket
import sqlite3
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.abuse.attacking import CODE, Under, connect, deliver, letter, stored
from tests.peers import Peer
from tests.running import Gateway

Dial = Callable[..., Peer]
See = Callable[[str], None]


@pytest.mark.alone
def test_a_stop_with_50_mails_in_flight(under: Under, peer: Dial, see: See, tmp_path: Path) -> None:
    """Each is stored or refused, none is lost; a held request ends within 5 s; exit 0."""
    gateway = under.attack(data_dir=tmp_path / "data", processes=4)
    senders = [peer(gateway, source=f"127.0.1.{n // 10 + 1}").greet().open_mail() for n in range(50)]
    for n, one in enumerate(senders):
        one.send(letter(f"flight{n}@example.com"))
    with ThreadPoolExecutor(1) as waiter:
        held = waiter.submit(gateway.api.get, "/v1/codes/latest?identifier=held@example.com&wait=60")
        gateway.until_held(1)
        began = time.monotonic()
        gateway.process.send_signal(signal.SIGTERM)
        for one in senders[:25]:
            one.send(b".\r\n")
        answers = [one.reply() for one in senders[:25]]
        ended, took = held.result(60), time.monotonic() - began
    for one in senders[25:]:
        one.close()
    code = gateway.process.wait(60)
    gateway.api.close()
    gateway.reader.join(5)
    again = under.attack(data_dir=tmp_path / "data")
    kept = [len(stored(again, f"flight{n}@example.com")) for n in range(50)]
    taken = [answer.startswith("250 ") for answer in answers]
    see(f"{sum(taken)} times 250, {sum(kept)} stored, held {ended.status_code} after {took:.1f} s, exit {code}")
    assert [bool(n) for n in kept[:25]] == taken
    assert sum(kept[25:]) == 0
    assert (code, ended.status_code) == (0, 200)
    assert took < 5


def test_a_reset_right_after_the_dot(gateway: Gateway, see: See, someone: str) -> None:
    """Nobody heard the 250, so it comes again: one message, 250."""
    one = connect(gateway).greet().open_mail()
    one.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.send(letter(someone) + b".\r\n")
    time.sleep(0.2)
    one.close()
    again = deliver(gateway, letter(someone)[:-2])
    found = stored(gateway, someone)
    see(f"{again[:3]}, {len(found)} stored")
    assert again.startswith("250 ")
    assert len(found) == 1


def test_the_same_mail_100_times(gateway: Gateway, see: See, someone: str) -> None:
    """Over 10 connections at once: 100 times 250, one message, one code."""

    def send(_: int) -> list[str]:
        one = connect(gateway).greet()
        answers = [one.mail(letter(someone)) for _ in range(10)]
        one.close()
        return answers

    with ThreadPoolExecutor(10) as senders:
        answers = [answer[:4] for some in senders.map(send, range(10)) for answer in some]
    found = stored(gateway, someone)
    codes = gateway.api.get("/v1/codes", params={"identifier": someone}).json()["codes"]
    see(f"{answers.count('250 ')} times 250, {len(found)} message, {len(codes)} code")
    assert answers == ["250 "] * 100
    assert (len(found), len(codes)) == (1, 1)


def test_the_same_sms_50_times_at_once(gateway: Gateway, see: See, number: str) -> None:
    """One MessageSid: 50 times 200, one code."""
    with ThreadPoolExecutor(10) as senders:
        answers = list(
            senders.map(lambda _: gateway.sms(number, f"Your code is {CODE}", sid=f"SM{'a1' * 16}"), range(50))
        )
    codes = gateway.api.get("/v1/codes", params={"identifier": number}).json()["codes"]
    see(f"{sum(a.status_code == 200 for a in answers)} times 200, {len(codes)} code")
    assert {answer.status_code for answer in answers} == {200}
    assert len(codes) == 1


def test_a_database_that_hangs(under: Under, see: See) -> None:
    """/readyz says so (503) while /healthz is 200; mail is put off, not lost; afterwards all is well."""
    gateway = under.attack()
    with closing(sqlite3.connect(gateway.data_dir / "otpgate.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        states = [httpx.get(gateway.url + path, timeout=20).status_code for path in ("/readyz", "/healthz")]
        other.execute("ROLLBACK")
    deadline = time.monotonic() + 60
    while httpx.get(gateway.url + "/readyz", timeout=20).status_code != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    after = httpx.get(gateway.url + "/readyz", timeout=20)
    see(f"/readyz {states[0]}, /healthz {states[1]}; afterwards {after.status_code} {after.json()['parts']}")
    assert states == [503, 200]
    assert after.status_code == 200


def test_a_full_disk(under: Under, see: See, tmp_path: Path) -> None:
    """Mail 452, SMS and push 503, while codes that are there are still claimed."""
    before = under.attack(data_dir=tmp_path / "data")
    before.push("here@example.com", f"Your code is {CODE}")
    assert before.stop() == 0
    gateway = under.attack(data_dir=tmp_path / "data", more="\n[disk]\nfree_mib = 1000000000\n")
    one = connect(gateway).greet()
    mail = one.say("MAIL FROM:<a@site.example>")
    one.close()
    push = gateway.api.post("/v1/messages", json={"identifier": "x@example.com", "content": "123456"})
    sms = gateway.sms("+15551230000", "123456")
    claim = gateway.claim("here@example.com")["claim"]
    see(f"{mail[:9]}, push {push.status_code}, SMS {sms.status_code}, claim {'made' if claim else 'none'}")
    assert mail.startswith("452 4.3.1")
    assert (push.status_code, sms.status_code) == (503, 503)
    assert claim["value"] == CODE


def test_killed_and_started_again(under: Under, see: See, tmp_path: Path) -> None:
    """Every mail that got its 250 is there after SIGKILL."""
    gateway = under.attack(data_dir=tmp_path / "data")
    answers = [deliver(gateway, letter(f"kill{n}@example.com")) for n in range(20)]
    gateway.process.kill()
    gateway.process.wait(5)
    gateway.api.close()
    gateway.reader.join(5)
    again = under.attack(data_dir=tmp_path / "data")
    kept = [bool(stored(again, f"kill{n}@example.com")) for n in range(20)]
    see(f"{sum(a.startswith('250') for a in answers)} acknowledged, {sum(kept)} there")
    assert all(answer.startswith("250") for answer in answers)
    assert all(kept)


@pytest.mark.parametrize("part", ["smtp", "http", "store", "housekeeper"])
def test_a_part_that_dies(see: See, tmp_path: Path, part: str) -> None:
    """The process goes down within seconds: exit 1, and the last line names the part."""
    from tests.abuse.dying import die  # noqa: PLC0415 - builds a whole gateway

    code, last = die(part, tmp_path)
    see(f"exit {code}: {last['event']}, {last['reason']}")
    assert code == 1
    assert (last["event"], last["reason"]) == ("died", f"{part} died")
