"""Two mails in one: every end of data that some other server takes for one."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.gateway.smtp.conftest import Gateway

FALSE_ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r.\n",
    b"\n.\r",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\0\r\n.\0\n",
    b"\r\r\n.\r\r\n",
    b"\r\n.\r\r\n",
    b"\r\r\n.\n",
    b"\n\n.\n\n",
    b"\n\r.\n\r",
    b"\r\n.\n\r\n",
    b"\r\n\r.\r\n",
    b"\n.\n.\r\n",
    b"\r\n.\x85",
    b"\x0b.\x0b\n",
    b"\x0c.\r",
]
SECOND_MAIL = b"MAIL FROM:<ceo@site.example>\r\nRCPT TO:<otp@gw.example>\r\nDATA\r\nsmuggled\r\n"
REFUSED = "550 5.6.0 bare CR, bare LF or NUL in the mail (trace1)"


@pytest.mark.parametrize("false_end", FALSE_ENDS, ids=repr)
def test_a_false_end_of_data_never_makes_two_mails(gateway: "Gateway", false_end: bytes) -> None:
    """FACTS 9: only CRLF.CRLF ends a mail; one with a bare CR, LF or NUL is refused as a whole."""
    peer = gateway.greeted()
    peer.open_mail().send(b"Subject: first\r\n\r\nfirst" + false_end + SECOND_MAIL + b".\r\n")
    assert peer.reply() == (
        REFUSED if set(b"\r\n\0") & set(false_end.replace(b"\r\n", b"")) else "250 2.0.0 stored trace1"
    )
    assert peer.say("NOOP") == "250 2.0.0 ok", "the session goes on, and nothing else was answered"
    assert len(gateway.stored) <= 1


def test_a_bare_line_feed_at_the_very_beginning_is_no_end(gateway: "Gateway") -> None:
    peer = gateway.greeted()
    peer.open_mail().send(b".\n" + SECOND_MAIL + b".\r\n")
    assert peer.reply() == REFUSED
    assert gateway.stored == []


def test_stuffed_dots_are_taken_out_and_nothing_else(gateway: "Gateway") -> None:
    peer = gateway.greeted()
    peer.open_mail().send(b"..\r\n...\r\n..a.\r\n .b\r\n..\r\n.\r\n")
    assert peer.reply().startswith("250 ")
    assert gateway.stored[0].raw == b".\r\n..\r\n.a.\r\n .b\r\n.\r\n"


@pytest.mark.parametrize("byte", [b"\r", b"\n", b"\0"])
def test_a_mail_with_a_bare_line_end_or_nul_is_not_stored(gateway: "Gateway", byte: bytes) -> None:
    """FACTS 9: Python's parser splits headers at bare CR and LF."""
    assert gateway.greeted().mail(b"Subject: a" + byte + b"From: b\r\n") == REFUSED
    assert gateway.stored == []
