"""History and messages: newest first, a page at a time, and a page keeps its place while rows arrive."""

import pytest

from tests.running import Gateway, Json, until


def push_many(gateway: Gateway, identifier: str, count: int) -> list[str]:
    values = [f"{100_000 + number}" for number in range(count)]
    for value in values:
        gateway.push(identifier, f"Your code is {value}")
    return values


@pytest.mark.parametrize(("path", "name"), [("/v1/codes", "codes"), ("/v1/messages", "messages")])
def test_a_page_keeps_its_place_while_rows_arrive(gateway: Gateway, someone: str, path: str, name: str) -> None:
    push_many(gateway, someone, 7)
    seen: list[str] = []
    page: str | None = ""
    while page is not None:
        answer = gateway.api.get(path, params={"identifier": someone, "limit": 3, "page": page}).json()
        seen += [one["received_at"] for one in answer[name]]
        page = answer["next"]
        push_many(gateway, someone, 1)
    assert len(seen) == 7
    assert seen == sorted(seen, reverse=True)


def test_the_last_page_says_that_it_is_the_last(gateway: Gateway, someone: str) -> None:
    push_many(gateway, someone, 2)
    for limit, more in ((1, True), (2, False), (3, False)):
        answer = gateway.api.get("/v1/codes", params={"identifier": someone, "limit": limit}).json()
        assert (answer["next"] is not None) is more


def found(gateway: Gateway, identifier: str, **params: str) -> list[Json]:
    answer = gateway.api.get("/v1/codes", params={"identifier": identifier, **params})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["codes"])


def test_the_history_is_narrowed_by_each_of_its_parameters(gateway: Gateway, someone: str) -> None:
    gateway.send(someone, "Your code is 111111", "no-reply@mail.acme.example")
    gateway.push(someone, "Your code is 222222")
    gateway.push(someone, "https://acme.example/in?token=abcdefgh12345678")
    gateway.push(someone, "Your code is 333333", run_id="bob")
    claim = gateway.claim(someone, run_id="alice", kinds=["code"], sender="acme.example")["claim"]
    gateway.end(claim["claim_id"], "accept")

    def values(**params: str) -> list[str]:
        return [code["value"][:6] for code in found(gateway, someone, **params)]

    everything = ["333333", "https:", "222222", "111111"]
    middle = found(gateway, someone)[1]["received_at"]
    assert values() == values(kind="any", state="", channel="", sender="") == everything
    assert values(kind="link") == ["https:"]
    assert values(channel="email") == values(sender="acme.example") == ["111111"]
    assert values(sender="no-reply@mail.acme.example") == ["111111"]
    assert values(sender="me.example") == values(sender="%") == []
    assert values(since=middle) == ["333333", "https:"]
    assert values(until=middle) == ["222222", "111111"]
    assert values(since=middle.replace("Z", " 00:00")) == values(since=middle.replace("Z", "+00:00"))
    assert values(state="accepted") + values(state="fresh") == [
        claim["value"],
        *(v for v in everything if v != claim["value"]),
    ]
    assert values(run_id="alice") == [claim["value"]]
    assert values(run_id="bob") == ["333333"]


def test_the_history_tells_a_lapsed_lease_from_a_running_one(gateway: Gateway, someone: str) -> None:
    gateway.push(someone, "Your code is 482913")
    gateway.claim(someone, run_id="alice", lease=600)
    assert [code["run_id"] for code in found(gateway, someone, state="claimed")] == ["alice"]
    assert found(gateway, someone, state="fresh") == found(gateway, someone, state="expired") == []


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"page": "x"},
        {"page": "WyJhIl0="},
        {"page": "WzEsMl0="},
        {"since": "now"},
        {"since": "2026-11-23T00:00:00"},
        {"state": "lost"},
        {"channel": "pigeon"},
    ],
    ids=str,
)
def test_what_cannot_be_understood_is_a_400(gateway: Gateway, params: Json) -> None:
    assert gateway.api.get("/v1/codes", params=params).status_code == 400


