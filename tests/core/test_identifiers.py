"""Mailboxes and numbers as people write them become one identifier."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidIdentifierError
from core.identifiers import normalize, organizational_domain


@pytest.mark.parametrize(
    "written",
    ["+15551230000", "+1 (555) 123-0000", "(+1) 555 123 0000", "tel:+15551230000", "+1 555\u2011123\u20110000",
     "+1.555.123.0000", "\u200e+15551230000\u200e", "+１５５５１２３００００"],
)  # fmt: skip
def test_an_international_number_may_be_written_with_any_separators(written: str) -> None:
    assert normalize(written) == "+15551230000"


@pytest.mark.parametrize("written", ["(555) 123-0000", "(555)123-0000", "555-123-0000", "5551230000"])
def test_a_national_number_is_read_by_the_default_region(written: str) -> None:
    assert normalize(written, "us") == "+15551230000"


@pytest.mark.parametrize(
    ("written", "identifier"),
    [("User@Example.COM", "user@example.com"), ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
     ("Jörg@example.com", "jörg@example.com"), (" a+tag@example.com ", "a+tag@example.com")],
)  # fmt: skip
def test_a_mailbox_is_case_folded_with_its_domain_in_ascii(written: str, identifier: str) -> None:
    assert normalize(written) == identifier


def test_a_short_code_stays_as_it_is() -> None:
    assert normalize("12345") == "12345"


@pytest.mark.parametrize("written", ["", "user", "555-123-0000", "a b@c.d", "a@", "@b.example", "+1", "a@b@c.d"])
def test_anything_else_is_refused_with_what_to_write_instead(written: str) -> None:
    with pytest.raises(InvalidIdentifierError, match=r"\+15551230000"):
        normalize(written)


@given(st.text(max_size=400))
def test_any_text_is_an_identifier_or_refused_and_an_identifier_stays_one(written: str) -> None:
    try:
        identifier = normalize(written)
    except InvalidIdentifierError:
        return
    assert normalize(identifier) == identifier


def test_senders_are_told_apart_by_their_registrable_domain() -> None:
    assert organizational_domain("mail.accounts.bank.co.uk") == "bank.co.uk"
    assert organizational_domain("localhost") == "localhost"
