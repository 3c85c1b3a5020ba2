"""Attacks on the HTTP door of a running gateway."""

import re
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from urllib.parse import urlsplit

import httpx
import pytest

from tests.abuse.attacking import CODE, SECRET, Under
from tests.bounds import soonest
from tests.running import Gateway, until

See = Callable[[str], None]
LATEST = "/v1/codes/latest"


@pytest.fixture(scope="session")
def web() -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(timeout=20) as client:
        yield client


def call(web: httpx.Client, gateway: Gateway, key: str = "", path: str = LATEST, **headers: str) -> httpx.Response:
    """A call for somebody's code, with a key and from an address that the named proxy tells."""
    sent = {name.replace("_", "-"): text for name, text in headers.items()} | ({"x-api-key": key} if key else {})
    return web.get(gateway.url + path, params={"identifier": "x@example.com"}, headers=sent)


def audited(gateway: Gateway, address: str, many: int) -> list[tuple[str, str, str]]:
    """Action, result and key of each refusal to an address; they are written soon after the answer."""
    query = "SELECT action, result, key_id FROM showings WHERE address = ? ORDER BY id"
    rows: list[tuple[str, str, str]] = []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(rows) < many:
        with closing(sqlite3.connect(f"file:{gateway.data_dir / 'otpgate.db'}?mode=ro", uri=True)) as database:
            rows = database.execute(query, [address]).fetchall()
    return rows


def test_without_the_right_key(gateway: Gateway, web: httpx.Client, see: See) -> None:
    """No key, wrong, revoked, expired, in the query: 401 with equal bodies, an audit row each."""
    gateway.push("x@example.com", f"Your code is {CODE}. {SECRET}")
    revoked, expired = gateway.new_key("claim"), gateway.new_key("claim", expires_in=1)
    gateway.api.delete(f"/v1/keys/{revoked.split('_')[1]}")
    time.sleep(1)
    here = {"x_forwarded_for": "192.0.2.1"}
    wrong = gateway.key[:-1] + ("a" if gateway.key[-1] != "a" else "b")
    answers = [call(web, gateway, key, **here) for key in ("", "wrong", wrong, revoked, expired, "otpgate_x_y")]
    answers.append(call(web, gateway, path=f"{LATEST}?api_key={gateway.key}&x-api-key={gateway.key}", **here))
    rows = audited(gateway, "192.0.2.1", len(answers))
    see(f"{ {a.status_code for a in answers} }, {len({a.content for a in answers})} body, {len(rows)} audit rows")
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert rows == [(f"GET {LATEST}", "unauthenticated", "")] * 7


def test_with_a_key_for_something_else(gateway: Gateway, web: httpx.Client, see: See) -> None:
    """Wrong scope 403; a foreign identifier 404, as one that does not exist; an audit row each."""
    reader, other = gateway.new_key("read"), gateway.new_key("claim", only=("*@other.example",))
    here = {"x_forwarded_for": "192.0.2.2"}
    scope, foreign = call(web, gateway, reader, **here), call(web, gateway, other, **here)
    nothing = web.get(
        f"{gateway.url}{LATEST}?identifier=nobody@example.com",
        headers={"x-api-key": other, "x-forwarded-for": "192.0.2.2"},
    )
    rows = [row[1:] for row in audited(gateway, "192.0.2.2", 3)]
    see(f"{scope.status_code}, {foreign.status_code}, {nothing.status_code}; audited: {[row[0] for row in rows]}")
    assert (scope.status_code, foreign.status_code) == (403, 404)
    assert foreign.content == nothing.content
    ids = [key.split("_")[1] for key in (reader, other, other)]
    assert rows == list(zip(["forbidden", "not-found", "not-found"], ids, strict=True))


def test_1000_wrong_keys(gateway: Gateway, see: See) -> None:
    """401 up to 60 a minute, then 429; a right key from that address is answered; few audit rows."""
    with httpx.Client(base_url=gateway.url, headers={"x-forwarded-for": "192.0.2.3"}, timeout=20) as client:
        codes = [
            client.get(LATEST + "?identifier=x@example.com", headers={"x-api-key": f"otpgate_{n}_x"})
            for n in range(1000)
        ]
        right = client.get(LATEST + "?identifier=nobody@example.com", headers={"x-api-key": gateway.key})
    refused = [code.status_code for code in codes]
    rows = audited(gateway, "192.0.2.3", 60)
    see(f"{refused.count(401)} times 401, {refused.count(429)} times 429, {right.status_code}; {len(rows)} rows")
    assert refused == [401] * 60 + [429] * 940
    assert codes[-1].headers["Retry-After"] == "60"
    assert right.status_code == 200
    assert len(rows) == 60


