"""Whatever comes in, the door answers in SMTP, says nothing to the log and goes on."""

import logging
import re
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.gateway.smtp.conftest import Gateway

CODE = "482913"
words = st.sampled_from(
    [
        b"EHLO a\r\n",
        b"HELO \xff\r\n",
        b"MAIL FROM:<a@b.example>\r\n",
        b"MAIL FROM:",
        b"RCPT TO:<otp@gw.example>\r\n",
        b"RCPT TO:<\0@gw.example>\r\n",
        b"DATA\r\n",
        b"hello\r\n.\r\n",
        b"\r\n.\r\n",
        b".\n",
        b"STARTTLS\r\n",
        b"AUTH PLAIN\r\n",
        b"RSET\r\n",
        b"\r",
        b"\n",
        b"QUIT\r\n",
    ]
)


@settings(max_examples=60)
@given(st.lists(st.one_of(words, st.binary(max_size=20)), max_size=20).map(b"".join))
def test_any_bytes_are_answered_in_smtp(gateway: "Gateway", said: bytes) -> None:
    """The `loop` fixture fails this test if anything was left to asyncio's exception handler."""
    peer = gateway.connect()
    peer.send(said)
    peer.socket.shutdown(socket.SHUT_WR)
    answers = peer.rest().decode()
    peer.close()
    assert re.fullmatch(r"(?:\d{3}[ -][ -~]*\r\n)+", answers), answers
    assert gateway.notebook.failures == []


def test_nothing_that_was_said_is_logged(
    gateway: "Gateway", caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """FACTS 8: at DEBUG, aiosmtpd prints every line of a mail."""
    caplog.set_level(logging.DEBUG)
    peer = gateway.greeted()
    peer.say(f"AUTH PLAIN {CODE}")
    peer.say(f"{CODE}")
    assert peer.mail(f"Subject: {CODE} is your code\r\n\r\n{CODE}\r\n".encode()).startswith("250 ")
    assert peer.mail(f"Subject: {CODE}\n\r\n".encode()).startswith("550 ")
    assert CODE not in caplog.text + "".join(capfd.readouterr()) + repr(gateway.stored)
