"""A listener to `GET /v1/events`, as a program would write one."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.running import Gateway

PATIENCE = 60.0


@dataclass(kw_only=True)
class Listening:
    """What one stream has told so far."""

    events: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    ended: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def until(self, count: int) -> list[dict[str, Any]]:
        """The events, once there are so many."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.events) >= count, PATIENCE), self.events
            return list(self.events)

    def until_ended(self) -> None:
        """Until the gateway has ended the stream."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.ended, PATIENCE)

    def kinds(self, count: int) -> list[str]:
        """What so many events are called."""
        return [event["event"] for event in self.until(count)]

    def read(self, response: httpx.Response) -> None:
        """Reads until the stream ends, from either side."""
        told: dict[str, Any] = {}
        try:
            for line in response.iter_lines():
                self.lines.append(line)
                name, _, text = line.partition(": ")
                if line.startswith("data"):
                    told["data"] = json.loads(text)
                elif name in {"id", "event"}:
                    told[name] = text
                elif not line and "event" in told:
                    with self.changed:
                        self.events.append(told)
                        self.changed.notify_all()
                    told = {}
        except httpx.HTTPError:
            pass  # whoever listens has left
        with self.changed:
            self.ended = True
            self.changed.notify_all()


@contextmanager
def listening(gateway: Gateway, key: str = "", last: str = "", **query: str) -> Iterator[Listening]:
    """Listens while the block runs, by the admin key unless another is named."""
    headers = {"x-api-key": key or gateway.key} | ({"Last-Event-ID": last} if last else {})
    with hearing(gateway.url, headers, **query) as heard:
        yield heard


@contextmanager
def hearing(url: str, headers: dict[str, str], **query: str) -> Iterator[Listening]:
    """The same at any address, whoever one is by the headers."""
    heard = Listening()
    with (
        httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client,
        client.stream("GET", "/v1/events", params=query) as response,
    ):
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"] == "text/event-stream"
        thread = threading.Thread(target=heard.read, args=(response,), daemon=True)
        thread.start()
        yield heard
        with suppress(OSError):  # the gateway may have ended it
            response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE)
