"""API keys: hashed, narrowed to scopes and identifiers, ending in time; a forbidden identifier looks like none."""

import sqlite3
import time
from contextlib import closing

import httpx
import pytest

from tests.running import Gateway


def test_a_key_is_shown_once_and_stored_as_a_hash(gateway: Gateway) -> None:
    made = gateway.api.post("/v1/keys", json={"name": "ci", "scopes": ["claim", "push"], "only": ["*@Acme.com"]})
    assert made.status_code == 201
    key = made.json()["key"]
    listed = [one for one in gateway.api.get("/v1/keys").json()["keys"] if one["id"] == made.json()["id"]]
    assert listed == [{name: value for name, value in made.json().items() if name != "key"}]
    assert (listed[0]["scopes"], listed[0]["only"]) == (["claim", "push"], ["*@acme.com"])
    secret = key.split("_", 2)[2].encode()  # which may hold "_" itself
    for file in gateway.data_dir.glob("otpgate.db*"):
        assert secret not in file.read_bytes()
    assert not any(secret.decode() in line for line in gateway.lines)


def test_either_header_carries_a_key(gateway: Gateway) -> None:
    for headers in (
        {"x-api-key": gateway.key},
        {"Authorization": f"Bearer {gateway.key}"},
        {"authorization": f"bearer {gateway.key}"},
    ):
        assert httpx.get(f"{gateway.url}/v1/keys", headers=headers).status_code == 200


def test_a_key_in_the_address_counts_for_nothing(gateway: Gateway) -> None:
    for name in ("key", "api_key", "x-api-key"):
        assert httpx.get(f"{gateway.url}/v1/keys", params={name: gateway.key}).status_code == 401


def test_wrong_revoked_and_expired_keys_look_alike(gateway: Gateway) -> None:
    expired, revoked = gateway.new_key("read", expires_in=1), gateway.new_key("read")
    assert gateway.api.delete(f"/v1/keys/{revoked.split('_')[1]}").status_code == 204
    assert gateway.api.delete(f"/v1/keys/{revoked.split('_')[1]}").status_code == 404
    time.sleep(1.1)
    wrong = gateway.key[:-1] + ("A" if gateway.key[-1] != "A" else "B")
    keys = ["", "x", "otpgate_", wrong, revoked, expired, "otpgate_0000_" + "0" * 43, "\u00e9"]
    headers = [{b"x-api-key": key.encode()} for key in keys]
    answers = [httpx.get(f"{gateway.url}/v1/codes", headers=one) for one in headers]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1


CALLS = {
    "push": ("POST", "/v1/messages", {"identifier": "user@acme.com", "content": "Your code is 482913"}),
    "read": ("GET", "/v1/codes", None),
    "claim": ("POST", "/v1/claims", {"identifier": "user@acme.com"}),
    "messages": ("GET", "/v1/messages", None),
    "admin": ("GET", "/v1/keys", None),
}
ALSO = {("claim", "read"), ("read", "messages")}
"""Who may claim may read, and who may read sees messages, without what is in them."""


@pytest.mark.parametrize("scope", CALLS)
def test_a_scope_opens_its_calls_and_no_others(gateway: Gateway, scope: str) -> None:
    with gateway.client(gateway.new_key(scope)) as client:
        for other, (method, path, body) in CALLS.items():
            opens = scope in {other, "admin"} or (scope, other) in ALSO
            answer = client.request(method, path, json=body)
            assert (answer.status_code != 403) is opens, (scope, other)


def test_who_may_only_read_sees_no_value_text_or_subject(gateway: Gateway, someone: str) -> None:
    gateway.send(someone, "Your code is 482913")
    with gateway.client(gateway.new_key("read")) as reader:
        history = reader.get("/v1/codes", params={"identifier": someone}).json()["codes"]
        listing = reader.get("/v1/messages", params={"identifier": someone})
    assert [(code["value"], code["subject"]) for code in history] == [(None, None)]
    assert "482913" not in listing.text
    assert "text" not in listing.json()["messages"][0]


