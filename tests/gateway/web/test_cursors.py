"""`POST /v1/cursors`: points in time, and turns."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.ids import cursor_moment
from tests.running import Gateway, Json


@pytest.mark.parametrize("body", [b"", b"{}", b'{"identifier": "user@example.com"}', b'{"identifier": ""}'])
def test_a_cursor_needs_nothing(gateway: Gateway, body: bytes) -> None:
    answer = gateway.api.post("/v1/cursors", content=body)
    assert answer.status_code == 200
    assert answer.json()["cursor"].startswith("cur_")


def test_a_cursor_taken_before_the_code_was_asked_for_never_misses_it(gateway: Gateway, someone: str) -> None:
    gateway.push(someone, "Your code is 111111")
    cursor = gateway.cursor()
    assert gateway.claim(someone, after=cursor)["claim"] is None
    gateway.send(someone, "Your code is 222222")
    assert gateway.claim(someone, after=cursor)["claim"]["value"] == "222222"


def turn(gateway: Gateway, someone: str, run: str, **fields: object) -> Json:
    body = {"identifier": someone, "run_id": run, "sender": "acme.example", "exclusive": True, **fields}
    answer = gateway.api.post("/v1/cursors", json=body)
    return {"status": answer.status_code, **answer.json()}


def test_an_exclusive_cursor_is_a_turn_that_accepting_ends(gateway: Gateway, someone: str) -> None:
    mine = turn(gateway, someone, "alice")
    theirs = turn(gateway, someone, "bob")
    assert mine["cursor"].startswith("cur_")
    assert (theirs["status"], theirs["type"]) == (409, "urn:otpgate:problem:held-by-another-run")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(turn, gateway, someone, "bob", wait=60)
        time.sleep(0.2)
        assert not waiting.done()
        gateway.send(someone, "Your code is 482913")
        claim = gateway.claim(someone, run_id="alice", after=mine["cursor"])["claim"]
        gateway.end(claim["claim_id"], "accept")
        theirs = waiting.result(60)
        assert cursor_moment(theirs["cursor"]) > cursor_moment(mine["cursor"])


def test_four_equal_runs_on_one_mailbox_each_get_their_own(gateway: Gateway, someone: str) -> None:
    """Nothing in a mail tells two equal runs apart: turns do."""

    def log_in(number: int) -> str:
        run = f"run{number}"
        cursor = turn(gateway, someone, run, wait=60)["cursor"]
        gateway.send(someone, f"Your code is 48291{number}")
        claim = gateway.claim(someone, run_id=run, after=cursor, wait=60)["claim"]
        gateway.end(claim["claim_id"], "accept")
        return str(claim["value"])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(log_in, range(4))) == [f"48291{number}" for number in range(4)]


def test_a_turn_needs_an_identifier_and_a_key_that_may_claim(gateway: Gateway, someone: str) -> None:
    assert gateway.api.post("/v1/cursors", json={"exclusive": True}).status_code == 400
    with gateway.client(gateway.new_key("read")) as reader:
        assert reader.post("/v1/cursors").status_code == 200
        assert reader.post("/v1/cursors", json={"identifier": someone, "exclusive": True}).status_code == 403


def test_whoever_names_no_run_is_told_its_name(gateway: Gateway, someone: str) -> None:
    answer = gateway.api.post("/v1/cursors", json={"identifier": someone, "exclusive": True}).json()
    assert answer["run_id"].startswith("run_")
    assert turn(gateway, someone, answer["run_id"], sender="")["status"] == 200
    assert turn(gateway, someone, "bob", sender="")["status"] == 409
