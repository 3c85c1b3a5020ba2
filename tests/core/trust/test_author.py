"""An author is whoever provably wrote the mail, to this identifier, a moment ago (FACTS 29)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from core.message import Envelope
from core.trust import TrustPolicy, Vouched, prove, vouch
from gateway.dns import Resolver

Compose = Callable[..., bytes]
Sign = Callable[..., bytes]


class NameServer(Protocol):
    """The DNS server in conftest."""

    records: dict[str, str]
    asked: list[str]
    silent: set[str]
    broken: set[str]


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


def test_whoever_forwards_a_block_does_not_write_what_it_holds(
    sign: Sign, compose: Compose, resolver: Resolver, now: datetime
) -> None:
    proof = prove(sign(compose()), Envelope(), policy=TrustPolicy(), now=now, txt=resolver.txt)
    authors = [
        vouch(proof, identity_source="rcpt", names=("alice@example.com",), sender_domain=inner).author
        for inner in ("", "mail.bank.example", "shop.example")
    ]
    assert authors == ["bank.example", "bank.example", None]


def test_verification_can_be_turned_off_but_is_on_by_default(
    sign: Sign, compose: Compose, resolver: Resolver, now: datetime
) -> None:
    assert TrustPolicy().verify
    proof = prove(sign(compose()), Envelope(), policy=TrustPolicy(verify=False), now=now, txt=resolver.txt)
    assert vouch(proof, identity_source="rcpt", names=("alice@example.com",)).author is None
