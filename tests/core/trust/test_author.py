"""An author is whoever provably wrote the mail, to this identifier, a moment ago (FACTS 29)."""

import base64
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.message import Envelope
from core.signatures import sealed_by, signed_author, signing_domains
from core.trust import TrustPolicy, Vouched, prove, vouch
from gateway.dns import Resolver

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
Compose = Callable[..., bytes]
Sign = Callable[..., bytes]


class NameServer(Protocol):
    """The DNS server in conftest."""

    records: dict[str, str]
    asked: list[str]
    silent: set[str]
    broken: set[str]


@pytest.fixture
def judge(resolver: Resolver, now: datetime) -> Callable[..., Vouched]:
    def judged(raw: bytes, *, names: tuple[str, ...] = ("alice@example.com",), at: datetime = now) -> Vouched:
        proof = prove(raw, Envelope(), policy=TrustPolicy(), now=at, txt=resolver.txt)
        return vouch(proof, identity_source="rcpt", names=names)

    return judged


Judge = Callable[..., Vouched]


def test_a_genuine_mail_has_its_author(judge: Judge, sign: Sign, compose: Compose) -> None:
    vouched = judge(sign(compose()))
    assert vouched.author == "bank.example"
    assert vouched.route == "open"
    assert "selector s1" in vouched.evidence


def test_a_subdomain_signs_for_its_organisation(judge: Judge, sign: Sign, compose: Compose) -> None:
    assert judge(sign(compose(), "mail.bank.example")).author == "bank.example"


def test_an_unsigned_mail_has_no_author(judge: Judge, compose: Compose) -> None:
    assert judge(compose()).author is None


def test_text_appended_under_a_length_tag_has_no_author(judge: Judge, sign: Sign, compose: Compose) -> None:
    raw = sign(compose(), length=True) + b"Or open https://evil.example/\r\n"
    assert judge(raw).author is None
    assert "l=" in judge(raw).evidence


def test_a_length_tag_alone_is_refused(judge: Judge, sign: Sign, compose: Compose) -> None:
    assert judge(sign(compose(), length=True)).author is None


def test_an_unsigned_content_type_that_was_swapped_has_no_author(
    judge: Judge, sign: Sign, compose: Compose
) -> None:
    raw = sign(compose(), include=(b"from", b"to", b"subject", b"date"))
    swapped = raw.replace(b"text/plain; charset=utf-8", b'multipart/mixed; boundary="code"')
    assert judge(swapped).author is None
    assert judge(raw).evidence.endswith("content-type is not signed")


def test_a_content_type_added_to_a_mail_without_one_has_no_author(
    judge: Judge, sign: Sign, compose: Compose
) -> None:
    raw = sign(compose(Content_Type=""), include=(b"from", b"to", b"subject", b"date"))
    assert judge(raw).author == "bank.example"
    assert judge(b"Content-Type: text/html\r\n" + raw).author is None


@pytest.mark.parametrize("bare", [b"\r", b"\n", b"\x00"])
def test_a_subject_forged_with_a_bare_line_end_has_no_author(
    judge: Judge, sign: Sign, compose: Compose, bare: bytes
) -> None:
    forged = b"X-Note: hello" + bare + b"Subject: Your code is 666666\r\n" + sign(compose())
    assert judge(forged).author is None


@pytest.mark.parametrize(
    "header", ["From: Bank <x@evil.example>", "Subject: 666666", "To: bob@example.com", "Date: now"]
)
@pytest.mark.parametrize("spelled", [str, str.upper, lambda text: text.replace(":", " :", 1)])
def test_a_prepended_header_has_no_author(
    judge: Judge, sign: Sign, compose: Compose, header: str, spelled: Callable[[str], str]
) -> None:
    assert judge(spelled(header).encode() + b"\r\n" + sign(compose())).author is None


def test_an_altered_body_has_no_author(judge: Judge, sign: Sign, compose: Compose) -> None:
    assert judge(sign(compose()).replace(b"482913", b"666666")).author is None


def test_an_expired_signature_has_no_author(
    judge: Judge, sign_with_tags: Callable[[str], bytes], now: datetime
) -> None:
    then = int(now.timestamp())
    assert judge(sign_with_tags(f"x={then + 60}")).author == "bank.example"
    assert judge(sign_with_tags(f"x={then - 60}")).author is None
    assert judge(sign_with_tags(f"x={then - 60}")).evidence.endswith("expired")


def test_a_signature_of_another_domain_has_no_author(judge: Judge, sign: Sign, compose: Compose) -> None:
    assert judge(sign(compose(), "evil.example")).author is None


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


def test_when_dns_does_not_answer_there_is_no_author(
    judge: Judge, sign: Sign, compose: Compose, nameserver: NameServer
) -> None:
    nameserver.silent.add("s1._domainkey.bank.example")
    vouched = judge(sign(compose()))
    assert vouched.author is None
    assert "DNS did not answer" in vouched.evidence


def test_when_dns_is_broken_there_is_no_author(
    judge: Judge, sign: Sign, compose: Compose, nameserver: NameServer
) -> None:
    nameserver.broken.add("s1._domainkey.bank.example")
    assert judge(sign(compose())).author is None


