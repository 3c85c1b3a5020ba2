"""Two nodes of one PostgreSQL, as in the README's "More than one machine": mail into one, codes out of both."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.e2e.nodes import PATIENCE, Nodes
from tests.running import Gateway

Forward = Callable[..., bytes]


def claim(api: httpx.Client, person: str, run: str, wait: int = 60) -> dict[str, Any] | None:
    answer = api.post("/v1/claims", json={"identifier": person, "run_id": run, "wait": wait}).json()["claim"]
    return dict(answer) if answer else None


def test_mail_into_a_node_for_smtp_alone_wakes_a_claim_at_a_node_for_http_alone(
    start: Callable[..., Gateway], nodes: Nodes, forwarded: Forward
) -> None:
    mail, web = start("a", "--only", "smtp"), start("b", "--only", "http")
    assert (mail.url, web.smtp) == ("http://", ("", 0))
    with nodes.client(web) as api, ThreadPoolExecutor() as pool:
        assert api.get("/readyz").status_code == 200
        waiting = pool.submit(claim, api, "user@example.com", "alice")
        time.sleep(0.5)
        sent = time.monotonic()
        mail.forward(forwarded("user@example.com", "482913"))
        held = waiting.result(PATIENCE)
    assert held
    assert held["value"] == "482913"
    assert time.monotonic() - sent < 30  # half of what it would have waited


def test_one_code_goes_to_one_run_and_handed_back_to_a_run_at_the_other_node(
    start: Callable[..., Gateway], nodes: Nodes, forwarded: Forward
) -> None:
    here, there = start("a"), start("b")
    with nodes.client(here) as one, nodes.client(there) as other, ThreadPoolExecutor() as pool:
        clients = {"alice": one, "bob": other}
        waiting = {run: pool.submit(claim, api, "user@example.com", run) for run, api in clients.items()}
        here.forward(forwarded("user@example.com", "482913"))
        there.forward(forwarded("user@example.com", "482913"))
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