def test_a_lying_x_forwarded_for(gateway: Gateway, web: httpx.Client, see: See) -> None:
    """Counts only from a named proxy, and only the hop that the proxy itself saw."""
    wrong = [call(web, gateway, "wrong", x_forwarded_for=f"198.51.100.{n}, 192.0.2.4") for n in range(61)]
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.8")) as stranger:
        lying = [
            stranger.get(
                f"{gateway.url}{LATEST}?identifier=x@example.com",
                headers={"x-api-key": "wrong", "x-forwarded-for": f"203.0.113.{n}"},
            )
            for n in range(61)
        ]
    see(f"proxy's 61st: {wrong[-1].status_code}, stranger's 61st: {lying[-1].status_code}")
    assert [wrong[-1].status_code, lying[-1].status_code] == [429, 429]


def test_the_host_header(gateway: Gateway, web: httpx.Client, see: See) -> None:
    """Host and X-Forwarded-Host, -Proto and -Prefix appear in no answer."""
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil.example"}
    paths = ("/", "/docs", "/docs/", "/v1/claims/", "/openapi.json", "/healthz/", "/v1/skyvern/urls")
    answers = [web.get(gateway.url + path, headers=headers) for path in paths]
    found = [a.request.url.path for a in answers if "evil" in a.text or "evil" in str(a.headers)]
    see(f"in {len(found)} of {len(answers)} answers")
    assert found == []


def test_deep_json(gateway: Gateway, see: See) -> None:
    """400 for 11 levels, for 100,000, and for what is no JSON at all."""
    bodies = ["[" * 100_000, '{"a":' * 11 + "1" + "}" * 11, "{" * 50_000, '{"a":' * 900 + "1" + "}" * 900, "NaN"]
    answers = [gateway.api.post("/v1/claims", content=body.encode()) for body in bodies]
    see(", ".join(str(answer.status_code) for answer in answers))
    assert {answer.status_code for answer in answers} == {400}


def test_large_requests(gateway: Gateway, web: httpx.Client, see: See) -> None:
    """A body over 1 MiB 413 (declared, or in chunks), headers over 64 KiB 431, long fields 400, as problems."""
    chunks = (b"x" * 65536 for _ in range(40))
    body = gateway.api.post("/v1/messages", content=b"x" * 2**21)
    chunked = gateway.api.post("/v1/messages", content=chunks)
    header = web.get(gateway.url + "/healthz", headers={"x-long": "x" * 70_000})
    field = gateway.api.post("/v1/claims", json={"identifier": "x@example.com", "run_id": "x" * 2000})
    many = gateway.api.post("/v1/claims", json={"identifier": "x@example.com", "sender": ["x"] * 2000})
    answers = (body, chunked, header, field, many)
    codes = [answer.status_code for answer in answers]
    see(str(codes))
    assert codes == [413, 413, 431, 400, 400]
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}


