"""Mails put together again from what a provider parsed, and their envelopes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import InvalidRequestError
from core.mime import read
from gateway.webhooks.mail import MOST_RECIPIENTS, Body, addressed, compose, pairs, with_crlf

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=200)


@given(text=TEXTS, html=TEXTS)
@example(text="", html="\f")
def test_text_and_html_are_read_as_they_were_given(text: str, html: str) -> None:
    mail = read(compose([("Subject", "Code")], Body(content=text.encode()), Body(content=html.encode())))
    assert (mail.subject, mail.faults) == ("Code", ())
    assert mail.html == html
    assert mail.text in (text, "")  # text that is HTML in all but name is read as such


@given(name=st.text(max_size=30), value=st.text(max_size=200))
def test_no_header_ends_early_or_begins_another(name: str, value: str) -> None:
    raw = compose([("X-First", "1"), (name, value), ("X-Last", "2")], Body(content=b"Code 482913"), Body())
    mail = read(raw)
    assert (mail.headers.first("x-first"), mail.headers.first("x-last"), mail.text) == ("1", "2", "Code 482913")
    assert len(mail.headers.fields) <= 5


@pytest.mark.parametrize(
    "header", ["Content-Type", "content-transfer-encoding", "MIME-Version", "DKIM-Signature", "ARC-Seal"]
)
def test_headers_that_were_true_of_other_bytes_are_left_out(header: str) -> None:
    raw = compose([(header, "of the original")], Body(content=b"x"), Body())
    assert b"of the original" not in raw


def test_the_same_mail_makes_the_same_bytes() -> None:
    """So it counts once, however often its provider comes back."""
    made = [compose([("Subject", "Code")], Body(content=b"a"), Body(content=b"b")) for _ in range(2)]
    assert made[0] == made[1]


def test_a_charset_that_is_none_does_not_break_out() -> None:
    mail = read(compose([], Body(content="ü".encode(), charset='x"\r\nX-Evil: 1\r\n\r\n'), Body()))
    assert (mail.text, mail.headers.first("x-evil")) == ("ü", "")


@pytest.mark.parametrize(
    ("raw", "made"),
    [(b"a\nb\n", b"a\r\nb\r\n"), (b"a\r\nb\n", b"a\r\nb\n"), (b"a\rb\n", b"a\rb\n"), (b"", b""), (b"a", b"a")],
)
def test_line_ends_are_mended_only_where_all_lost_their_cr(raw: bytes, made: bytes) -> None:
    assert with_crlf(raw) == made


@pytest.mark.parametrize(
    "rcpt_to",
    [None, "", [], [""], 7, {"a": 1}, ["a@b\r\nX: y"], ["a\0@b"], ["\ud800@b"], ["a" * 400], ["a@b"] * 101],
)
def test_an_envelope_without_recipients_that_could_be_is_a_clear_400(rcpt_to: object) -> None:
    with pytest.raises(InvalidRequestError, match=f"envelope.to should name 1 to {MOST_RECIPIENTS}"):
        addressed(b"", rcpt_to=rcpt_to, mail_from="", field_name="envelope.to")


def test_an_envelope_is_taken_as_it_is_written() -> None:
    mail = addressed(b"raw", rcpt_to=[" a@b ", "c@d"], mail_from="<e@f>", field_name="x")
    assert (mail.rcpt_to, mail.mail_from) == (("a@b", "c@d"), "e@f")
    assert addressed(b"", rcpt_to="a@b", mail_from=None, field_name="x").mail_from == ""
    assert addressed(b"", rcpt_to="a@b", mail_from="a\nb", field_name="x").mail_from == ""


def test_headers_come_as_pairs_or_objects_and_anything_else_is_passed_over() -> None:
    headers = [["A", "1"], {"Name": "B", "Value": "2"}, {"name": "C", "value": "3"}, ["D"], ["E", 5], 6, None, {}]
    assert pairs(headers, "x") == [("A", "1"), ("B", "2"), ("C", "3")]
    with pytest.raises(InvalidRequestError, match="message-headers"):
        pairs({}, "message-headers")