def test_a_message_shows_what_was_made_of_it(gateway: Gateway, someone: str) -> None:
    gateway.send(someone, "Your code is 482913. Order 7731 is on its way.")
    listed = gateway.api.get("/v1/messages", params={"identifier": someone}).json()["messages"][0]
    one = gateway.api.get(f"/v1/messages/{listed['id']}").json()
    assert one == listed
    assert (one["kind"], one["channel"], one["identity_source"], one["verdict"]) == ("code", "email", "to", "")
    winner = one["candidates"][0]
    assert winner["value"] == "482913"
    assert winner["reasons"]
    assert "482913" in one["text"]
    until(lambda: any(one["trace_id"] in line for line in gateway.lines))


def test_a_message_without_a_code_is_listed_as_such(gateway: Gateway, someone: str) -> None:
    gateway.send(someone, "Welcome, and thank you for reading this letter.")
    listed = gateway.api.get("/v1/messages", params={"identifier": someone, "kind": "none"}).json()["messages"]
    assert [message["kind"] for message in listed] == ["none"]
    assert gateway.api.get("/v1/messages", params={"identifier": someone, "kind": "code"}).json()["messages"] == []


def test_a_push_is_a_new_message_each_time_unless_it_has_a_name(gateway: Gateway, someone: str) -> None:
    def push(name: str = "") -> Json:
        headers = {"Idempotency-Key": name} if name else {}
        body = {"identifier": someone, "content": "Your code is 482913"}
        answer = gateway.api.post("/v1/messages", json=body, headers=headers)
        assert answer.status_code == 201
        return dict(answer.json())

    assert push()["message"]["id"] != push()["message"]["id"]
    first, again, other = push("a"), push("a"), push("b")
    assert (first["new"], again["new"], other["new"]) == (True, False, True)
    assert again["message"]["id"] == first["message"]["id"] != other["message"]["id"]
    assert again["codes"] == first["codes"]
    assert len(found(gateway, someone)) == 4


def test_the_name_of_a_push_is_its_callers_own(gateway: Gateway, someone: str) -> None:
    body = {"identifier": someone, "content": "Your code is 482913"}
    for key in (gateway.key, gateway.new_key("push")):
        with gateway.client(key) as client:
            assert client.post("/v1/messages", json=body, headers={"Idempotency-Key": "a"}).json()["new"] is True
    too_long = gateway.api.post("/v1/messages", json=body, headers={"Idempotency-Key": "a" * 256})
    assert too_long.status_code == 400


def test_a_push_carries_its_particulars_through(gateway: Gateway, someone: str) -> None:
    fields = {"sender": "Acme", "source": "zapier", "run_id": "r", "workflow_id": "w", "task_id": "t"}
    gateway.push(someone, "Your code is 482913", **fields)
    code = found(gateway, someone)[0]
    assert {name: code[name] for name in fields} == fields


@pytest.mark.parametrize(
    "body", [{}, {"content": "1"}, {"identifier": "user@example.com"}, {"identifier": "x", "content": "1"}]
)
def test_a_push_that_lacks_something_is_a_400(gateway: Gateway, body: Json) -> None:
    assert gateway.api.post("/v1/messages", json=body).status_code == 400


def test_a_body_over_the_limit_is_413(gateway: Gateway, someone: str) -> None:
    answer = gateway.api.post("/v1/messages", json={"identifier": someone, "content": "x" * 2_000_000})
    assert answer.status_code == 413


def test_senders_repeat_and_empty_fields_count_as_left_out(gateway: Gateway, someone: str) -> None:
    for sender in ("site.example", "two.example", "three.example"):
        gateway.send(someone, "Your code is 482913", sender=f"no-reply@{sender}")
    params = {"identifier": someone, "sender": ["site.example", "@two.example"], "limit": ""}
    found = gateway.api.get("/v1/codes", params=params).json()["codes"]
    assert [code["sender_domain"] for code in found] == ["two.example", "site.example"]
    assert gateway.api.get("/v1/codes", params={"channel": "totp", "page": ""}).status_code == 200
