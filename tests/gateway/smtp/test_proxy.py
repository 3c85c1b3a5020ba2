"""The header by which a load balancer names the client."""

import re
from contextlib import suppress
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.addresses import plain_address
from gateway.smtp import Port, Refusal, SmtpSettings
from gateway.smtp.proxy import read_header

if TYPE_CHECKING:
    from tests.gateway.smtp.conftest import OpenGateway

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V1 = b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 25\r\n"
BEHIND_A_BALANCER = Port(balancers=(ip_network("127.0.0.0/30"),))


def version_2(source: str, target: str, *, extras: bytes = b"", command: int = 0x21) -> bytes:
    addresses = ip_address(source).packed + ip_address(target).packed + bytes(4) + extras
    family = 0x11 if ip_address(source).version == 4 else 0x21
    return SIGNATURE + bytes((command, family)) + len(addresses).to_bytes(2) + addresses


HEADERS = [
    (V1, "192.0.2.7"),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 40000 25\r\n", "2001:db8::7"),
    (b"PROXY UNKNOWN\r\n", ""),
    (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", ""),
    (version_2("192.0.2.7", "192.0.2.1"), "192.0.2.7"),
    (version_2("2001:db8::7", "2001:db8::1", extras=b"\x04\0\x01x"), "2001:db8::7"),
    (version_2("192.0.2.7", "192.0.2.1", command=0x20), ""),
]


@pytest.mark.parametrize(("header", "client"), HEADERS)
def test_a_header_is_read_and_nothing_after_it(header: bytes, client: str) -> None:
    assert read_header(header + b"EHLO a\r\n") == (client, len(header))
    assert all(read_header(header[:length]) is None for length in range(len(header)))


@pytest.mark.parametrize(
    "data",
    [
        b"EHLO client.example\r\n",
        b"PROXY\r\n",
        b"PROXY TCP4 192.0.2.7\r\n",
        b"PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
        b"PROXY TCP4 one two 1 2\r\n",
        b"PROXY " + b"x" * 200,
        b"\r\n\r\nEHLO a\r\n",
        SIGNATURE + b"\x31\x11\0\0",
        SIGNATURE + b"\x21\x11\0\x04abcd",
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_what_is_no_header_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_header(data)


@given(st.one_of(st.binary(), st.binary().map(SIGNATURE.__add__), st.binary().map(b"PROXY ".__add__)))
def test_any_bytes_are_a_header_or_a_clear_error(data: bytes) -> None:
    with suppress(ValueError):
        found = read_header(data)
        assert found is None or found[1] <= len(data)


def test_the_client_behind_a_balancer_is_named_and_counted(open_gateway: "OpenGateway") -> None:
    gateway = open_gateway(port=BEHIND_A_BALANCER, settings=SmtpSettings(max_connections_per_address=1))
    for header in (V1, version_2("2001:db8::7", "2001:db8::1")):
        peer = gateway.connect()
        peer.send(header)
        assert peer.greet().mail().startswith("250 ")
        again = gateway.connect()
        again.send(header)
        assert again.reply().startswith("421 4.3.2 too many connections from one address")
    assert [message.envelope.peer for message in gateway.stored] == ["192.0.2.7", "2001:db8::7"]


def test_ipv6_addresses_of_one_network_count_together(open_gateway: "OpenGateway") -> None:
    """Whoever has one IPv6 address has 2**64 of them."""
    gateway = open_gateway(port=BEHIND_A_BALANCER, settings=SmtpSettings(max_connections_per_address=1))
    banners = []
    for source in ("2001:db8::7", "2001:db8::8", "2001:db8:0:1::7"):
        peer = gateway.connect()
        peer.send(version_2(source, "2001:db8::1"))
        banners.append(peer.reply()[:3])
    assert banners == ["220", "421", "220"]


@pytest.mark.parametrize(("host", "address"), [("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1")])
def test_an_address_is_written_in_one_way(host: str, address: str) -> None:
    assert plain_address(host) == address


@pytest.mark.parametrize(("source", "said"), [("127.0.0.9", V1), ("127.0.0.1", b"EHLO mallory\r\n")])
def test_without_a_header_of_a_listed_balancer_nothing_is_said(
    open_gateway: "OpenGateway", source: str, said: bytes
) -> None:
    gateway = open_gateway(port=BEHIND_A_BALANCER)
    peer = gateway.connect(source=source)
    with suppress(OSError):
        peer.send(said)
    assert peer.rest() == b""
    assert gateway.notebook.refusals == [Refusal.NO_BALANCER]


def test_elsewhere_the_header_is_just_an_unknown_command(open_gateway: "OpenGateway") -> None:
    peer = open_gateway().connect()
    peer.send(V1)
    assert re.match("220 ", peer.reply())
    assert peer.reply() == "500 5.5.1 no such command"
