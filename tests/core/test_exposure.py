"""Exposed means decided (CONTRACT)."""

from typing import Any

import pytest

from core.exposure import exposures, is_loopback, undecided
from core.settings import Settings

DECIDED: dict[str, Any] = {
    "smtp": {"domains": ["otp.example.com"]},
    "identifiers": {"accept_unknown": True},
    "trust": {"minimum": "none"},
    "http": {"proxies": ["127.0.0.1"]},
}


def missing(**sections: Any) -> list[str]:
    return [key for key, _ in undecided(Settings.model_validate(sections))]


@pytest.mark.parametrize("listen", ["127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "localhost:1"])
def test_on_loopback_nothing_needs_deciding(listen: str) -> None:
    assert (
        missing(smtp={"listen": listen}, http={"listen": listen}, server={"public_url": "http://localhost"}) == []
    )


@pytest.mark.parametrize(
    "opening",
    [
        {"smtp": {"listen": "0.0.0.0:25"}},
        {"smtp": {"listen": ":25"}},
        {"smtp": {"tls_listen": "0.0.0.0:465"}},
        {"smtp": {"proxy_listen": "0.0.0.0:26"}},
        {"http": {"listen": "[::]:80"}},
        {"http": {"listen": "otp.example.com:80"}},
        {"server": {"public_url": "https://otp.example.com/otpgate"}},
    ],
)
def test_every_opening_needs_every_decision(opening: dict[str, dict[str, object]]) -> None:
    assert missing(**opening) == ["smtp.domains", "identifiers.accept_unknown", "trust.minimum", "http.proxies"]


def test_a_default_counts_once_it_is_written_down() -> None:
    open_smtp = {**DECIDED, "smtp": {"listen": "0.0.0.0:25", "domains": ["otp.example.com"]}}
    assert missing(**open_smtp) == []
    assert missing(**{**open_smtp, "trust": {"verify": True}}) == ["trust.minimum"]


def test_any_domain_is_for_loopback_only() -> None:
    assert missing(**{**DECIDED, "smtp": {"listen": "0.0.0.0:25", "domains": []}}) == ["smtp.domains"]
    behind = {**DECIDED, "smtp": {"domains": []}, "server": {"public_url": "https://otp.example.com"}}
    assert missing(**behind) == []


def test_what_is_open_is_named() -> None:
    settings = Settings.model_validate({"smtp": {"listen": "0.0.0.0:25"}, "http": {"listen": "192.0.2.1:80"}})
    assert exposures(settings) == ["smtp.listen is 0.0.0.0:25", "http.listen is 192.0.2.1:80"]


@pytest.mark.parametrize(
    "host",
    [
        "",
        "0.0.0.0",  # noqa: S104 - the point of the test
        "::",
        "10.0.0.1",
        "localhost.example.com",
        "127.1",
    ],
)
def test_these_hosts_are_not_surely_this_machine(host: str) -> None:
    assert not is_loopback(host)
