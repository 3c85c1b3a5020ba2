"""API keys, and the patterns that narrow them: in Python and in SQL they must mean the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import access
from core.errors import InvalidRequestError, UnauthenticatedError
from core.store import ApiKey, History, Page
from tests.shelves import Shelf

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def key_for(*only: str) -> ApiKey:
    return ApiKey(id="k", name="k", scopes=("read",), only=only, created_at=NOW)


@pytest.mark.parametrize(
    ("only", "identifier", "seen"),
    [
        ((), "user@acme.com", True),
        (("*@acme.com",), "user@acme.com", True),
        (("*@acme.com",), "user@acme.com.evil.example", False),
        (("*@acme.com",), "user@notacme.com", False),
        (("+1555*",), "+15551230000", True),
        (("+1555*",), "+25551230000", False),
        (("user?@acme.com",), "user1@acme.com", True),
        (("user?@acme.com",), "user@acme.com", False),
        (("[abc]@acme.com",), "a@acme.com", False),
        (("x@a.example", "*@b.example"), "y@b.example", True),
        (("a_b@acme.com",), "axb@acme.com", False),
        (("100%@acme.com",), "100x@acme.com", False),
    ],
)
def test_a_pattern_narrows_a_key(only: tuple[str, ...], identifier: str, *, seen: bool) -> None:
    assert access.may_see(key_for(*only), identifier) is seen


pieces = st.text(alphabet="ab*?%_\\[]^-!@.", max_size=6)


@given(pattern=pieces, name=st.text(alphabet="ab%_\\[]^-!@.", min_size=1, max_size=6))
@settings(max_examples=60)
def test_lists_are_narrowed_as_single_things_are(shelf: Shelf, pattern: str, name: str) -> None:
    """A list that says more than a look-up would tell a narrow key what it may not know."""
    code = shelf.arrive(name)
    page = Page(limit=1, only=(pattern,))
    wanted = History(now=shelf.clock(), identifier=name, since=code.received_at)
    listed = shelf.store.codes.history(wanted, page) != []
    assert listed is access.may_see(key_for(pattern), name)


def test_a_right_key_is_known_and_any_other_is_not() -> None:
    text, record, digest = access.mint("ci", ["read", "read"], ["*@A.com"], timedelta(days=1), NOW)
    assert (record.scopes, record.only) == (("read",), ("*@a.com",))

    def find(key_id: str) -> tuple[ApiKey, str] | None:
        return (record, digest) if key_id == record.id else None

    assert access.verify(f" {text}\n", find, NOW) == record
    wrong = [
        text[:-1],
        text + "0",
        text.replace("otpgate", "otpgatf"),
        text.upper(),
        "",
        "otpgate__",
        "é",
        "\ud800",
    ]
    for other in wrong:
        with pytest.raises(UnauthenticatedError):
            access.verify(other, find, NOW)
    with pytest.raises(UnauthenticatedError):
        access.verify(text, find, NOW + timedelta(days=1))
    for revoked in (NOW, NOW - timedelta(days=1)):
        record = replace(record, revoked_at=revoked)
        with pytest.raises(UnauthenticatedError):
            access.verify(text, find, NOW)


@pytest.mark.parametrize("scopes", [[], ["root"], ["read", ""]])
def test_a_key_needs_scopes_that_exist(scopes: list[str]) -> None:
    with pytest.raises(InvalidRequestError, match="at least one scope"):
        access.mint("ci", scopes, [], None, NOW)


def test_admin_may_do_everything() -> None:
    record = replace(key_for(), scopes=("admin",))
    assert all(access.allows(record, scope) for scope in access.SCOPES)
    assert not access.allows(key_for(), "claim", "admin")
