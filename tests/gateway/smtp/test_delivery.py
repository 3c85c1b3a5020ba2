"""What is handed on, and what the peer hears about it."""

import asyncio
import socket
import struct
import time
from typing import TYPE_CHECKING

import pytest

from core.errors import ConfigurationError, OtpgateError, RefusedError, StoreFullError, StoreUnavailableError
from core.message import Channel, Envelope, InboundMessage
from gateway.smtp import Refusal

if TYPE_CHECKING:
    from tests.gateway.smtp.conftest import Gateway, OpenGateway

SECRET = "482913"


def until(condition: object) -> None:
    """Waits until the condition, a function, holds."""
    assert callable(condition)
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.005)


def test_a_message_carries_all_that_was_said(gateway: "Gateway") -> None:
    """FACTS 6: ORCPT is evidence of the recipient."""
    peer = gateway.greeted()
    peer.say("MAIL FROM:<bounces+user=example.com@site.example> RET=HDRS")
    peer.say("RCPT TO:<one@gw.example> ORCPT=rfc822;user+2Btag@example.com NOTIFY=NEVER")
    peer.say("RCPT TO:<other@foreign.example>")
    peer.say("RCPT TO:<two@gw.example>")
    peer.say("DATA")
    peer.send(b"Subject: \xff\r\n\r\n..\r\n.\r\n")
    assert peer.reply() == "250 2.0.0 stored trace1"
    message = gateway.stored[0]
    assert message.envelope == Envelope(
        mail_from="bounces+user=example.com@site.example",
        rcpt_to=("one@gw.example", "two@gw.example"),
        orcpt=("user+tag@example.com", ""),
        helo="client.example",
        peer="127.0.0.1",
    )
    assert (message.channel, message.door, message.trace_id) == (Channel.EMAIL, "smtp", "trace1")
    assert message.received_at.isoformat() == "2026-11-23T12:00:00+00:00"
    assert message.raw == b"Subject: \xff\r\n\r\n.\r\n"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (StoreUnavailableError(), "451 4.3.0 store unavailable (trace1)"),
        (StoreFullError("under 1 GB free"), "452 4.3.1 under 1 GB free (trace1)"),
        (RefusedError("no such thing\r\n250 ok é"), "550 5.7.1 no such thing  250 ok   (trace1)"),
        (ConfigurationError([SECRET]), "451 4.3.0 our own trouble, try again later (trace1)"),
        (OtpgateError(SECRET), "451 4.3.0 our own trouble, try again later (trace1)"),
        (ValueError(SECRET), "451 4.3.0 our own trouble, try again later (trace1)"),
        (ConnectionResetError(SECRET), "451 4.3.0 our own trouble, try again later (trace1)"),
        (EOFError(SECRET), "451 4.3.0 our own trouble, try again later (trace1)"),
        (asyncio.IncompleteReadError(SECRET.encode(), 9), "451 4.3.0 our own trouble, try again later (trace1)"),
    ],
    ids=repr,
)
def test_a_failure_is_temporary_unless_it_says_otherwise(
    open_gateway: "OpenGateway", capfd: pytest.CaptureFixture[str], error: Exception, expected: str
) -> None:
    """FACTS 1: aiosmtpd answers 500 with the exception's text: permanent, and it tells the peer."""

    async def deliver(_: InboundMessage) -> None:
        raise error

    gateway = open_gateway(deliver=deliver)
    peer = gateway.greeted()
    assert peer.mail() == expected
    assert peer.say("NOOP").startswith("250 "), "the session goes on"
    permanent = isinstance(error, RefusedError)
    assert gateway.notebook.refusals == [Refusal.MAIL if permanent else Refusal.MAIL_LATER]
    assert gateway.notebook.failures == ([] if permanent else [type(error).__name__])
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize("where", ["accept_recipient", "new_trace", "now"])
def test_trouble_in_any_of_our_functions_is_451(open_gateway: "OpenGateway", where: str) -> None:
    """FACTS 1."""

    def fail(*_: object) -> None:
        raise LookupError(SECRET)

    peer = open_gateway(**{where: fail}).greeted()
    peer.say("MAIL FROM:<>")
    reply = peer.say("RCPT TO:<otp@gw.example>")
    if where != "accept_recipient":
        peer.say("DATA")
        peer.send(b".\r\n")
        reply = peer.reply()
    assert reply.startswith("451 4.3.0 our own trouble, try again later")
    assert peer.say("NOOP").startswith("250 ")


def test_the_answer_waits_for_the_store(open_gateway: "OpenGateway") -> None:
    """Rule 1: 250 only after the message is on stable storage."""
    committed: list[float] = []

    async def deliver(_: InboundMessage) -> None:
        await asyncio.sleep(0.1)
        committed.append(time.monotonic())

    assert open_gateway(deliver=deliver).greeted().mail().startswith("250 ")
    assert committed[0] <= time.monotonic()


@pytest.mark.parametrize("way", ["half-close", "close", "reset"])
def test_a_mail_is_stored_even_if_its_peer_leaves_right_after_the_dot(
    open_gateway: "OpenGateway", way: str
) -> None:
    """FACTS 5: and without an answer, so that the peer will come again."""
    stored: list[InboundMessage] = []

    async def deliver(message: InboundMessage) -> None:
        await asyncio.sleep(0.05)
        stored.append(message)

    peer = open_gateway(deliver=deliver).greeted().open_mail()
    peer.send(b"hello\r\n.\r\n")
    if way == "half-close":
        peer.socket.shutdown(socket.SHUT_WR)
        assert peer.reply().startswith("250 "), "half a connection is enough for the answer"
    elif way == "reset":
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
    until(lambda: stored)


def test_a_script_may_send_everything_at_once_and_close_its_half(gateway: "Gateway") -> None:
    """FACTS 5: aiosmtpd cancels the session at end of file and loses the mail."""
    peer = gateway.connect()
    mail = b"MAIL FROM:<>\r\nRCPT TO:<otp@gw.example>\r\nDATA\r\nhello\r\n.\r\n"
    peer.send(b"EHLO a\r\n" + 2 * mail + b"QUIT\r\n")
    peer.socket.shutdown(socket.SHUT_WR)
    assert peer.rest().count(b"250 2.0.0 stored") == 2
    assert len(gateway.stored) == 2


def test_a_mail_that_breaks_off_is_not_stored(gateway: "Gateway") -> None:
    peer = gateway.greeted().open_mail()
    peer.send(b"Subject: half\r\n")
    peer.close()
    until(lambda: gateway.notebook.present == 0)
    assert gateway.stored == []


def test_long_lines_and_eight_bits_and_any_charset_pass_through(gateway: "Gateway") -> None:
    """FACTS 7: lines over 1,001 bytes get 500 from aiosmtpd; real HTML mail has them."""
    body = b"Subject: \xe9\r\n\r\n<p>" + b"x" * 100_000 + bytes(range(128, 256)) + b"\r\n"
    assert gateway.greeted().mail(body).startswith("250 ")
    assert gateway.stored[0].raw == body
