"""Where the door listens."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.errors import ConfigurationError
from gateway.smtp import Port, SmtpSettings, bind
from gateway.smtp.listener import BACKLOG

if TYPE_CHECKING:
    from tests.gateway.smtp.conftest import Gateway, OpenGateway


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError) as caught:
            bind("127.0.0.1", port)
    expected = f"smtp.listen: 127.0.0.1 port {port}: another program listens there; stop it or choose another port"
    assert caught.value.faults == (expected,)


@pytest.fixture
def nobody() -> Iterator[None]:
    """The test runs without the rights of root."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


@pytest.mark.usefixtures("nobody")
def test_a_port_that_needs_a_capability_is_named() -> None:
    low = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    if low.exists() and int(low.read_text()) <= 1:
        bind("127.0.0.1", 1)[0].close()
    else:
        with pytest.raises(ConfigurationError, match=r"port 1: .*CAP_NET_BIND_SERVICE"):
            bind("127.0.0.1", 1)


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"smtp\.tls_listen: 192\.0\.2\.1 port 2525: this machine"):
        bind("192.0.2.1", 2525, key="smtp.tls_listen")


def test_a_name_that_is_no_address_is_named() -> None:
    with pytest.raises(ConfigurationError, match="'not an address' is no address"):
        bind("not an address", 2525)


@needs_ipv6
@pytest.mark.parametrize("host", ["", "::"])
def test_one_port_takes_ipv4_and_ipv6(open_gateway: "OpenGateway", host: str) -> None:
    gateway = open_gateway(host=host)
    assert gateway.connect().greet().mail().startswith("250 ")
    assert gateway.connect(host="::1", source="::1").greet().mail().startswith("250 ")
    assert [message.envelope.peer for message in gateway.stored] == ["127.0.0.1", "::1"]


@needs_ipv6
def test_ipv6_alone_has_the_same_limits(open_gateway: "OpenGateway") -> None:
    gateway = open_gateway(host="::1", settings=SmtpSettings(max_connections_per_address=1))
    assert gateway.connect(host="::1", source="::1").greet().mail().startswith("250 ")
    assert gateway.connect(host="::1", source="::1").reply().startswith("421 ")


def test_several_sockets_share_one_listener(open_gateway: "OpenGateway") -> None:
    gateway = open_gateway()
    gateway.run(gateway.listener.start(bind("127.0.0.2", 0))).result(60)
    host, port = gateway.listener.addresses[1]
    assert gateway.listener.addresses[0] == ("127.0.0.1", gateway.port)
    with socket.create_connection((host, port), 5) as peer:
        assert peer.recv(4) == b"220 "


def test_tls_from_the_first_byte_needs_a_certificate(gateway: "Gateway") -> None:
    with pytest.raises(ValueError, match="certificate"):
        gateway.run(gateway.listener.start([], Port(implicit_tls=True))).result(60)


def test_a_burst_of_connections_waits_in_the_kernel(open_gateway: "OpenGateway") -> None:
    """FACTS 4: with a backlog of 100, 200 parallel connections waited for SYN retries, 25 s in all."""
    gateway = open_gateway(settings=SmtpSettings(max_connections_per_address=1000))
    burst = [gateway.connect() for _ in range(300)]
    assert all(peer.reply().startswith("220 ") for peer in burst)
    assert BACKLOG == 2048
