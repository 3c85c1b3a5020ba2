"""Addresses and parameters of MAIL and RCPT."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp.paths import original_recipient, read_path


@pytest.mark.parametrize(
    ("argument", "address", "domain"),
    [
        ("TO:<user@example.com>", "user@example.com", "example.com"),
        ("to: <user@example.com>", "user@example.com", "example.com"),
        ("TO:user@example.com", "user@example.com", "example.com"),
        ("TO:<a+caf_=b=c@example.com>", "a+caf_=b=c@example.com", "example.com"),
        ("TO:<.odd..dots.@example.com>", ".odd..dots.@example.com", "example.com"),
        ('TO:<"a b\\"c>"@example.com>', '"a b\\"c>"@example.com', "example.com"),
        ("TO:<@a.example,@b.example:user@example.com>", "user@example.com", "example.com"),
        ("TO:<user@[IPv6:::1]>", "user@[IPv6:::1]", "[IPv6:::1]"),
        ("TO:<jürgen@bücher.example>", "jürgen@bücher.example", "bücher.example"),
        ("TO:<postmaster>", "postmaster", ""),
        ("TO:<>", "", ""),
    ],
)
def test_an_address_is_read(argument: str, address: str, domain: str) -> None:
    path = read_path(argument, "TO:")
    assert path is not None
    assert (path.address, path.domain) == (address, domain)


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "TO:",
        "user@example.com",
        "FROM:<user@example.com>",
        "TO:<user@example.com",
        "TO:user@example.com>",
        "TO:<user@example.com>SIZE=1",
        "TO:<user @example.com>",
        "TO:<a@b@example.com>",
        "TO:<@a.example:>",
        "TO:<user@>",
        "TO:<user@exam\rple.com>",
        "TO:<us\0er@example.com>",
        "TO:<us\ufffder@example.com>",
        'TO:<"open@example.com>',
    ],
)
def test_what_is_no_address_is_not_guessed_at(argument: str) -> None:
    assert read_path(argument, "TO:") is None


def test_parameters_are_read_by_name() -> None:
    path = read_path("FROM:<a@b.example> size=12 AUTH=<> SMTPUTF8 X=a=b", "FROM:")
    assert path is not None
    assert path.parameters == {"SIZE": "12", "AUTH": "<>", "SMTPUTF8": "", "X": "a=b"}


@given(st.text(st.sampled_from('<>@:,"\\ a.[]\r\n\0é+')))
def test_any_text_is_an_address_of_one_line_or_none(text: str) -> None:
    path = read_path("TO:" + text, "TO:")
    assert path is None or not set("\r\n\0") & set(path.address)


@pytest.mark.parametrize("text", ["<" * 4000, '<"' + "\\a" * 2000, "<@" + "a,@" * 1300, "<" + "a@" * 2000])
def test_a_hostile_address_takes_no_time(text: str) -> None:
    """It is bounded by the command line; a pattern that backtracks would hang here."""
    assert read_path("TO:" + text, "TO:") is None


@pytest.mark.parametrize(
    ("orcpt", "address"),
    [
        ("rfc822;user@example.com", "user@example.com"),
        ("RFC822;User+2Btag@example.com", "User+tag@example.com"),
        ("rfc822;j+C3+BCrgen@example.com", "jürgen@example.com"),
        ("rfc822;user+tag@example.com", "user+tag@example.com"),
        ("rfc822;a+0D+0Ab@example.com", ""),
        ("rfc822;", ""),
        ("x400;/C=US/", ""),
        ("user@example.com", ""),
        ("", ""),
    ],
)
def test_the_original_recipient_is_decoded(orcpt: str, address: str) -> None:
    """FACTS 6: ORCPT is evidence of the recipient (RFC 3461, 4.2); some senders forget to encode a plus."""
    assert original_recipient(orcpt) == address


@given(st.text(st.sampled_from("rfc822;+0AFé@a.")))
def test_any_orcpt_is_an_address_or_nothing(orcpt: str) -> None:
    assert "\n" not in original_recipient("rfc822;" + orcpt)
