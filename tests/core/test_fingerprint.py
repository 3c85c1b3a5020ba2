"""What makes two deliveries the same message (FACTS 15)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fingerprint import mark
from core.message import Channel, InboundMessage

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MAIL = b"From: a@acme.example\r\nSubject: Code\r\nMessage-ID: <1@acme.example>\r\n\r\nYour code is 482913\r\n"
ALICE, BOB = "alice@example.com", "bob@example.com"


def of_mail(raw: bytes, identifier: str = ALICE) -> str:
    return mark(
        InboundMessage(channel=Channel.EMAIL, door="smtp", received_at=NOW, trace_id="t", raw=raw), identifier
    )


def of_text(external_id: str, door: str = "hooks/sms", text: str = "Your code is 482913") -> str:
    message = InboundMessage(
        channel=Channel.SMS, door=door, received_at=NOW, trace_id="t", text=text, external_id=external_id
    )
    return mark(message, ALICE)


@pytest.mark.parametrize(
    "stamp",
    [
        b"Received: from a by b;\r\n\tMon, 23 Nov 2026 12:00:00 +0000\r\n",
        b"Return-Path: <bounce@acme.example>\r\n",
        b"DELIVERED-TO: alice@example.com\r\n",
        b"Authentication-Results: mx; dkim=pass\r\n dkim=fail\r\n",
        b"ARC-Seal: i=1\r\nARC-Message-Signature: i=1\r\nARC-Authentication-Results: i=1\r\n",
        b"X-Forwarded-To: otp@gw.example\r\nX-Forwarded-For: a b\r\n",
        b"X-Original-To: a\r\nX-Received: b\r\nX-Spam-Status: No\r\n",
        b"X-Mailgun-Incoming: Yes\r\nX-Envelope-From: <a@b.example>\r\nX-SES-Spam-Verdict: PASS\r\n",
        b"X-CF-SpamH-Score: 0\r\n",
    ],
)
def test_what_the_way_adds_does_not_count(stamp: bytes) -> None:
    assert of_mail(stamp + MAIL) == of_mail(MAIL)
    assert of_mail(MAIL.replace(b"Subject", stamp + b"Subject")) == of_mail(MAIL)


def test_blank_lines_at_the_end_do_not_count() -> None:
    """Mail programs add and drop them (RFC 6376, 3.4.3)."""
    assert of_mail(MAIL + b"\r\n\r\n") == of_mail(MAIL)


@pytest.mark.parametrize(
    "other",
    [
        MAIL.replace(b"482913", b"482914"),
        MAIL.replace(b"Subject: Code", b"Subject: Codes"),
        MAIL.replace(b"a@acme", b"b@acme"),
        MAIL + b"Received: a line of the text\r\n",
        MAIL.replace(b"\r\n\r\n", b"\r\n\r\nReceived: a line of the text\r\n"),
    ],
)
def test_what_the_sender_wrote_counts_whatever_the_message_id(other: bytes) -> None:
    """The Message-ID alone would let anyone suppress a real mail."""
    assert of_mail(other) != of_mail(MAIL)


def test_the_same_mail_for_another_is_another() -> None:
    assert of_mail(MAIL, ALICE) != of_mail(MAIL, BOB)


def test_a_senders_own_id_counts_and_belongs_to_its_door() -> None:
    assert of_text("SM1") == of_text("SM1", text="re-cut")
    assert of_text("SM1") != of_text("SM2")
    assert of_text("SM1") != of_text("SM1", door="hooks/other")


def test_a_push_without_a_name_is_a_new_one_each_time() -> None:
    assert of_text("") != of_text("")


@given(st.binary(), st.text(st.characters(exclude_categories=[])), st.text(st.characters(exclude_categories=[])))
def test_any_bytes_have_a_mark(raw: bytes, identifier: str, external_id: str) -> None:
    assert len(of_mail(raw, identifier)) == len(of_text(external_id)) == 64
    assert of_mail(raw, identifier) == of_mail(raw, identifier)
