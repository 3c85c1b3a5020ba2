"""The bytes of one mail: where it ends, what is kept, what is refused."""

import re
import smtplib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BusyError, MalformedMailError, MessageTooLargeError
from gateway.smtp.maildata import MailData, Room

ROOM = 2**30
wire_bytes = st.lists(
    st.sampled_from([b"\r", b"\n", b".", b"..", b"a", b"\0", b"\r\n", b"\r\n.", b"\r\n.\r", b"\r\n.\r\n"]),
    max_size=12,
).map(b"".join)
mails = st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a.", b"\xff", b"word"]), max_size=8).map(
    lambda lines: b"".join(line + b"\r\n" for line in lines)
)


def new_mail(*, max_bytes: int = 1000, max_line_bytes: int = 1000, room: Room | None = None) -> MailData:
    return MailData(max_bytes=max_bytes, max_line_bytes=max_line_bytes, room=room or Room(limit=ROOM))


def stuffed(mail: bytes) -> bytes:
    """What a client sends for it, by RFC 5321, 4.5.2."""
    return re.sub(rb"(?m)^\.", b"..", mail) + b".\r\n"


@st.composite
def chunked(draw: st.DrawFn, source: st.SearchStrategy[bytes]) -> list[bytes]:
    data = draw(source)
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=6)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@given(chunked(mails.map(stuffed)))
def test_a_stuffed_mail_comes_out_byte_for_byte_however_it_was_cut(chunks: list[bytes]) -> None:
    mail = new_mail()
    assert b"".join(mail.feed(chunk) for chunk in chunks) == b""
    assert mail.complete
    assert stuffed(mail.take()) == b"".join(chunks)


@given(chunked(wire_bytes))
def test_only_crlf_dot_crlf_ends_a_mail(chunks: list[bytes]) -> None:
    """FACTS 9: `LF.LF`, `LF.CRLF`, `CR.CR` and their like are part of the mail, which is refused."""
    mail = new_mail()
    rest = b"".join(mail.feed(chunk) for chunk in chunks)
    body, end, expected = (b"\r\n" + b"".join(chunks)).partition(b"\r\n.\r\n")
    assert mail.complete == (end != b"")
    assert rest == expected
    if mail.complete and (re.search(rb"\r(?!\n)|(?<!\r)\n|\0", body + b"\r\n")):
        with pytest.raises(MalformedMailError):
            mail.take()


@given(st.text(st.sampled_from(".\r\na ")), st.integers(1, 9))
def test_what_pythons_own_client_sends_comes_out_as_it_was_given(text: str, size: int) -> None:
    given_mail = re.sub(r"\r\n|\n|\r(?!\n)", "\r\n", text).encode()
    sent = smtplib._quote_periods(given_mail)  # type: ignore[attr-defined] # noqa: SLF001 - not public
    sent += b".\r\n" if sent.endswith(b"\r\n") or not sent else b"\r\n.\r\n"
    mail = new_mail()
    for start in range(0, len(sent), size):
        assert mail.feed(sent[start : start + size]) == b""
    assert mail.take() in {given_mail, given_mail + b"\r\n"}


def test_a_dot_alone_is_an_empty_mail() -> None:
    mail = new_mail()
    assert mail.feed(b".\r\nQUIT\r\n") == b"QUIT\r\n"
    assert mail.take() == b""


def test_what_comes_after_the_end_is_left_alone() -> None:
    mail = new_mail()
    mail.feed(b"a\r\n.\r\n")
    assert mail.feed(b"NOOP\r\n") == b"NOOP\r\n"
    assert mail.take() == b"a\r\n"


def test_a_mail_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    fits = new_mail(max_bytes=100)
    fits.feed(b"a" * 95 + b"\r\n.\r\n")
    assert len(fits.take()) == 97
    too_large = new_mail(max_bytes=100)
    too_large.feed(b"a" * 96 + b"\r\n.\r\n")
    with pytest.raises(MessageTooLargeError, match="larger than 100 bytes"):
        too_large.take()


def test_of_a_mail_that_is_too_large_nothing_is_kept_but_its_end_is_found() -> None:
    room = Room(limit=ROOM)
    mail = new_mail(max_bytes=100, room=room)
    mail.feed(b"a" * 150 + b"\r\n.")
    assert room.used < 10
    assert not mail.complete
    assert mail.feed(b"\r\nNOOP\r\n") == b"NOOP\r\n"
    with pytest.raises(MessageTooLargeError):
        mail.take()


def test_a_mail_twice_too_large_is_not_waited_for() -> None:
    mail = new_mail(max_bytes=100)
    mail.feed(b"a" * 200)
    assert not mail.endless
    mail.feed(b"a")
    assert mail.endless


def test_a_line_that_does_not_end_is_not_kept() -> None:
    """FACTS 2: an endless line grew aiosmtpd's memory past its limit."""
    room = Room(limit=ROOM)
    mail = new_mail(max_bytes=10_000, max_line_bytes=100, room=room)
    for _ in range(11):
        mail.feed(b"a" * 10)
    assert room.used < 10
    mail.feed(b"\r\n.\r\n")
    with pytest.raises(MessageTooLargeError, match="line longer than 100 bytes"):
        mail.take()


def test_long_lines_of_real_mail_are_taken() -> None:
    """FACTS 7: lines over 1,001 bytes, which real HTML mail has, are 500 to aiosmtpd."""
    mail = new_mail(max_bytes=10_000, max_line_bytes=5000)
    mail.feed(b"a" * 5000 + b"\r\n.\r\n")
    assert len(mail.take()) == 5002


def test_mails_that_fill_the_shared_room_are_put_off_and_give_it_back() -> None:
    room = Room(limit=100)
    first, second = new_mail(room=room), new_mail(room=room)
    first.feed(b"a" * 60)
    second.feed(b"a" * 60 + b"\r\n.\r\n")
    with pytest.raises(BusyError):
        second.take()
    first.feed(b"\r\n.\r\n")
    assert len(first.take()) == 62
    assert room.used > 60, "still being stored"
    first.release()
    second.release()
    assert room.used == 0
