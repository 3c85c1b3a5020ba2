"""The README's "More than one machine", behind haproxy with the configuration that it names (Debian: haproxy)."""

import os
import shutil
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from otpgate_client.running import free_port
from tests.e2e.nodes import PATIENCE, Nodes
from tests.running import Gateway, held, until

CONFIG = Path(__file__).parents[1] / "examples" / "haproxy.cfg"
BEHIND = {
    "OTPGATE_SMTP__PROXY_LISTEN": "127.0.0.1:0",
    "OTPGATE_SMTP__BALANCERS": "127.0.0.1",
    "OTPGATE_HTTP__PROXIES": "127.0.0.1",
}
Forward = Callable[..., bytes]
pytestmark = pytest.mark.skipif(
    shutil.which("haproxy") is None, reason="haproxy is not installed (Debian: haproxy)"
)


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Two nodes and the addresses of the load balancer in front of them."""

    nodes: tuple[Gateway, Gateway]
    mail: tuple[str, int]
    url: str
    key: str

    def send(self, mail: bytes) -> None:
        """Deliver a mail through the load balancer, again after a failure, as mail servers do."""
        for _ in range(20):
            try:
                with smtplib.SMTP(*self.mail, timeout=PATIENCE) as client:
                    client.sendmail("user@gmail.com", ["otp@gw.example"], mail)
            except (smtplib.SMTPException, OSError):
                time.sleep(0.2)
            else:
                return
        pytest.fail("never taken")

    def wait(self, person: str) -> "subprocess.Popen[str]":
        """`otpgate wait` through the load balancer."""
        return subprocess.Popen(
            [sys.executable, "-m", "gateway", "wait", person, "--url", self.url, "--timeout", "60"],
            env=os.environ | {"OTPGATE_KEY": self.key},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def waiting(self) -> list[int]:
        """How many requests each living node holds."""
        alive = [node for node in self.nodes if node.process.poll() is None]
        found = []
        for node in alive:
            with node.client(self.key) as api:
                found.append(held(api))
        return found


@pytest.fixture
def nodes(nodes: Nodes) -> Nodes:
    """Nodes as they stand behind a load balancer."""
    return replace(nodes, environment=nodes.environment | BEHIND | {"OTPGATE_LOG__LEVEL": "debug"})


@pytest.fixture
def cluster(start: Callable[..., Gateway], tmp_path: Path) -> Iterator[Cluster]:
    one, two = start("a"), start("b")
    mail, web = free_port(), free_port()
    environment = {"MAIL": f"127.0.0.1:{mail}", "WEB": f"127.0.0.1:{web}"}
    for name, node in (("A", one), ("B", two)):
        host, _, port = node.url.removeprefix("http://").partition(":")
        environment |= {f"{name}_MAIL": node.started["smtp"][1], f"{name}_HOST": host, f"{name}_PORT": port}
    with (tmp_path / "haproxy.log").open("wb") as log:
        balancer = subprocess.Popen(
            ["haproxy", "-db", "-f", str(CONFIG)], env=os.environ | environment, stdout=log, stderr=log
        )
    key = next(tmp_path.glob("*/admin.key")).read_text(encoding="ascii").strip()
    found = Cluster(nodes=(one, two), mail=("127.0.0.1", mail), url=f"http://127.0.0.1:{web}", key=key)
    try:
        until(lambda: answers(found.url))
        yield found
    finally:
        balancer.terminate()
        balancer.wait(PATIENCE)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def check_addresses(cluster: Cluster, forwarded: Forward) -> None:
    """The PROXY header names who sends mail, X-Forwarded-For who calls."""
    for number in range(2):
        mail = forwarded("c@example.com", "482913", str(number))
        with smtplib.SMTP(*cluster.mail, source_address=("127.0.0.9", 0)) as client:
            client.sendmail("user@gmail.com", ["otp@gw.example"], mail)
    with httpx.Client(base_url=cluster.url, transport=httpx.HTTPTransport(local_address="127.0.0.9")) as client:
        for _ in range(2):
            assert client.get("/v1/codes/latest", headers={"x-api-key": "wrong"}).status_code == 401
    until(lambda: told(cluster, "smtp_stored", "peer") == told(cluster, "request_refused", "address") == 2)


def told(cluster: Cluster, event: str, field: str) -> int:
    """How many events of a kind name that client."""
    return sum(
        f'"{event}"' in line and f'"{field}": "127.0.0.9"' in line for node in cluster.nodes for line in node.lines
    )


def test_both_nodes_serve_know_their_clients_addresses_and_one_may_be_killed(
    cluster: Cluster, forwarded: Forward
) -> None:
    """Two clients wait, one at each node; one node is killed; both have their code all the same."""
    check_addresses(cluster, forwarded)
    people = ["alice@example.com", "bob@example.com"]
    clients = [cluster.wait(person) for person in people]
    until(lambda: cluster.waiting() == [1, 1])
    cluster.nodes[0].kill()
    until(lambda: cluster.waiting() == [2])
    for number, person in enumerate(people):
        cluster.send(forwarded(person, f"48291{number}", str(number)))
    printed = [client.communicate(timeout=PATIENCE) for client in clients]
    assert [(client.returncode, *said) for client, said in zip(clients, printed, strict=True)] == [
        (0, "482910\n", ""),
        (0, "482911\n", ""),
    ]