def test_slow_requests(impatient: Gateway, see: See) -> None:
    """A byte at a time, in the head or in the body: cut once the request's time is over (2 s here)."""
    url = urlsplit(impatient.url)
    heads = (b"GET / HTTP/1.1\r\nX: ", b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
    took = []
    for head in heads:
        with socket.create_connection((url.hostname or "", url.port or 0), 5) as one:
            one.sendall(head)
            took.append(_dripped(one))
    see(", ".join(f"{seconds:.1f} s" for seconds in took))
    assert max(took) < 8


def _dripped(one: socket.socket) -> float:
    began = time.monotonic()
    one.settimeout(0.2)
    while time.monotonic() - began < 10:
        with suppress(TimeoutError):
            try:
                one.sendall(b"a")
                if not one.recv(100):
                    break
            except ConnectionError:
                break
    return time.monotonic() - began


@pytest.fixture
def idle(gateway: Gateway) -> Iterator[list[socket.socket]]:
    """2,000 connections that say nothing."""
    url = urlsplit(gateway.url)
    crowd = [socket.create_connection((url.hostname or "", url.port or 0), 5) for _ in range(2000)]
    yield crowd
    for one in crowd:
        one.close()


@pytest.mark.alone
@pytest.mark.usefixtures("idle")
def test_2000_connections(gateway: Gateway, web: httpx.Client, see: See) -> None:
    """Others are answered within 2 s."""
    answer, took = soonest(lambda: web.get(gateway.url + "/readyz"), wanted=2)
    see(f"{answer.status_code} in {took:.2f} s")
    assert answer.status_code == 200
    assert took < 2


def test_too_many_waiting_clients(impatient: Gateway, web: httpx.Client, see: See) -> None:
    """503 with Retry-After beyond the bound (20 here); other calls are answered meanwhile."""
    with ThreadPoolExecutor(30) as clients:
        waits = [
            clients.submit(impatient.api.get, LATEST, params={"identifier": f"w{n}@example.com", "wait": 60})
            for n in range(30)
        ]
        until(lambda: sum(wait.done() for wait in waits) == 10)
        meanwhile = web.get(impatient.url + "/healthz").status_code
        assert sum(wait.done() for wait in waits) == 10
        for n in range(30):
            impatient.push(f"w{n}@example.com", CODE)
        answers = [wait.result() for wait in waits]
    busy = [answer for answer in answers if answer.status_code == 503]
    see(f"{len(answers) - len(busy)} waited, {len(busy)} times 503; meanwhile {meanwhile}")
    assert len(busy) == 10
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in busy)
    assert meanwhile == 200


KEYLESS = {"/healthz", "/readyz", "/hooks/<name>", "/v1/skyvern/pull/<token>", "/docs", "/openapi.json"}


def test_doors_without_a_key(gateway: Gateway, web: httpx.Client, see: See) -> None:
    """Every route of the API asks for a key but those that CONTRACT lists."""
    document = gateway.api.get("/openapi.json").json()
    open_ = []
    for path, methods in document["paths"].items():
        for method in methods:
            answer = web.request(method, gateway.url + re.sub(r"\{\w+\}", "x", path), json={})
            if answer.status_code not in {401, 403, 429}:  # Skyvern's routes answer as Skyvern does: 403
                open_.append(re.sub(r"\{(\w+)\}", r"<\1>", path))
    metrics = web.get(gateway.url + "/metrics").status_code
    see(f"open: {', '.join(sorted(set(open_)))}; /metrics {metrics}")
    assert set(open_) <= KEYLESS
    assert metrics == 401


def test_what_configuration_opens(under: Under, web: httpx.Client, see: See) -> None:
    """/metrics without a key only when it says open; /docs gone when it says so."""
    gateway = under.attack(http='metrics = "open"\ndocs = false\n')
    codes = [web.get(gateway.url + path).status_code for path in ("/metrics", "/docs", "/openapi.json")]
    see(str(codes))
    assert codes == [200, 404, 404]


def test_headers_for_browsers(gateway: Gateway, web: httpx.Client, see: See) -> None:
    """No sniffing, no frames, no referrer, no cache, nothing but our own scripts, TLS from now on."""
    answers = [web.get(gateway.url + path) for path in ("/healthz", "/docs", "/nothing", LATEST)]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer.headers["Cache-Control"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
        assert "Server" not in answer.headers
    see(f"on all of {len(answers)} answers")


def test_errors_that_would_tell(gateway: Gateway, see: See) -> None:
    """Problem details name no file, module, exception or value."""
    sent = [
        gateway.api.get(LATEST, params={"identifier": SECRET}),
        gateway.api.get(LATEST, params={"identifier": "x@example.com", "after": SECRET}),
        gateway.api.post("/v1/claims", json={"identifier": "x@example.com", SECRET: 1}),
        gateway.api.post("/v1/claims", content=SECRET.encode()),
        gateway.api.post(f"/v1/claims/{SECRET}/accept"),
        gateway.api.get("/v1/messages", params={"page": SECRET}),
        gateway.api.put("/v1/claims", content=b"\xff\xfe"),
        gateway.api.request("TRACE", "/v1/claims"),
    ]
    told = [a.text for a in sent if re.search(r"Traceback|\.py|core\.|gateway\.|Error\b|sqlite|0x", a.text)]
    see(f"{ {a.status_code for a in sent} }, {len(told)} told")
    assert told == []
    assert all(400 <= answer.status_code < 500 for answer in sent)
    assert all(answer.headers["Content-Type"] == "application/problem+json" for answer in sent)
