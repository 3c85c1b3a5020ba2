"""Either client at the test run's gateway, and a road to it on which answers get lost."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from otpgate_client import OtpGate
from otpgate_client.running import RunningGateway
from tests.gateway.client.faces import AnyGate, Awaited
from tests.gateway.client.road import Road

Connect = Callable[[str, str], AnyGate]


@pytest.fixture(params=[OtpGate, Awaited], ids=["blocking", "awaiting"])
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Makes clients of one kind, then of the other."""
    made: list[Any] = []

    def make(url: str, key: str) -> AnyGate:
        made.append(request.param(url, key))
        gate: AnyGate = made[-1]
        return gate

    yield make
    for gate in made:
        gate.close()


@pytest.fixture
def gate(connect: Connect, otpgate: RunningGateway) -> AnyGate:
    """A client of the test run's gateway."""
    return connect(otpgate.url, otpgate.key)


@pytest.fixture
def road(otpgate: RunningGateway) -> Iterator[Road]:
    """A road to the test run's gateway; it loses nothing until it is told to."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        road = Road(door=door)
        road.lead_to(otpgate.url)
        threading.Thread(target=road.open, daemon=True).start()
        yield road
        door.shutdown(socket.SHUT_RDWR)
