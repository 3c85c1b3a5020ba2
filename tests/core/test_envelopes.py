"""RCPT takes mail for our domains and for no other, however the address is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.envelopes import as_secret_address, bare_address, mailbox_identifier, new_secret_address
from core.errors import ForeignDomainError
from core.recipients import check_domain

OURS = ["gw.example", "*.users.example", "b\u00fccher.example", "[192.0.2.1]"]


@pytest.mark.parametrize(
    "address",
    [
        "otp@gw.example",
        "<OTP@GW.EXAMPLE>",
        "otp+user=example.com@gw.example.",
        "any@alice.users.example",
        "x@xn--bcher-kva.example",
        "x@b\u00fccher.example",
        "user@[192.0.2.1]",
        "@relay.example,@other.example:otp@gw.example",
        "postmaster",
        "\u03b1\u03b2\u03b3@gw.example",
    ],
)
def test_mail_for_our_domains_is_taken(address: str) -> None:
    check_domain(address, OURS)


@pytest.mark.parametrize(
    "address",
    [
        "victim@other.example",
        "otp@gw.example.evil.example",
        "otp@evilgw.example",
        "any@users.example",
        "victim%other.example@gw.example",
        "other.example!victim@gw.example",
        '"victim@other.example"@gw.example',
        "victim@other.example@gw.example",
        "@gw.example:victim@other.example",
        "user@[192.0.2.2]",
        "user@[IPv6:::1]",
        "user",
        "@gw.example",
        "",
        "user@",
    ],
)
def test_mail_for_anybody_else_is_refused(address: str) -> None:
    with pytest.raises(ForeignDomainError):
        check_domain(address, OURS)


def test_without_domains_any_is_taken() -> None:
    check_domain("victim@other.example", [])


def test_secret_addresses_are_short_typeable_and_never_the_same() -> None:
    issued = {new_secret_address() for _ in range(200)}
    assert len(issued) == 200
    assert all(len(it) == 16 and not set(it) & set("ilou") for it in issued)


def test_a_secret_address_may_be_mistyped_and_tagged() -> None:
    assert as_secret_address("O1L0ABCDEFGHJKMN+tag") == "0110abcdefghjkmn"


@given(st.text(max_size=80))
def test_any_address_is_taken_or_refused(address: str) -> None:
    assert isinstance(bare_address(address), str)
    assert mailbox_identifier(address) == "" or "@" in mailbox_identifier(address)
    try:
        check_domain(address, OURS)
    except ForeignDomainError:
        return
    assert bare_address(address).lower() == "postmaster" or "@" in address
