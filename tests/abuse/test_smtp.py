"""Attacks on the SMTP door of a running gateway."""

import time
from collections.abc import Callable
from contextlib import suppress
from itertools import product
from statistics import median

import pytest

from tests.abuse.attacking import MIB, deliver, ended_after, letter, memory, pour, stored
from tests.bounds import soonest
from tests.peers import Peer
from tests.running import Gateway

Dial = Callable[..., Peer]
See = Callable[[str], None]
FALSE_ENDS = [
    *(b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r.\n", b"\n.\r", b"\r\n\0.\r\n"),
    *(b"\r\n.\0\r\n", b"\r\r\n.\r\r\n", b"\r\n.\r\r\n", b"\r\r\n.\n", b"\n\n.\n\n", b"\n\r.\n\r", b"\r\n.\n\r\n"),
    *(b"\r\n\r.\r\n", b"\n.\n.\r\n"),
]
SECOND = b"MAIL FROM:<ceo@site.example>\r\nRCPT TO:<otp@gw.example>\r\nDATA\r\nsmuggled\r\n"


def test_false_ends_of_data(gateway: Gateway, peer: Dial, see: See, someone: str) -> None:
    """18 variants with a second envelope behind: each refused as a whole (550), nothing stored."""
    assert len(FALSE_ENDS) == 18
    one = peer(gateway).greet()
    answers = []
    for end in FALSE_ENDS:
        one.open_mail().send(f"To: {someone}\r\n\r\nfirst".encode() + end + SECOND + b".\r\n")
        answers.append(one.reply())
    see(f"{sum(a.startswith('550 5.6.0') for a in answers)} times 550, {len(stored(gateway, someone))} stored")
    assert all(answer.startswith("550 5.6.0") for answer in answers)
    assert stored(gateway, someone) == []


def test_dot_stuffing(gateway: Gateway, see: See, someone: str) -> None:
    """Lines of dots arrive byte for byte."""
    text = ".\r\n..\r\n.a\r\n...\r\nend"
    assert deliver(gateway, letter(someone, text)).startswith("250 ")
    found = stored(gateway, someone)[0]["text"]
    see(repr(found))
    assert found.split() == [".", "..", ".a", "...", "end"]


@pytest.mark.parametrize("byte", [b"\r", b"\n", b"\0"], ids=["CR", "LF", "NUL"])
def test_bare_line_ends(gateway: Gateway, see: See, someone: str, byte: bytes) -> None:
    """550, nothing stored."""
    answer = deliver(gateway, letter(someone)[:-2] + byte + b"x")
    see(f"{answer[:9]}, {len(stored(gateway, someone))} stored")
    assert answer.startswith("550 5.6.0")
    assert stored(gateway, someone) == []


def test_200_mb_without_a_line_end(gateway: Gateway, peer: Dial, see: See) -> None:
    """cut, and the process grows by less than 20 MB."""
    deliver(gateway, letter("warm@example.com"))
    one = peer(gateway).greet().open_mail()
    before = memory(gateway)
    sent = pour(one.socket, b"a" * MIB, at_most=200 * MIB)
    grown = memory(gateway) - before
    see(f"cut after {sent // MIB} MB, grew by {max(0, grown) // MIB} MB")
    assert sent < 200 * MIB
    assert grown < 20 * MIB


def test_a_mail_that_says_it_is_too_large(gateway: Gateway, peer: Dial, see: See) -> None:
    """552 at MAIL, and the session goes on."""
    one = peer(gateway).greet()
    answer = one.say("MAIL FROM:<a@site.example> SIZE=99999999")
    see(f"{answer[:9]}, then {one.mail()[:3]}")
    assert answer.startswith("552 5.3.4")


def test_a_mail_that_is_too_large(gateway: Gateway, peer: Dial, see: See) -> None:
    """552 at the dot, and the session goes on."""
    one = peer(gateway).greet().open_mail()
    for _ in range(27):
        one.send((b"a" * 1022 + b"\r\n") * 1024)
    one.send(b".\r\n")
    answer = one.reply()
    see(f"{answer[:9]}, then {one.mail()[:3]}")
    assert answer.startswith("552 5.3.4")


@pytest.mark.alone
def test_500_idle_connections_of_one_address(gateway: Gateway, peer: Dial, see: See) -> None:
    """421 after 20; another address is served within 2 s."""
    crowd = [peer(gateway, source="127.0.3.1") for _ in range(500)]
    banners = [one.line()[:3] for one in crowd]
    answer, took = soonest(lambda: deliver(gateway, letter("otp@example.com", "hello")), wanted=2)
    see(f"{banners.count('220')} let in, {banners.count('421')} times 421; others {answer[:3]} in {took:.2f} s")
    assert (banners.count("220"), banners.count("421")) == (20, 480)
    assert answer.startswith("250 ")
    assert took < 2


@pytest.mark.alone
def test_2000_idle_connections_of_many_addresses(gateway: Gateway, peer: Dial, see: See) -> None:
    """The idlest make room: real mail is taken within 2 s."""
    for n in range(2000):
        peer(gateway, source=f"127.0.{4 + n // 100}.{1 + n % 100}")
    answer, took = soonest(lambda: deliver(gateway, letter("otp@example.com", "hello")), wanted=2)
    see(f"{answer[:3]} in {took:.2f} s")
    assert answer.startswith("250 ")
    assert took < 2


@pytest.mark.alone
def test_slow_clients(impatient: Gateway, peer: Dial, see: See) -> None:
    """NOOP drip, drips in command and DATA, silence after STARTTLS, one that never reads: all end at 5 s."""
    noop, drip, data, tls, deaf = (peer(impatient, source=f"127.0.2.{n}") for n in range(1, 6))
    for one in (noop, drip, tls, deaf):
        one.greet()
    data.greet().open_mail()
    assert tls.say("STARTTLS").startswith("220 ")
    with suppress(OSError):
        deaf.socket.settimeout(0.5)
        deaf.send(b"HELP\r\n" * 10)
    mail = deliver(impatient, letter("otp@example.com", "hello"))
    began = time.monotonic()
    ends = [ended_after(noop, b"NOOP\r\n", at_most=15)]
    ends += [ended_after(one, bite, at_most=5) for one, bite in ((drip, b"N"), (data, b"a"), (tls, b""))]
    deaf.socket.settimeout(5)
    deaf.rest()
    took = time.monotonic() - began
    see(f"all ended after {took:.0f} s; real mail meanwhile: {mail[:3]}")
    assert mail.startswith("250 ")
    assert max(ends[1:]) < 5
    assert took < 15


@pytest.mark.parametrize(
    "said", ["NOOP", "RSET", "?!", "GET / HTTP/1.1"], ids=["NOOP", "RSET", "garbage", "an HTTP request"]
)
def test_25_commands_that_lead_nowhere(gateway: Gateway, peer: Dial, see: See, said: str) -> None:
    """421 and closed."""
    one = peer(gateway, source="127.0.2.9").greet()
    one.send(f"{said}\r\n".encode() * 25)
    answers = one.rest().decode().splitlines()
    see(f"{answers[-1][:9]} after {len(answers) - 1} answers")
    assert answers[-1].startswith("421 ")


def test_150_recipients(gateway: Gateway, peer: Dial, see: See) -> None:
    """100 times 250, then 452, which is no error: the mail and the next one go through."""
    one = peer(gateway).greet()
    one.say("MAIL FROM:<a@site.example>")
    answers = [one.say(f"RCPT TO:<many+{n}@gw.example>")[:9] for n in range(150)]
    assert one.say("DATA").startswith("354 ")
    one.send(b"hello\r\n.\r\n")
    first, second = one.reply(), one.mail()
    taken, later = answers.count("250 2.1.5"), answers.count("452 4.5.3")
    see(f"{taken} times 250, {later} times 452, then {first[:3]} and {second[:3]}")
    assert answers == ["250 2.1.5"] * 100 + ["452 4.5.3"] * 50
    assert (first[:4], second[:4]) == ("250 ", "250 ")


RELAYS = ["a@other.example", "a%other.example@gw.example", "@gw.example:a@other.example", "a@[192.0.2.1]"]
RELAYS += ['"a@other.example"@other.example', "a@gw.example@other.example", "other.example!a@other.example"]


@pytest.mark.parametrize("address", RELAYS)
def test_relaying(gateway: Gateway, peer: Dial, see: See, address: str) -> None:
    """Refused for good (5xx): the gateway takes mail for its own domains only."""
    one = peer(gateway).greet()
    assert one.say("MAIL FROM:<>").startswith("250 "), "the null sender is a bounce's"
    answer = one.say(f"RCPT TO:<{address}>")
    see(answer[:9])
    assert answer.startswith("5")


def test_guessing_recipients(gateway: Gateway, peer: Dial, see: See) -> None:
    """Known and unknown recipients are answered alike."""
    assert gateway.api.put("/v1/identifiers/known@gw.example", json={}).status_code == 200
    one = peer(gateway).greet()
    one.say("MAIL FROM:<>")
    answers = {one.say(f"RCPT TO:<{name}@gw.example>") for name in ("known", "unknown")}
    answers |= {one.say(f"VRFY {name}") for name in ("known", "unknown")} - {one.say("VRFY x")}
    see("; ".join(sorted(answers)))
    assert len(answers) == 1


@pytest.mark.alone
def test_guessing_recipients_by_time(gateway: Gateway, peer: Dial, see: See) -> None:
    """Known and unknown recipients take alike, at RCPT and after the dot (medians within a half)."""
    assert gateway.api.put("/v1/identifiers/timed@gw.example", json={}).status_code == 200
    one = peer(gateway).greet()
    names = ("timed", "nobody")
    asked: dict[str, list[float]] = {name: [] for name in names}
    taken: dict[str, list[float]] = {name: [] for name in names}
    for _, name in product(range(30), names):
        one.say("MAIL FROM:<>")
        began = time.perf_counter()
        one.say(f"RCPT TO:<{name}@gw.example>")
        asked[name].append(time.perf_counter() - began)
        one.say("DATA")
        began = time.perf_counter()
        assert one.say(f"X-Copy: {began}\r\n\r\nhello\r\n.").startswith("250 ")
        taken[name].append(time.perf_counter() - began)
    ratios = [median(times["timed"]) / median(times["nobody"]) for times in (asked, taken)]
    see(", ".join(f"{ratio:.2f}" for ratio in ratios))
    assert all(2 / 3 < ratio < 3 / 2 for ratio in ratios)
