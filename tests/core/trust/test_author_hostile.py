"""Mails made to cost time or to crash the checks have no author, at once."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from hypothesis import given
from hypothesis import strategies as st

from core.signatures import sealed_by, signed_author, signing_domains
from core.trust import Vouched
from tests.bounds import within

Compose = Callable[..., bytes]
Sign = Callable[..., bytes]


class NameServer(Protocol):
    """The DNS server in conftest."""

    records: dict[str, str]
    asked: list[str]
    silent: set[str]
    broken: set[str]


Judge = Callable[..., Vouched]

PIECES = [
    b"From: a@bank.example",
    b"To: alice@example.com",
    b"Subject: x",
    b"Date: Tue, 3 Mar 2026 09:14:02 +0000",
    b"DKIM-Signature: v=1; a=rsa-sha256; d=bank.example; s=s1; h=from:to:subject:date; bh=AAAA; b=AAAA",
    b"DKIM-Signature: ;;=",
    b"DKIM-Signature: v=1; x=y; l=",
    b"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=seal.example; s=s1; b=AAAA",
    b"ARC-Message-Signature: i=1; a=rsa-sha256; d=seal.example; s=s1; h=from; bh=AAAA; b=AAAA",
    b"ARC-Authentication-Results: i=1; x; dkim=pass",
    b" folded",
    b"no colon",
    b": nothing",
]


def test_two_hundred_signatures_have_no_author_and_cost_no_questions(
    judge: Judge, sign: Sign, compose: Compose, nameserver: NameServer
) -> None:
    raw = sign(compose())
    signature = raw[: raw.index(b"From:")]
    assert judge(signature * 199 + raw).author is None
    assert nameserver.asked == []


def test_five_signatures_are_tried(judge: Judge, sign: Sign, compose: Compose) -> None:
    raw = sign(compose())
    broken = re.sub(rb"bh=....", b"bh=AAAA", raw[: raw.index(b"From:")])
    assert judge(broken * 4 + raw).author == "bank.example"


def test_endless_blanks_are_refused_before_they_cost_time(judge: Judge, sign: Sign, compose: Compose) -> None:
    raw = sign(compose()) + b" " * 500_000 + b"x\r\n"
    assert judge(raw).author is None


def test_a_key_of_many_thousand_bits_is_not_tried(sign: Sign, compose: Compose, now: datetime) -> None:
    number = b"\x02\x82\x10\x00\x7f" + b"\xff" * 4095  # an INTEGER of 32,767 bits, as modulus and exponent
    pair = b"\x03\x82\x20\x0d\x00\x30\x82\x20\x08" + number * 2
    key = b"\x30\x82\x20\x20\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00" + pair
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(key)
    with within(2):
        assert signed_author(sign(compose()), now=now, txt=lambda _: record).author is None


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.binary(max_size=60))
def test_any_bytes_are_judged(pieces: list[bytes], rest: bytes) -> None:
    raw = b"\r\n".join([*pieces, b"", rest])
    assert signed_author(raw, now=datetime.now(UTC), txt=lambda _: rest).author is None
    assert sealed_by(raw, lambda _: rest) == ""
    assert all(isinstance(domain, str) for domain in signing_domains(raw))
