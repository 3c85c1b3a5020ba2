"""Held requests: each wakes for its own, a client that left takes nothing with it, and stopping ends all."""

import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import Serve
from tests.running import CONFIG, Gateway

MANY = 200


def test_two_hundred_wait_and_each_gets_its_own_and_no_other(gateway: Gateway) -> None:
    """A hundred by mail, a hundred pushed."""
    names = [f"held{number}@example.com" for number in range(MANY)]
    with ThreadPoolExecutor(MANY) as pool:
        waiting = [pool.submit(gateway.claim, name, wait=60) for name in names]
        gateway.until_held(MANY)
        for number, name in enumerate(names):
            arrive = gateway.send if number % 2 else gateway.push
            arrive(name, f"Your code is {100_000 + number}")
        values = [future.result(60)["claim"]["value"] for future in waiting]
    assert values == [str(100_000 + number) for number in range(MANY)]


def test_two_hundred_wait_half_leave_and_the_codes_go_to_those_who_stayed(gateway: Gateway, someone: str) -> None:
    """The sockets really close; every other one in the line, the first among them."""
    clients = [waiting_socket(gateway, someone, f"run{number}") for number in range(MANY)]
    gateway.until_held(MANY)
    for client in clients[::2]:
        client.close()
    stayed = clients[1::2]
    gateway.until_held(len(stayed))
    for number in range(len(stayed)):
        gateway.push(someone, f"Your code is {100_000 + number}")
    claims = [json.loads(body_of(client))["claim"] for client in stayed]
    assert {claim["value"] for claim in claims} == {str(100_000 + number) for number in range(len(stayed))}
    assert {claim["run_id"] for claim in claims} == {f"run{number}" for number in range(1, MANY, 2)}


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [("POST", "/v1/claims", "json"), ("GET", "/v1/codes/latest", "params"), ("POST", "", "json")],
)
def test_a_key_that_ends_while_its_request_is_held_gets_nothing(
    gateway: Gateway, method: str, path: str, fields: str, someone: str
) -> None:
    made = gateway.api.post("/v1/keys", json={"name": "short", "scopes": ["claim"]}).json()
    with gateway.client(made["key"]) as client, ThreadPoolExecutor(1) as pool:
        address = (
            path or urlsplit(client.post("/v1/skyvern/urls", json={"identifier": someone}).json()["url"]).path
        )
        asked: dict[str, Any] = {fields: {"identifier": someone, "wait": 60} if path else {}}
        held = pool.submit(client.request, method, address, timeout=90, **asked)
        gateway.until_held(1)
        assert gateway.api.delete(f"/v1/keys/{made['id']}").status_code == 204
        gateway.push(someone, "Your code is 482913")
        answer = held.result(90)
    assert (answer.status_code, "482913" in answer.text) == (401 if path else 403, False)
    assert gateway.claim(someone)["claim"]["value"] == "482913"


def test_a_key_that_ends_while_nothing_comes_is_told_so(serve: Serve, someone: str) -> None:
    """401 and not a diagnosis; what ends the wait, here the gateway's stop, is all one."""
    gateway = serve()
    made = gateway.api.post("/v1/keys", json={"name": "short", "scopes": ["claim"]}).json()
    asked: dict[str, Any] = {"identifier": someone, "wait": 60}
    other = {"identifier": someone, "run_id": "other", "exclusive": True}
    assert gateway.api.post("/v1/cursors", json=other).status_code == 200
    with gateway.client(made["key"]) as client, ThreadPoolExecutor(4) as pool:
        pull = urlsplit(client.post("/v1/skyvern/urls", json={"identifier": someone}).json()["url"]).path
        held = [
            pool.submit(client.post, "/v1/claims", json=asked, timeout=90),
            pool.submit(client.post, "/v1/cursors", json={**asked, "exclusive": True}, timeout=90),
            pool.submit(client.get, "/v1/codes/latest", params=asked, timeout=90),
            pool.submit(client.post, pull, json={}, timeout=90),
        ]
        gateway.until_held(4)
        assert gateway.api.delete(f"/v1/keys/{made['id']}").status_code == 204
        gateway.process.terminate()
        assert [answer.result(90).status_code for answer in held] == [401, 401, 401, 403]
    assert gateway.stop() == 0


def waiting_socket(gateway: Gateway, identifier: str, run: str) -> socket.socket:
    """A client that has sent a claim and waits for the answer."""
    place = urlsplit(gateway.url)
    body = json.dumps({"identifier": identifier, "run_id": run, "wait": 60})
    head = f"POST /v1/claims HTTP/1.1\r\nHost: {place.netloc}\r\nx-api-key: {gateway.key}\r\n"
    client = socket.create_connection((place.hostname or "", place.port or 0), 90)
    client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    return client


def body_of(client: socket.socket) -> bytes:
    with client, client.makefile("rb") as answer:
        assert answer.readline().split()[1] == b"200"
        length = 0
        while (line := answer.readline().strip()) != b"":
            if match := re.match(rb"content-length: (\d+)", line, re.IGNORECASE):
                length = int(match[1])
        return answer.read(length)


def test_while_requests_are_held_other_calls_are_answered(gateway: Gateway, someone: str) -> None:
    with ThreadPoolExecutor(50) as pool:
        waiting = [pool.submit(gateway.claim, f"{number}{someone}", wait=60) for number in range(50)]
        gateway.until_held(50)
        assert gateway.api.get("/healthz").status_code == 200
        assert gateway.push(someone, "Your code is 482913")
        assert not any(future.done() for future in waiting)
        for number in range(50):
            gateway.push(f"{number}{someone}", "Your code is 482913")
        assert all(future.result(60)["claim"] for future in waiting)


@pytest.mark.alone
def test_a_stopping_gateway_ends_what_it_holds_within_five_seconds(serve: Serve) -> None:
    gateway = serve()
    with ThreadPoolExecutor(10) as pool:
        waiting = [pool.submit(gateway.claim, f"{number}@example.com", wait=60) for number in range(10)]
        gateway.until_held(10)
        began = time.monotonic()
        gateway.process.terminate()
        assert [future.result(60)["claim"] for future in waiting] == [None] * 10
        assert gateway.process.wait(10) == 0
        assert time.monotonic() - began < 5
    gateway.api.close()
    gateway.reader.join(5)


def test_one_more_than_may_be_held_is_asked_to_come_back(serve: Serve, someone: str) -> None:
    """A request that does not wait is answered all the same, and whoever leaves makes room."""
    gateway = serve(CONFIG.replace("[http]", "[http]\nmax_held_requests = 1"))
    client = waiting_socket(gateway, someone, "alice")
    gateway.until_held(1)
    busy = gateway.api.post("/v1/claims", json={"identifier": someone, "wait": 5})
    assert (busy.status_code, busy.json()["type"]) == (503, "urn:otpgate:problem:busy")
    assert busy.headers["Retry-After"] == "1"
    assert gateway.claim(someone)["claim"] is None
    client.close()
    gateway.until_held(0)
    assert gateway.claim(someone, wait=0.1)["claim"] is None
    assert gateway.stop() == 0
