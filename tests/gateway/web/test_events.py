"""`GET /v1/events`: what happens, as it happens, to whom it may be told."""

import re
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.web.openapi import answers
from tests.conftest import Serve
from tests.gateway.web.streams import listening
from tests.running import CONFIG, Gateway

if TYPE_CHECKING:
    from collections.abc import Sequence


def test_a_message_its_code_and_what_becomes_of_it_are_told_in_order(gateway: Gateway, someone: str) -> None:
    with listening(gateway, identifier=someone) as heard:
        pushed = gateway.push(someone, "Your code is 482913")
        claim = gateway.claim(someone, run_id="alice")["claim"]
        gateway.end(claim["claim_id"], "release")
        claim = gateway.claim(someone, run_id="bob")["claim"]
        gateway.end(claim["claim_id"], "accept")
        told = heard.until(6)
    assert [event["event"] for event in told] == ["message", "code", "claim", "claim", "claim", "claim"]
    message, code, *claims = [event["data"] for event in told]
    assert (message["id"], code["message_id"], code["value"]) == (pushed["message"]["id"], message["id"], "482913")
    states = [(one["state"], one["run_id"]) for one in claims]
    assert states == [("claimed", "alice"), ("fresh", ""), ("claimed", "bob"), ("accepted", "bob")]
    assert {(one["code_id"], one["value"]) for one in claims} == {(code["id"], None)}
    assert all(one["claim_id"] and "id" not in one for one in claims)
    for event in told:
        answers.Event.model_validate(event)


def test_older_codes_that_an_accepted_one_supersedes_are_told(gateway: Gateway, someone: str) -> None:
    with listening(gateway, identifier=someone) as heard:
        cursor = gateway.cursor()
        for code in ("111222", "333444"):
            gateway.push(someone, f"Your code is {code}")
        claim = gateway.claim(someone, run_id="alice", after=cursor)["claim"]
        gateway.end(claim["claim_id"], "accept")
        last = [event["data"]["state"] for event in heard.until(7)[-2:]]
    assert last == ["accepted", "superseded"]


def test_a_code_from_a_stored_secret_is_told_when_it_is_handed_out(gateway: Gateway, someone: str) -> None:
    gateway.api.put(f"/v1/totp/{someone}", json={"secret": "JBSWY3DPEHPK3PXP"})
    with listening(gateway, identifier=someone) as heard:
        gateway.claim(someone, kinds=["totp"], run_id="alice", wait=5)
        code, claim = (event["data"] for event in heard.until(2))
    assert (code["kind"], claim["state"], claim["run_id"]) == ("totp", "claimed", "alice")


def test_a_key_hears_of_its_own_identifiers_and_no_value_without_the_scope(gateway: Gateway, someone: str) -> None:
    key = gateway.new_key("read", only=(someone,))
    with listening(gateway, key) as heard:
        gateway.push(f"else.{someone}", "Your code is 111222")
        gateway.push(someone, "Your code is 482913")
        told = [event["data"] for event in heard.until(2)]
    assert {data["identifier"] for data in told} == {someone}
    assert not [line for line in heard.lines if "482913" in line or "111222" in line]
    assert told[1]["value"] is None
    assert told[1]["subject"] is None


def test_every_value_told_is_an_audit_row_and_no_other_is(gateway: Gateway, someone: str) -> None:
    blind, seeing = gateway.new_key("read", only=(someone,)), gateway.new_key("claim", only=(someone,))
    with listening(gateway, blind) as one, listening(gateway, seeing) as other:
        code = gateway.push(someone, "Your code is 482913")["codes"][0]
        one.until(2)
        other.until(2)
    with closing(sqlite3.connect(f"file:{gateway.data_dir}/otpgate.db?mode=ro", uri=True)) as database:
        query = "SELECT key_id FROM showings WHERE action = 'events' AND code_id = ?"
        assert database.execute(query, [code["id"]]).fetchall() == [(seeing.split("_")[1],)]


