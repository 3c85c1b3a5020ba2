"""The relay to Skyvern, against a real server that answers 502, hangs, then says raw_pending."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select

from core.store import State, Trust
from core.store.tables import codes
from gateway.relay import RUN, Relay, Target
from tests.running import CONFIG, Gateway
from tests.shelves import Desk, open_desk


class Skyvern:
    """A server that answers pushes for somebody as told, one answer after the other, the last one for ever.

    A relay on a database that tests share brings it others' codes too: those it takes at once.
    """

    def __init__(self, whom: str, *answers: int | str) -> None:
        self.whom, self.answers = whom, list(answers)
        self.pushes, self.keys = list[dict[str, Any]](), list[str]()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._release = threading.Event()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, push: dict[str, Any]) -> int | str:
        if push["totp_identifier"] != self.whom:
            return "raw_pending"
        self.pushes.append(push)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def close(self) -> None:
        self._release.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        skyvern = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                push = {"path": self.path, **json.loads(body)}
                skyvern.keys.append(self.headers["x-api-key"])
                answer = skyvern.answer(push)
                if answer == "hang":
                    skyvern._release.wait(10)
                    return
                self.send_response(200 if isinstance(answer, str) else answer)
                self.end_headers()
                self.wfile.write(json.dumps({"code": "", "otp_type": None, "status": answer}).encode())

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def skyvern() -> Iterator[Callable[..., Skyvern]]:
    servers: list[Skyvern] = []

    def start(whom: str, *answers: int | str) -> Skyvern:
        servers.append(Skyvern(whom, *answers))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def relaying(desk: Desk) -> Iterator[Callable[..., Desk]]:
    """Starts a relay over a store on each database in turn."""
    relays: list[Relay] = []
    real = open_desk(desk.shelf, lambda: datetime.now(UTC))
    desk.shelf.clock.now = datetime.now(UTC)

    def start(skyvern: Skyvern, minimum: Trust = Trust.NONE) -> Desk:
        target = Target(base_url=skyvern.url, api_key="sky-key", patience=0.4)
        relays.append(Relay(desk.shelf.store, real.claims, lambda: datetime.now(UTC), target, minimum))
        relays[-1].start()
        return real

    yield start
    for relay in relays:
        relay.stop()


def becomes(desk: Desk, code_id: str, state: State) -> None:
    found = ""
    for _ in range(200):
        with desk.shelf.store.reader.connect() as connection:
            found = connection.execute(select(codes.c.state).where(codes.c.id == code_id)).scalar_one()
        if found == state:
            return
        time.sleep(0.05)
    pytest.fail(f"{found} and not {state}")


def test_a_code_is_pushed_as_a_bare_value_and_served_to_nobody(
    relaying: Callable[..., Desk], skyvern: Callable[..., Skyvern], someone: str
) -> None:
    server = skyvern(someone, "raw_pending")
    desk = relaying(server)
    code = desk.shelf.arrive(someone, "482913", run_id="wr_1", source="x")
    becomes(desk, code.id, State.ACCEPTED)
    assert [(p["path"], p["content"], p["workflow_run_id"]) for p in server.pushes] == [
        ("/v1/credentials/totp", "482913", "wr_1")
    ]
    assert set(server.keys) == {"sky-key"}
    assert desk.claim(someone, "wr_1") is None
    assert desk.latest(someone) is None


def test_what_answers_502_and_hangs_is_tried_again_and_never_served(
    relaying: Callable[..., Desk], skyvern: Callable[..., Skyvern], someone: str
) -> None:
    server = skyvern(someone, 502, "hang", "raw_pending")
    desk = relaying(server)
    code = desk.shelf.arrive(someone, "482913")
    while not server.pushes:
        time.sleep(0.01)
    assert desk.claim(someone, "alice") is None
    becomes(desk, code.id, State.ACCEPTED)
    assert len(server.pushes) >= 3
    assert {push["content"] for push in server.pushes} == {"482913"}


def test_what_skyvern_refuses_is_served_here(
    relaying: Callable[..., Desk], skyvern: Callable[..., Skyvern], someone: str
) -> None:
    server = skyvern(someone, 403)
    desk = relaying(server)
    desk.shelf.arrive(someone, "482913")
    claim = desk.claim(someone, "alice", wait=timedelta(seconds=10)) or desk.claim(
        someone, "alice", wait=timedelta(seconds=10)
    )
    assert claim is not None
    time.sleep(1.5)
    assert len(server.pushes) <= 1


def test_what_a_process_before_left_is_delivered_after_a_restart(
    relaying: Callable[..., Desk], skyvern: Callable[..., Skyvern], someone: str
) -> None:
    broken, whole = skyvern(someone, 502), skyvern(someone, "raw_pending")
    desk = relaying(broken)
    code = desk.shelf.arrive(someone, "482913")
    becomes(desk, code.id, State.CLAIMED)
    relaying(whole)
    becomes(desk, code.id, State.ACCEPTED)


def test_too_little_trust_is_not_relayed(
    relaying: Callable[..., Desk], skyvern: Callable[..., Skyvern], someone: str
) -> None:
    server = skyvern(someone, "raw_pending")
    desk = relaying(server, Trust.AUTHOR)
    desk.shelf.arrive(someone, "482913")
    trusted = desk.shelf.arrive(someone, "482914", author="acme.example")
    becomes(desk, trusted.id, State.ACCEPTED)
    assert {push["content"] for push in server.pushes} == {"482914"}


def test_a_gateway_with_a_relay_pushes_what_comes_in(
    serve: Callable[..., Gateway], skyvern: Callable[..., Skyvern]
) -> None:
    server = skyvern("a@example.com", 502, "raw_pending")
    relay = f'[skyvern]\napi_key = "sky-key"\nrelay = true\nbase_url = "{server.url}"\n'
    gateway = serve(f"{CONFIG}\n{relay}")
    gateway.push("a@example.com", "Your code is 73519482")
    states: list[str] = []
    for _ in range(100):
        history = gateway.api.get("/v1/codes", params={"run_id": RUN}).json()["codes"]
        states = [code["state"] for code in history]
        if states == ["accepted"]:
            break
        time.sleep(0.05)
    assert states == ["accepted"]
    assert len(server.pushes) >= 2
    assert {push["content"] for push in server.pushes} == {"73519482"}
    assert gateway.claim("a@example.com")["claim"] is None
    assert gateway.stop() == 0
    assert not any("73519482" in line for line in gateway.lines)
