"""Gateways to attack, the table that the attacks are told in, and the canary that must never sing."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.abuse.attacking import CODE, SECRET, Under, connect
from tests.conftest import Serve
from tests.peers import Peer, make_certificate
from tests.running import Gateway

See = Callable[[str], None]


@pytest.fixture
def see(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> See:
    """Says what was seen, for the table of `make abuse`; what is expected is the test's first line."""
    record_property("expected", (request.function.__doc__ or "").strip().splitlines()[0])
    return lambda seen: record_property("seen", seen)


@pytest.fixture(scope="session")
def under(serve_all: Serve) -> Iterator[Under]:
    """Starts gateways to attack, and looks at their output, metrics and answers for canaries at the end."""
    started = Under(serve=serve_all)
    yield started
    for gateway in started.gateways:
        shown = "".join(gateway.lines)
        if gateway.process.poll() is None:
            shown += gateway.api.get("/metrics").text + httpx.get(gateway.url + "/readyz", timeout=5).text
        for secret in (CODE, SECRET, gateway.key.split("_", 2)[2]):
            assert secret not in shown, "a secret was logged, counted or told"
        assert "Traceback" not in shown, shown[shown.find("Traceback") - 500 :]
        assert not re.search(r"^(ERROR|CRITICAL) ", shown, re.MULTILINE), "a library's error reached the log"


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    """Connects to an SMTP door; whoever is still there after the test is sent away."""
    peers: list[Peer] = []

    def dial(gateway: Gateway, *, source: str = "127.0.0.1", door: int = 0) -> Peer:
        peers.append(connect(gateway, source=source, door=door))
        return peers[-1]

    yield dial
    for one in peers:
        one.close()


@pytest.fixture(scope="session")
def gateway(under: Under) -> Gateway:
    """A gateway with default limits; attackers beside it have addresses of their own."""
    return under.attack(processes=4)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for gw.example and its key."""
    return make_certificate(tmp_path_factory.mktemp("certificate"), "gw.example")


@pytest.fixture(scope="session")
def secure(under: Under, certificate: tuple[Path, Path]) -> Gateway:
    """A gateway with STARTTLS, a TLS port and a port for load balancers."""
    return under.attack(
        smtp=f"""
tls_listen = "127.0.0.1:0"
proxy_listen = "127.0.0.1:0"
balancers = ["127.0.0.9"]
certificate = {json.dumps(str(certificate[0]))}
certificate_key = {json.dumps(str(certificate[1]))}
"""
    )


@pytest.fixture(scope="session")
def impatient(under: Under, certificate: tuple[Path, Path]) -> Gateway:
    """A gateway with STARTTLS, short sessions and requests, and room for few that wait."""
    return under.attack(
        smtp=f"""
certificate = {json.dumps(str(certificate[0]))}
certificate_key = {json.dumps(str(certificate[1]))}
session_seconds = 5
idle_seconds = 5
""",
        http="request_seconds = 2\nmax_held_requests = 20\n",
    )
