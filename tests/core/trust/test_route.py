"""The route is how a mail came, and what that alone proves."""

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_network

import pytest

from core.message import Envelope
from core.trust import Forwarder, TrustPolicy, Vouched, prove, vouch
from gateway.dns import Resolver

Compose = Callable[..., bytes]
Sign = Callable[..., bytes]
Route = Callable[..., Vouched]

LISTED = TrustPolicy(
    forwarders=(
        Forwarder(name="office", networks=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))),
        Forwarder(name="relay", logins=("relay",)),
        Forwarder(name="forwarder", domains=("forwarder.example",), sealers=("seal.example",)),
    )
)


@pytest.fixture
def route(resolver: Resolver, now: datetime) -> Route:
    def vouched(raw: bytes, *, source: str = "rcpt", **envelope: str) -> Vouched:
        given = Envelope(
            mail_from=envelope.get("mail_from", ""), peer=envelope.get("peer", ""), login=envelope.get("login", "")
        )
        proof = prove(raw, given, policy=LISTED, now=now, txt=resolver.txt)
        return vouch(proof, identity_source=source, names=("alice@example.com",))

    return vouched


def test_anybody_may_send_so_it_is_open(route: Route, compose: Compose) -> None:
    assert route(compose(), peer="203.0.113.9").route == "open"


def test_a_secret_address_is_a_route(route: Route, compose: Compose) -> None:
    assert route(compose(), source="rcpt-token").route == "secret-address"


@pytest.mark.parametrize("peer", ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"])
def test_a_listed_address_is_a_forwarder(route: Route, compose: Compose, peer: str) -> None:
    vouched = route(compose(), peer=peer)
    assert vouched.route == "forwarder"
    assert "office" in vouched.evidence


@pytest.mark.parametrize("peer", ["192.0.3.7", "127.0.0.1", "::1", "", "unknown"])
def test_any_other_address_is_none(route: Route, compose: Compose, peer: str) -> None:
    assert route(compose(), peer=peer).route == "open"


def test_a_listed_login_is_a_forwarder_and_any_other_a_key(route: Route, compose: Compose) -> None:
    assert route(compose(), login="relay").route == "forwarder"
    assert route(compose(), login="somebody").route == "key"


def test_an_envelope_domain_alone_proves_nothing(route: Route, compose: Compose) -> None:
    assert route(compose(), mail_from="x@forwarder.example").route == "open"


def test_an_envelope_domain_with_its_signature_is_a_forwarder(route: Route, compose: Compose, sign: Sign) -> None:
    raw = sign(compose(), "forwarder.example")
    assert route(raw, mail_from="alice@forwarder.example").route == "forwarder"
    assert route(raw, mail_from="alice@elsewhere.example").route == "open"
    assert route(raw.replace(b"482913", b"666666"), mail_from="alice@forwarder.example").route == "open"


def test_an_envelope_domain_with_a_listed_seal_is_a_forwarder(
    route: Route, compose: Compose, seal: Callable[..., bytes]
) -> None:
    assert route(seal(compose()), mail_from="alice@forwarder.example").route == "forwarder"


def test_a_seal_that_nobody_listed_counts_for_nothing(
    route: Route, compose: Compose, seal: Callable[..., bytes]
) -> None:
    assert route(seal(compose(), "evil.example"), mail_from="alice@forwarder.example").route == "open"


def test_a_seal_over_another_text_counts_for_nothing(
    route: Route, compose: Compose, seal: Callable[..., bytes]
) -> None:
    altered = seal(compose()).replace(b"482913", b"666666")
    assert route(altered, mail_from="alice@forwarder.example").route == "open"


def test_route_and_author_are_two_things(route: Route, compose: Compose, sign: Sign) -> None:
    vouched = route(sign(compose()), peer="192.0.2.7")
    assert (vouched.route, vouched.author) == ("forwarder", "bank.example")


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\n", b"From: x\r\nARC-Seal: i=1\r\nDKIM-Signature: v=1\r\n\r\n", b"\xff" * 99]
)
def test_any_bytes_prove_nothing_and_raise_nothing(route: Route, raw: bytes) -> None:
    vouched = route(raw, mail_from="alice@forwarder.example")
    assert (vouched.route, vouched.author) == ("open", None)
