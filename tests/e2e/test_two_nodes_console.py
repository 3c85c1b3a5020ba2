"""Two nodes of one PostgreSQL behind a balancer, as a browser sees them: one session, one stream of events."""

from collections.abc import Callable

import httpx

from tests.e2e.nodes import Nodes
from tests.gateway.web.streams import hearing
from tests.running import Gateway

Forward = Callable[..., bytes]


def test_a_session_and_its_stream_go_on_at_the_other_node(
    start: Callable[..., Gateway], nodes: Nodes, forwarded: Forward
) -> None:
    """Signed in at one, listening at the other; cut off, it goes on at the first where it was."""
    here, there = start("a"), start("b")
    with nodes.client(here) as api:
        signed_in = httpx.post(f"{here.url}/sign-in", data={"key": api.headers["x-api-key"]})
        cookie = {"Cookie": signed_in.headers["set-cookie"].split(";")[0]}
        assert httpx.get(there.url, headers=cookie).status_code == 200
        with hearing(there.url, cookie) as heard:
            here.forward(forwarded("user@example.com", "482913"))
            told = heard.until(2)
        claim = api.post("/v1/claims", json={"identifier": "user@example.com", "run_id": "alice"}).json()["claim"]
        there.forward(forwarded("user@example.com", "111222"))
        with hearing(here.url, cookie | {"Last-Event-ID": told[0]["id"]}) as again:
            resumed = again.until(4)
    assert [(one["event"], one["data"].get("value")) for one in resumed] == [
        ("code", "482913"),
        ("claim", None),
        ("message", None),
        ("code", "111222"),
    ]
    assert resumed[1]["data"]["claim_id"] == claim["claim_id"]
