"""What one client may take, and how others fare meanwhile."""

import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.smtp import Refusal, SmtpSettings
from tests.bounds import soonest

if TYPE_CHECKING:
    from tests.gateway.smtp.conftest import Gateway, OpenGateway
    from tests.peers import Peer

MIB = 2**20
STATM = Path("/proc/self/statm")


def memory() -> int:
    """Resident bytes of this process, which is the gateway's too."""
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def send_until_cut(peer: "Peer", data: bytes, *, at_most: int) -> int:
    """The bytes that went out before the server closed, or made us wait for long."""
    sent = 0
    peer.socket.settimeout(0.5)
    with suppress(OSError):
        while sent < at_most:
            sent += peer.socket.send(data)
    return sent


def test_one_address_has_twenty_connections_and_others_are_served(gateway: "Gateway") -> None:
    """FACTS 3: aiosmtpd has no connection limit of any sort."""
    crowd = [gateway.connect() for _ in range(25)]
    banners = [peer.line()[:3] for peer in crowd]
    assert sorted(banners) == ["220"] * 20 + ["421"] * 5
    assert gateway.notebook.refusals == [Refusal.ADDRESS_FULL] * 5
    assert gateway.connect(source="127.0.0.2").greet().mail().startswith("250 ")
    crowd[banners.index("220")].say("QUIT")
    assert gateway.greeted().mail().startswith("250 "), "a place that was left is free again"


@pytest.mark.alone
def test_two_thousand_idle_connections_from_many_addresses_do_not_keep_mail_out(gateway: "Gateway") -> None:
    """FACTS 3 and 4: at most 500 at once; the one idle for longest makes room, with 421."""
    crowd = [gateway.connect(source=f"127.0.{1 + n // 100}.{1 + n % 100}") for n in range(2000)]
    answer, took = soonest(lambda: gateway.greeted().mail(), wanted=2)
    assert answer.startswith("250 ")
    assert took < 2
    assert gateway.notebook.present <= 500
    assert crowd[-1].line().startswith("220 ")
    first_out = crowd[0].rest().decode().splitlines()
    assert [line[:9] for line in first_out] in (["220 otpga", "421 4.3.2"], ["421 4.3.2"])


def test_connections_that_are_at_work_make_no_room(open_gateway: "OpenGateway") -> None:
    gateway = open_gateway(settings=SmtpSettings(max_connections=2))
    busy = [gateway.greeted().open_mail(), gateway.greeted().open_mail()]
    assert gateway.connect().line().startswith("421 4.3.2 too many connections")
    for peer in busy:
        peer.send(b".\r\n")
        assert peer.reply().startswith("250 ")


def test_whoever_drips_a_mail_makes_room_for_a_newcomer(open_gateway: "OpenGateway") -> None:
    gateway = open_gateway(settings=SmtpSettings(max_connections=2, slow_seconds=0.1))
    slowest, slow = gateway.greeted().open_mail(), gateway.greeted().open_mail()
    time.sleep(0.2)
    slow.send(b"a")
    assert gateway.greeted().mail().startswith("250 ")
    assert slowest.reply().startswith("421 4.3.2 too slow")
    slow.send(b"\r\n.\r\n")
    assert slow.reply().startswith("250 ")


@pytest.mark.parametrize("command", ["NOOP", "RSET", "VRFY x", "HELP", "EHLO a"])
def test_commands_that_lead_nowhere_end_the_session(gateway: "Gateway", command: str) -> None:
    """FACTS 3: each valid command resets aiosmtpd's time-out, so NOOP holds a session for ever."""
    peer = gateway.connect()
    assert peer.reply().startswith("220 ")
    replies = [peer.say(command) for _ in range(20)]
    assert not any(reply.startswith("421") for reply in replies)
    assert peer.say(command) or peer.reply() == ""
    assert gateway.notebook.refusals == [Refusal.TOO_MUCH_JUNK]


def test_errors_end_the_session(gateway: "Gateway") -> None:
    peer = gateway.greeted()
    peer.send(b"WHAT\r\n" * 25)
    answers = peer.rest().decode().splitlines()
    assert [line[:3] for line in answers] == ["500"] * 5 + ["421"]


def test_refused_recipients_end_the_session_only_when_they_are_many(gateway: "Gateway") -> None:
    peer = gateway.greeted()
    peer.say("MAIL FROM:<a@site.example>")
    replies = [peer.say(f"RCPT TO:<user{n}@other.example>")[:9] for n in range(20)]
    assert replies == ["550 5.7.1"] * 19 + ["421 4.7.0"], "EHLO was the first of the twenty"


def test_counters_start_again_after_an_accepted_mail(gateway: "Gateway") -> None:
    peer = gateway.greeted()
    for _ in range(4):
        for _ in range(5):
            assert peer.say("WHAT").startswith("500 ")
        for _ in range(15):
            assert peer.say("RSET").startswith("250 ")
        assert peer.mail().startswith("250 ")