def test_whoever_comes_back_misses_nothing_and_hears_nothing_twice(gateway: Gateway, someone: str) -> None:
    with listening(gateway, identifier=someone) as whole:
        heard: list[dict[str, Any]] = []
        for number in range(8):  # a client that is cut off after each event or two
            last = heard[-1]["id"] if heard else ""
            with listening(gateway, last=last, identifier=someone) as part:
                gateway.push(someone, f"Your code is {number}82913")
                heard += part.until(1 + number % 2)[: 1 + number % 2]
        with listening(gateway, last=heard[-1]["id"], identifier=someone) as part:
            heard += part.until(16 - len(heard))
        everything = whole.until(16)
    assert [event["id"] for event in heard] == [event["id"] for event in everything]


def test_an_address_may_name_the_last_event_too(gateway: Gateway, someone: str) -> None:
    with listening(gateway, identifier=someone) as heard:
        gateway.push(someone, "Your code is 482913")
        first, second = heard.until(2)
    with listening(gateway, identifier=someone, after=first["id"]) as again:
        assert again.until(1)[0]["id"] == second["id"]


def test_a_cursor_begins_a_stream_with_what_came_after_it(gateway: Gateway, someone: str) -> None:
    gateway.push(someone, "Your code is 111222")
    cursor = gateway.cursor()
    gateway.push(someone, "Your code is 482913")
    gateway.claim(someone, run_id="alice")
    with listening(gateway, identifier=someone, after=cursor) as heard:
        told = heard.until(3)
        gateway.push(someone, "Your code is 333444")
        values = [event["data"]["value"] for event in heard.until(5) if event["event"] == "code"]
    assert [event["event"] for event in told] == ["message", "code", "claim"]
    assert values == ["482913", "333444"]
    with listening(gateway, identifier=someone, after=gateway.cursor()) as heard:
        gateway.push(someone, "Your code is 555666")
        assert heard.kinds(2) == ["message", "code"]


def test_who_sends_no_key_is_told_to_send_one(gateway: Gateway) -> None:
    with httpx.Client(base_url=gateway.url) as client:
        refused = client.get("/v1/events")
    assert refused.status_code == 401
    assert "key" in refused.json()["detail"]
    assert "console" not in refused.json()["detail"]


def test_what_is_not_known_any_more_is_said_to_be_lost(gateway: Gateway, someone: str) -> None:
    with listening(gateway, last="evt_ffffffffffff", identifier=someone) as heard:
        gateway.push(someone, "Your code is 482913")
        assert heard.kinds(3) == ["reset", "message", "code"]


@pytest.mark.parametrize("last", ["17", "evt_", "evt_xyz", "evt_1 or 1=1", "evt_" + "f" * 40, "cur_", "cur_zz"])
def test_an_id_that_is_none_of_ours_is_refused(gateway: Gateway, last: str) -> None:
    refused = gateway.api.get("/v1/events", headers={"Last-Event-ID": last})
    slug = "invalid-cursor" if last.startswith("cur_") else "invalid-request"
    assert (refused.status_code, refused.json()["type"]) == (400, f"urn:otpgate:problem:{slug}")


@pytest.mark.parametrize(("scopes", "status"), [(("push",), 403), ((), 401)])
def test_a_key_that_may_not_read_hears_nothing(gateway: Gateway, scopes: "Sequence[str]", status: int) -> None:
    key = gateway.new_key(*scopes) if scopes else "otpgate_0123456789ab_wrong"
    with gateway.client(key) as client:
        assert client.get("/v1/events").status_code == status


def test_a_stream_ends_with_its_key(gateway: Gateway, someone: str) -> None:
    key = gateway.new_key("claim", only=(someone,))
    with listening(gateway, key) as heard:
        gateway.api.delete(f"/v1/keys/{key.split('_')[1]}")
        gateway.push(someone, "Your code is 482913")
        heard.until_ended()
    assert heard.events == []


def test_streams_are_held_requests_which_leave_room_and_end_when_the_gateway_stops(serve: Serve) -> None:
    gateway = serve(CONFIG.replace("[http]", "[http]\nmax_held_requests = 1"))
    with listening(gateway):
        assert gateway.api.get("/v1/events").status_code == 503
    until_free(gateway)
    with listening(gateway) as heard:
        gateway.process.terminate()
        heard.until_ended()
    assert gateway.stop() == 0


def until_free(gateway: Gateway) -> None:
    """Until the gateway has noticed that whoever listened has left."""
    deadline = time.monotonic() + 60
    while not re.search(r"^otpgate_streams 0", gateway.api.get("/metrics").text, re.MULTILINE):
        assert time.monotonic() < deadline
        time.sleep(0.1)