def test_a_genuine_mail_replayed_to_somebody_else_has_no_author(
    judge: Judge, sign: Sign, compose: Compose
) -> None:
    replayed = judge(sign(compose(To="mallory@evil.example")))
    assert replayed.author is None
    assert "wrote it to somebody else" in replayed.evidence


def test_an_alias_counts_as_the_identifier(judge: Judge, sign: Sign, compose: Compose) -> None:
    raw = sign(compose(To="Alice@Example.Com"))
    assert judge(raw, names=("+15551230000", "alice@example.com")).author == "bank.example"


def test_an_hour_later_the_same_mail_has_no_author(
    judge: Judge, sign: Sign, compose: Compose, now: datetime
) -> None:
    raw = sign(compose())
    assert judge(raw, at=now + timedelta(minutes=15)).author == "bank.example"
    assert judge(raw, at=now + timedelta(hours=1)).author is None


@pytest.mark.parametrize("date", ["never", "Mon, 32 Jan 2024 00:00:00 +0000", "Fri, 01 Jan 99999 00:00:00 +0000"])
def test_a_date_that_cannot_be_read_has_no_author(judge: Judge, sign: Sign, compose: Compose, date: str) -> None:
    assert judge(sign(compose(Date=date))).author is None


@pytest.mark.parametrize("name", ["To", "Subject", "Date"])
def test_what_is_not_signed_proves_nothing(judge: Judge, sign: Sign, compose: Compose, name: str) -> None:
    names = {b"from", b"to", b"subject", b"date", b"content-type"} - {name.lower().encode()}
    assert judge(sign(compose(), include=tuple(sorted(names)))).author is None


@pytest.mark.parametrize(
    "sender",
    [
        '"no-reply@bank.example" <evil@evil.example>',
        "no-reply@bank.example, evil@evil.example",
        "<no-reply@bank.example>evil@evil.example",
        "no-reply@bank.example\x00 <evil@evil.example>",
        "no-reply@bank.example (evil@evil.example)",
        "(a <no-reply@bank.example> b) evil@evil.example",
        "Bank: no-reply@bank.example;",
        "no-reply@b\u0430nk.example",
    ],
)
@pytest.mark.parametrize("signer", ["evil.example", "bank.example"])
def test_no_trap_in_from_is_trusted_as_the_bank(
    judge: Judge, sign: Sign, compose: Compose, sender: str, signer: str
) -> None:
    raw = compose(From="PLACE <x@y.example>").replace(b"PLACE <x@y.example>", sender.encode())
    assert judge(sign(raw, signer)).author != "bank.example"


def test_a_display_name_may_hold_letters_of_any_script(judge: Judge, sign: Sign, compose: Compose) -> None:
    sender = "=?utf-8?B?0JHQsNC90Lo=?= <no-reply@bank.example>"
    assert judge(sign(compose(From=sender))).author == "bank.example"


def test_forged_results_count_for_nothing(judge: Judge, compose: Compose) -> None:
    forged = compose(
        Authentication_Results="mx.google.com; dkim=pass header.d=bank.example; dmarc=pass",
        X_Forwarded_For="alice@example.com otp@gw.example",
    )
    vouched = judge(forged)
    assert (vouched.route, vouched.author) == ("open", None)


def test_endless_blanks_are_refused_before_they_cost_time(judge: Judge, sign: Sign, compose: Compose) -> None:
    raw = sign(compose()) + b" " * 500_000 + b"x\r\n"
    assert judge(raw).author is None


def test_a_key_of_many_thousand_bits_is_not_tried(sign: Sign, compose: Compose, now: datetime) -> None:
    number = b"\x02\x82\x10\x00\x7f" + b"\xff" * 4095  # an INTEGER of 32,767 bits, as modulus and exponent
    pair = b"\x03\x82\x20\x0d\x00\x30\x82\x20\x08" + number * 2
    key = b"\x30\x82\x20\x20\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00" + pair
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(key)
    before = time.monotonic()
    assert signed_author(sign(compose()), now=now, txt=lambda _: record).author is None
    assert time.monotonic() - before < 2


def test_whoever_forwards_a_block_does_not_write_what_it_holds(
    sign: Sign, compose: Compose, resolver: Resolver, now: datetime
) -> None:
    proof = prove(sign(compose()), Envelope(), policy=TrustPolicy(), now=now, txt=resolver.txt)
    authors = [
        vouch(proof, identity_source="rcpt", names=("alice@example.com",), sender_domain=inner).author
        for inner in ("", "mail.bank.example", "shop.example")
    ]
    assert authors == ["bank.example", "bank.example", None]


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.binary(max_size=60))
def test_any_bytes_are_judged(pieces: list[bytes], rest: bytes) -> None:
    raw = b"\r\n".join([*pieces, b"", rest])
    assert signed_author(raw, now=datetime.now(UTC), txt=lambda _: rest).author is None
    assert sealed_by(raw, lambda _: rest) == ""
    assert all(isinstance(domain, str) for domain in signing_domains(raw))


def test_verification_can_be_turned_off_but_is_on_by_default(
    sign: Sign, compose: Compose, resolver: Resolver, now: datetime
) -> None:
    assert TrustPolicy().verify
    proof = prove(sign(compose()), Envelope(), policy=TrustPolicy(verify=False), now=now, txt=resolver.txt)
    assert vouch(proof, identity_source="rcpt", names=("alice@example.com",)).author is None
