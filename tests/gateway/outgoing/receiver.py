"""A real HTTP server that receives webhooks, answers as it is told, and may be down for a while."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

PATIENCE = 60.0
"""Seconds after which what should have come counts as lost."""


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request: its path, headers in lower case, and body."""

    path: str
    headers: dict[str, str]
    body: bytes
    seconds: float = field(default_factory=time.monotonic)

    @property
    def id(self) -> str:
        """Its webhook-id."""
        return self.headers["webhook-id"]

    @property
    def data(self) -> dict[str, Any]:
        """The event's data."""
        return dict(json.loads(self.body)["data"])

    def verified_by(self, secret: str) -> dict[str, Any]:
        """The event, as the specification's library verifies it."""
        return dict(Webhook(secret).verify(self.body, self.headers))


class Receiver:
    """Answers each request with the next of its statuses, the last one for ever; "hang" answers nothing."""

    def __init__(self, *answers: int | str, port: int = 0) -> None:
        self.answers, self.received = list(answers or (204,)), list[Received]()
        self.accepted: list[Received] = []
        """What was answered with a 2xx."""
        self._release = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/otp"

    def close(self) -> None:
        self._release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self, wanted: Callable[[list[Received]], bool]) -> list[Received]:
        """What was accepted, once it is what is wanted."""
        deadline = time.monotonic() + PATIENCE
        while not wanted(self.accepted):
            assert time.monotonic() < deadline, f"{len(self.received)} came, {len(self.accepted)} were accepted"
            time.sleep(0.02)
        return list(self.accepted)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): text for name, text in self.headers.items()}
                request = Received(path=self.path, headers=headers, body=body)
                receiver.received.append(request)
                answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                if answer == "hang":
                    receiver._release.wait(PATIENCE)
                    return
                if 200 <= int(answer) < 300:
                    receiver.accepted.append(request)
                self.send_response(int(answer))
                self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