def test_a_key_for_some_identifiers_sees_no_others(gateway: Gateway, someone: str) -> None:
    """Forbidden and unknown answer alike, to the byte."""
    gateway.push(someone, "Your code is 482913")
    message = gateway.api.get("/v1/messages", params={"identifier": someone}).json()["messages"][0]
    both = [someone, f"never{someone}"]
    key = gateway.new_key("claim", "push", "messages", only=("*@narrow.example", "+15557770000"))
    with gateway.client(key) as narrow:
        for answers in (
            [narrow.get("/v1/codes/latest", params={"identifier": one}) for one in both],
            [narrow.get("/v1/codes", params={"identifier": one}) for one in both],
            [narrow.get("/v1/messages", params={"identifier": one}) for one in both],
            [narrow.post("/v1/claims", json={"identifier": one}) for one in both],
            [narrow.post("/v1/messages", json={"identifier": one, "content": "1234"}) for one in both],
            [narrow.get(f"/v1/messages/{one}") for one in (message["id"], "msg_0")],
        ):
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].content == answers[1].content
        assert narrow.get("/v1/codes").json() == {"codes": [], "next": None}
        assert narrow.get("/v1/messages").json() == {"messages": [], "next": None}
        assert narrow.post("/v1/claims", json={"identifier": "user@NARROW.example"}).status_code == 200
        assert narrow.get("/v1/codes/latest", params={"identifier": "+1 555 777 0000"}).status_code == 200


def test_an_alias_opens_nothing_that_its_owner_would_not(gateway: Gateway, someone: str) -> None:
    gateway.api.put(f"/v1/identifiers/{someone}", json={"aliases": [f"alias.{someone}"]})
    gateway.push(f"alias.{someone}", "Your code is 482913")
    assert gateway.latest(f"alias.{someone}")["code"]["identifier"] == someone
    with gateway.client(gateway.new_key("claim", only=(f"alias.{someone}",))) as narrow:
        assert narrow.get("/v1/codes/latest", params={"identifier": f"alias.{someone}"}).status_code == 404


def test_a_narrow_admin_makes_nothing_that_reaches_further(gateway: Gateway, someone: str) -> None:
    """Neither a key, nor a webhook, nor an alias by which somebody else's codes would come."""
    who = f"user{someone.partition('@')[0]}@narrow.example"
    with gateway.client(gateway.new_key("admin", only=("*@narrow.example",))) as narrow:
        assert narrow.post("/v1/keys", json={"name": "x", "scopes": ["claim"]}).status_code == 403
        assert narrow.get("/v1/keys").status_code == 403
        assert narrow.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"}).status_code == 403
        assert narrow.put(f"/v1/identifiers/{who}", json={"aliases": [someone]}).status_code == 404
        assert narrow.put(f"/v1/identifiers/{who}", json={"aliases": [f"a.{who}"]}).status_code == 200
        gateway.api.put(f"/v1/identifiers/{who}", json={"aliases": [someone]})
        kept = narrow.put(f"/v1/identifiers/{who}", json={"aliases": [someone], "min_trust": "route"})
        assert (kept.status_code, kept.json()["min_trust"]) == (200, "route"), "what an admin gave it stays"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "", "scopes": ["read"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["root"]},
        {"name": "x", "scopes": ["read"], "expires_in": 0},
        {"name": "x", "scopes": ["read"], "only": [""]},
        {"name": "x", "scopes": ["read"], "only": " , "},
    ],
)
def test_a_key_that_makes_no_sense_is_a_400(gateway: Gateway, body: dict[str, object]) -> None:
    assert gateway.api.post("/v1/keys", json=body).status_code == 400


def test_every_value_shown_is_an_audit_row(gateway: Gateway, someone: str) -> None:
    """Who saw which code of which message, and how."""
    gateway.push(someone, "Your code is 482913")
    key = gateway.new_key("claim", "messages")
    with gateway.client(key) as client:
        code = client.get("/v1/codes/latest", params={"identifier": someone}).json()["code"]
        client.get("/v1/codes", params={"identifier": someone})
        client.get("/v1/messages", params={"identifier": someone})
        client.get(f"/v1/messages/{code['message_id']}")
        claim = client.post("/v1/claims", json={"identifier": someone, "run_id": "alice"}).json()["claim"]
        client.post(f"/v1/claims/{claim['claim_id']}/reject")
    with closing(sqlite3.connect(f"file:{gateway.data_dir}/otpgate.db?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT action, result, code_id, message_id, run_id FROM showings WHERE key_id = ? ORDER BY id",
            (key.split("_")[1],),
        ).fetchall()
    of_code, of_message = (code["id"], code["message_id"]), ("", code["message_id"])
    assert rows == [
        ("latest", "shown", *of_code, ""),
        ("history", "shown", *of_code, ""),
        ("messages", "shown", *of_message, ""),
        ("messages", "shown", *of_message, ""),
        ("claim", "shown", *of_code, "alice"),
        ("claim", "rejected", *of_code, "alice"),
    ]