def test_after_a_hundred_recipients_the_rest_is_put_off_without_harm(gateway: "Gateway") -> None:
    """FACTS 3: 2,000 RCPT were accepted. 452 is no error of the session."""
    peer = gateway.greeted()
    peer.say("MAIL FROM:<a@site.example>")
    replies = [peer.say(f"RCPT TO:<user{n}@gw.example>")[:9] for n in range(150)]
    assert replies == ["250 2.1.5"] * 100 + ["452 4.5.3"] * 50
    peer.say("DATA")
    peer.send(b".\r\n")
    assert peer.reply().startswith("250 ")
    assert len(gateway.stored[0].envelope.rcpt_to) == 100
    assert peer.mail().startswith("250 ")


def test_a_mail_over_the_limit_is_refused_at_the_dot_and_the_session_goes_on(open_gateway: "OpenGateway") -> None:
    gateway = open_gateway(settings=SmtpSettings(max_message_bytes=MIB))
    peer = gateway.greeted()
    assert peer.mail(b"a" * 70 * 1024 + b"\r\n" + b"b" * MIB + b"\r\n").startswith("552 5.3.4 ")
    assert peer.mail().startswith("250 ")
    assert len(gateway.stored) == 1


@pytest.mark.skipif(not STATM.exists(), reason="there is no /proc to read memory use from (Linux)")
def test_a_flood_without_a_line_end_is_cut_and_takes_no_memory(gateway: "Gateway") -> None:
    """FACTS 2: 200 MB under a 1 MiB limit grew aiosmtpd's memory by 200 MB."""
    peer = gateway.greeted().open_mail()
    before = memory()
    sent = send_until_cut(peer, b"a" * MIB, at_most=200 * MIB)
    assert sent < 200 * MIB
    assert memory() - before < 20 * MIB
    assert gateway.greeted().mail().startswith("250 ")


def test_a_command_without_an_end_is_cut(gateway: "Gateway") -> None:
    peer = gateway.greeted()
    peer.send(b"A" * 5000)
    assert peer.reply().startswith("421 4.7.0 ")
    assert peer.rest() == b""


@pytest.mark.parametrize("drip", [b"N", b"NOOP\r\n", b""], ids=["bytes", "commands", "silence"])
def test_a_session_without_a_mail_ends_at_its_cap(open_gateway: "OpenGateway", drip: bytes) -> None:
    """FACTS 3."""
    gateway = open_gateway(settings=SmtpSettings(session_seconds=2, max_junk=1000))
    peer = gateway.greeted()
    stop = threading.Event()

    def send_slowly() -> None:
        with suppress(OSError):
            while not stop.wait(0.05):
                peer.send(drip)

    dripping = threading.Thread(target=send_slowly)
    dripping.start()
    assert gateway.connect().greet().mail().startswith("250 ")
    assert b"421 4.4.2 timed out\r\n" in peer.rest()
    stop.set()
    dripping.join()


def test_a_mail_that_drips_in_ends_at_the_cap(open_gateway: "OpenGateway") -> None:
    gateway = open_gateway(settings=SmtpSettings(session_seconds=2))
    peer = gateway.greeted().open_mail()
    for _ in range(4):
        peer.send(b"a")
        time.sleep(0.05)
    assert peer.reply() == "421 4.4.2 timed out"
    assert gateway.stored == []


def test_an_idle_session_ends_and_one_at_work_does_not(open_gateway: "OpenGateway") -> None:
    gateway = open_gateway(settings=SmtpSettings(idle_seconds=2))
    idle, working = gateway.greeted(), gateway.greeted().open_mail()
    for _ in range(8):
        time.sleep(0.4)
        working.send(b"a line\r\n")
    assert idle.reply() == "421 4.4.2 timed out"
    working.send(b".\r\n")
    assert working.reply().startswith("250 ")


def test_a_peer_that_sends_far_ahead_has_to_wait_and_is_answered_in_full(gateway: "Gateway") -> None:
    peer = gateway.greeted()
    peer.say("MAIL FROM:<a@site.example>")
    peer.send(b"RCPT TO:<user@gw.example>\r\n" * 10_000 + b"DATA\r\nhello\r\n.\r\n")
    replies = [peer.reply()[:3] for _ in range(10_002)]
    assert replies == ["250"] * 100 + ["452"] * 9900 + ["354", "250"]


def test_a_peer_that_is_still_sending_hears_why_it_is_turned_away(gateway: "Gateway") -> None:
    """Closing a socket with unread bytes resets it, and the answer would be lost."""
    peer = gateway.connect()
    peer.send(b"POST / HTTP/1.1\r\n\r\n" + b"a=b&" * MIB)
    assert peer.reply().startswith("220 ")
    assert peer.reply() == "421 4.7.0 this is SMTP"


def test_a_peer_that_never_reads_is_cut(open_gateway: "OpenGateway") -> None:
    gateway = open_gateway(settings=SmtpSettings(idle_seconds=0.3, linger_seconds=0.1, max_junk=10**9))
    peer = gateway.greeted()
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sent = send_until_cut(peer, b"VRFY x\r\n" * 10_000, at_most=200 * MIB)
    assert sent < 50 * MIB, "it had to wait"
    end = time.monotonic() + 60
    while gateway.notebook.present:
        assert time.monotonic() < end
        time.sleep(0.02)
