"""The shell around every request: addresses behind proxies, wrong keys, the depth of JSON."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TooManyWrongKeysError
from gateway.addresses import is_in, networks_of, origin
from gateway.web.shell import ClientAddress
from gateway.web.wrong_keys import Allowance, WrongKeys

PROXIES = networks_of(["127.0.0.1", "10.0.0.0/8", "2001:db8::/64"])


def seen_behind(forwarded: str, peer: str = "127.0.0.1", **more: str) -> dict[str, Any]:
    """What the app sees of a request."""
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        seen.update(environ)
        start_response("200 OK", [])
        return []

    ClientAddress(app, PROXIES)({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded, **more}, lambda *_: None)
    return seen


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 10.1.2.3", "192.0.2.7"),
        ("192.0.2.7:4321", "192.0.2.7"),
        ("[2001:db8:1::7]:443", "2001:db8:1::7"),
        ('"[2001:db8:1::7]"', "2001:db8:1::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("", "127.0.0.1"),
        (", ,", "127.0.0.1"),
        ("192.0.2.7, unknown", "127.0.0.1"),
    ],
)
def test_the_last_hop_that_is_no_proxy_is_the_client(forwarded: str, client: str) -> None:
    assert seen_behind(forwarded)["REMOTE_ADDR"] == client


def test_a_stranger_is_who_it_is() -> None:
    assert seen_behind("192.0.2.7", peer="203.0.113.9")["REMOTE_ADDR"] == "203.0.113.9"


def test_no_other_word_of_a_proxy_reaches_the_app() -> None:
    seen = seen_behind(
        "x", HTTP_X_FORWARDED_HOST="evil.example", HTTP_X_FORWARDED_PROTO="https", HTTP_FORWARDED="for=x"
    )
    assert not [name for name in seen if "FORWARDED" in name]


@given(st.text(st.characters(max_codepoint=255)))
def test_any_header_leaves_an_address_or_what_the_proxy_wrote(forwarded: str) -> None:
    assert isinstance(seen_behind(forwarded)["REMOTE_ADDR"], str)
    assert seen_behind(forwarded, peer="203.0.113.9")["REMOTE_ADDR"] == "203.0.113.9"


class Clock:
    """A clock that a test sets."""

    now = datetime(2026, 11, 23, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_wrong_keys_are_counted_by_address_and_minute() -> None:
    clock = Clock()
    keys = WrongKeys(clock, limit=2)
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        keys.note(address)
    with pytest.raises(TooManyWrongKeysError, match="try again in a minute"):
        keys.note("192.0.2.1")
    clock.now += timedelta(seconds=60)
    keys.note("192.0.2.1")


def test_addresses_of_one_ipv6_customer_count_together() -> None:
    allowance = Allowance(Clock(), each=1)
    assert [allowance.take(address) for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")] == [
        True,
        False,
        True,
    ]


def test_an_allowance_in_all_is_for_everybody_together() -> None:
    allowance = Allowance(Clock(), each=5, in_all=3)
    assert sum(allowance.take(f"192.0.2.{n}") for n in range(10)) == 3


def test_remembered_addresses_are_bounded() -> None:
    allowance = Allowance(Clock(), each=1)
    for n in range(20_000):
        allowance.take(f"address {n}")
    assert len(allowance._counts) <= 10_000  # noqa: SLF001 - memory is what is tested


@given(st.ip_addresses())
def test_an_address_is_in_its_own_network_and_has_an_origin(address: object) -> None:
    text = str(address)
    assert is_in(text, networks_of([text]))
    assert (origin(text) == text) == (ip_address(text).version == 4)
