"""`POST /v1/claims` and what ends a claim, over HTTP; who holds what is in tests/core/test_claims.py."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.web.test_latest import CODE_FIELDS
from tests.running import Gateway, Json

CLAIM_FIELDS = set(CODE_FIELDS.split()) - {"id"} | {"claim_id", "code_id", "run_id", "lease_until"}


def test_a_claim_is_a_code_with_its_holder(gateway: Gateway, someone: str) -> None:
    gateway.push(someone, "Your code is 482913")
    answer = gateway.claim(someone, run_id="alice", lease=60)
    claim = answer["claim"]
    assert set(claim) == CLAIM_FIELDS
    assert (claim["value"], claim["run_id"], claim["state"]) == ("482913", "alice", "claimed")
    assert claim["lease_until"] > claim["received_at"]
    assert answer["diagnosis"] is None
    assert gateway.claim(someone, run_id="alice", lease=60)["claim"]["claim_id"] == claim["claim_id"]
    assert gateway.claim(someone, run_id="bob")["claim"] is None


@pytest.mark.parametrize(("how", "state"), [("accept", "accepted"), ("reject", "rejected"), ("release", "fresh")])
@pytest.mark.parametrize("body", [None, b"", b"{}", b" "])
def test_a_claim_ends_with_an_empty_body_too(
    gateway: Gateway, someone: str, how: str, state: str, body: bytes | None
) -> None:
    gateway.push(someone, "Your code is 482913")
    claim = gateway.claim(someone)["claim"]
    for _ in range(2):
        answer = gateway.api.post(f"/v1/claims/{claim['claim_id']}/{how}", content=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["claim"]["state"] == state


def test_what_nobody_holds_any_more_names_no_run(gateway: Gateway, someone: str) -> None:
    gateway.push(someone, "Your code is 482913")
    assert gateway.claim(someone, run_id="alice", lease=1)["claim"]["run_id"] == "alice"
    assert gateway.latest(someone, wait=60)["code"]["run_id"] == ""


def test_late_and_held_by_another_is_a_conflict(gateway: Gateway, someone: str) -> None:
    gateway.push(someone, "Your code is 482913")
    late = gateway.claim(someone, run_id="alice", lease=1)["claim"]
    assert gateway.claim(someone, run_id="bob", wait=60)["claim"] is not None
    answer = gateway.end(late["claim_id"], "accept")
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:otpgate:problem:held-by-another-run"


@pytest.mark.parametrize("how", ["accept", "reject", "release"])
def test_a_claim_that_never_was_is_not_found(gateway: Gateway, how: str) -> None:
    assert gateway.end("claim_0", how).status_code == 404


def test_a_claim_of_an_identifier_that_the_key_is_not_for_looks_like_none(gateway: Gateway, someone: str) -> None:
    gateway.push(someone, "Your code is 482913")
    claim = gateway.claim(someone)["claim"]
    with gateway.client(gateway.new_key("claim", only=("*@elsewhere.example",))) as other:
        held, never = (other.post(f"/v1/claims/{claim_id}/accept") for claim_id in (claim["claim_id"], "claim_0"))
    assert (held.status_code, held.content) == (404, never.content)


@pytest.mark.parametrize(
    ("kinds", "value"),
    [
        (None, "482913"),
        ([], "482913"),
        (["any"], "482913"),
        (["code"], "482913"),
        (["code", "link"], "482913"),
        (["link"], "https://acme.example/in?token=abcdefgh12345678"),
        ("link", "https://acme.example/in?token=abcdefgh12345678"),
    ],
)
def test_the_link_beside_a_code_is_for_those_who_want_no_code(
    gateway: Gateway, someone: str, kinds: object, value: str
) -> None:
    gateway.push(someone, "Your code is 482913, or sign in: https://acme.example/in?token=abcdefgh12345678")
    claim = gateway.claim(someone, kinds=kinds, link_host=["acme.example"])["claim"]
    assert claim["value"] == value


def test_a_push_for_a_run_goes_to_no_other(gateway: Gateway, someone: str) -> None:
    gateway.push(someone, "Your code is 482913", run_id="alice")
    answer = gateway.claim(someone, run_id="bob")
    assert answer["claim"] is None
    assert answer["diagnosis"].startswith("claimed_by_another_run")
    assert gateway.claim(someone, run_id="alice")["claim"]["value"] == "482913"


def test_waiting_claims_are_served_in_the_order_they_came(gateway: Gateway, someone: str) -> None:
    with ThreadPoolExecutor(5) as pool:
        waiting = []
        for number, run in enumerate("abcde"):
            waiting.append(pool.submit(gateway.claim, someone, run_id=run, wait=60))
            gateway.until_held(number + 1)
            time.sleep(0.1)  # from being held into the line
        for number in range(5):
            gateway.push(someone, f"Your code is 48291{number}")
            waiting[number].result(60)
        values = [future.result(60)["claim"]["value"] for future in waiting]
    assert values == [f"48291{number}" for number in range(5)]


def test_codes_of_mail_and_sms_go_to_whoever_asks_for_them(gateway: Gateway, someone: str, number: str) -> None:
    gateway.send(someone, "Your code is 111111")
    gateway.sms(number, "Your code is 222222")
    assert gateway.claim(someone)["claim"]["channel"] == "email"
    assert gateway.claim(number)["claim"]["channel"] == "sms"


@pytest.mark.parametrize(
    "fields",
    [
        {"lease": 0},
        {"lease": 601},
        {"wait": 61},
        {"kinds": ["password"]},
        {"after": "now"},
        {"run_id": 7},
        {"sender": [["a"]]},
        {"run": "alice"},
        {"identifier": ""},
        {"identifier": None},
        {"min_trust": "some"},
    ],
    ids=str,
)
def test_what_cannot_be_understood_is_a_400_that_names_the_field(
    gateway: Gateway, someone: str, fields: Json
) -> None:
    answer = gateway.api.post("/v1/claims", json={"identifier": someone, **fields})
    assert answer.status_code == 400
    assert next(iter(fields)) in answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"null", b'"x"', b"\xff", b"[" * 100_000, b'{"identifier": 1e999}']
)
def test_any_bytes_may_come_in(gateway: Gateway, body: bytes) -> None:
    answer = gateway.api.post("/v1/claims", content=body)
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:otpgate:problem:invalid-request"


def test_text_that_no_database_keeps_is_no_fault_of_ours(gateway: Gateway, someone: str) -> None:
    escaped = b'{"identifier": "%s", "run_id": "\\u0000", "sender": "\\ud800"}' % someone.encode()
    assert gateway.api.post("/v1/claims", content=escaped).status_code in {200, 400}
    pushed = b'{"identifier": "%s", "content": "Your code is 482913\\u0000\\ud83d"}' % someone.encode()
    assert gateway.api.post("/v1/messages", content=pushed).status_code in {201, 400}
