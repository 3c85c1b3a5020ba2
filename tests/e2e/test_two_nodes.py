"""Two nodes of one PostgreSQL, as in the README's "More than one machine": mail into one, codes out of both."""

import json
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, make_url, text

from core.secrets import new_key

Forward = Callable[..., bytes]
PATIENCE = 30.0


@dataclass(frozen=True, kw_only=True)
class Node:
    """One `otpgate serve` of several over the same database."""

    process: "subprocess.Popen[str]"
    smtp: tuple[str, int]
    url: str

    def send(self, mail: bytes) -> None:
        """Deliver a forwarded mail to this node."""
        with smtplib.SMTP(*self.smtp) as client:
            client.sendmail("user@gmail.com", ["otp@gw.example"], mail)


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """Starts nodes over one database, each with a data folder of its own, all with the same encryption key."""

    folder: Path
    environment: dict[str, str]

    def start(self, name: str, *arguments: str) -> Node:
        """A node that is ready."""
        ports = ("--smtp-port", "0", "--http-port", "0", "--data-dir", str(self.folder / name))
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "serve", *ports, *arguments],
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line)
            if '"event": "ready"' in line:
                ready = json.loads(line)
                host, _, port = (ready["smtp"] or [":0"])[0].rpartition(":")
                return Node(process=process, smtp=(host, int(port)), url=f"http://{(ready['http'] or [''])[0]}")
        pytest.fail("the node did not start: " + "".join(lines))

    def client(self, node: Node) -> httpx.Client:
        """A client of one node, with the admin key that the first node made."""
        key = next(self.folder.glob("*/admin.key")).read_text(encoding="ascii").strip()
        return httpx.Client(base_url=node.url, headers={"x-api-key": key}, timeout=PATIENCE)


@pytest.fixture
def database(postgresql: str) -> Iterator[str]:
    """The URL of an empty database of its own."""
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE nodes"))
        yield make_url(postgresql).set(database="nodes").render_as_string(hide_password=False)
        connection.execute(text("DROP DATABASE nodes WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def nodes(database: str, tmp_path: Path) -> Nodes:
    settings = {"OTPGATE_DATABASE__URL": database, "OTPGATE_ENCRYPTION__KEY": new_key().text}
    return Nodes(folder=tmp_path, environment=settings | {"OTPGATE_LOG__FORMAT": "json"})


@pytest.fixture
def start(nodes: Nodes) -> Iterator[Callable[..., Node]]:
    """Starts nodes, and sees that each stops well."""
    running: list[Node] = []

    def one(name: str, *arguments: str) -> Node:
        running.append(nodes.start(name, *arguments))
        return running[-1]

    yield one
    for node in running:
        node.process.terminate()
        node.process.communicate(timeout=PATIENCE)
    assert [node.process.returncode for node in running] == [0] * len(running)


def claim(api: httpx.Client, person: str, run: str, wait: int = 20) -> dict[str, Any] | None:
    answer = api.post("/v1/claims", json={"identifier": person, "run_id": run, "wait": wait}).json()["claim"]
    return dict(answer) if answer else None


def test_mail_into_a_node_for_smtp_alone_wakes_a_claim_at_a_node_for_http_alone(
    start: Callable[..., Node], nodes: Nodes, forwarded: Forward
) -> None:
    mail, web = start("a", "--only", "smtp"), start("b", "--only", "http")
    assert (mail.url, web.smtp) == ("http://", ("", 0))
    with nodes.client(web) as api, ThreadPoolExecutor() as pool:
        assert api.get("/readyz").status_code == 200
        waiting = pool.submit(claim, api, "user@example.com", "alice")
        time.sleep(0.5)
        sent = time.monotonic()
        mail.send(forwarded("user@example.com", "482913"))
        held = waiting.result(PATIENCE)
    assert held
    assert held["value"] == "482913"
    assert time.monotonic() - sent < 5


def test_one_code_goes_to_one_run_and_handed_back_to_a_run_at_the_other_node(
    start: Callable[..., Node], nodes: Nodes, forwarded: Forward
) -> None:
    here, there = start("a"), start("b")
    with nodes.client(here) as one, nodes.client(there) as other, ThreadPoolExecutor() as pool:
        clients = {"alice": one, "bob": other}
        waiting = {run: pool.submit(claim, api, "user@example.com", run) for run, api in clients.items()}
        here.send(forwarded("user@example.com", "482913"))
        there.send(forwarded("user@example.com", "482913"))
        while not (done := [run for run, held in waiting.items() if held.done()]):
            time.sleep(0.01)
        (first,) = done
        second = ({"alice", "bob"} - {first}).pop()
        held = waiting[first].result()
        assert held
        assert not waiting[second].done()
        clients[first].post(f"/v1/claims/{held['claim_id']}/release")
        handed_on = waiting[second].result(PATIENCE)
        assert handed_on
        assert (handed_on["value"], handed_on["run_id"]) == ("482913", second)
        codes = one.get("/v1/codes", params={"identifier": "user@example.com"}).json()["codes"]
        assert len(codes) == 1
