"""A real gateway in a process of its own, that may be killed and started again over the same data."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, make_url, text

from core.secrets import new_key
from tests.e2e.nodes import PATIENCE, Node, Nodes

GMAIL_FORWARD = """\
Return-Path: <user+caf_=otp=gw.example@gmail.com>
Received: by mail-sor.example with SMTPS id x1; Mon, 23 Nov 2026 01:00:00 -0800 (PST)
X-Forwarded-To: otp@gw.example
X-Forwarded-For: {to} otp@gw.example
Delivered-To: {to}
From: Acme <no-reply@acme.example>
To: {to}
Subject: Your sign-in code
Message-ID: <{id}@acme.example>
Date: Mon, 23 Nov 2026 01:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

Your verification code is {code}. It expires in 10 minutes.

--b
Content-Type: text/html; charset=utf-8

<html><body><div style="display:none">Order 555123</div>
<p>Your verification code is</p><h1>{code}</h1></body></html>

--b--
"""


def gmail_forward(to: str, code: str, identity: str = "1") -> bytes:
    """A multipart HTML mail as Gmail's filter forwards it."""
    return GMAIL_FORWARD.format(to=to, code=code, id=identity).replace("\n", "\r\n").encode()


@pytest.fixture(scope="session")
def forwarded() -> Callable[..., bytes]:
    """Makes a mail to a mailbox, with a code, as Gmail's filter forwards it."""
    return gmail_forward


@dataclass(kw_only=True)
class Gateway:
    """`otpgate serve` over one data folder; its output of all its lives is in a file."""

    folder: Path
    log: Path
    environment: dict[str, str] = field(default_factory=dict)
    patience: float = 30
    """Seconds that a start may take."""
    process: subprocess.Popen[bytes] | None = None
    smtp: tuple[str, int] = ("", 0)
    url: str = ""
    start_took: float = 0.0
    """Seconds of the last start."""

    def start(self) -> None:
        """Start on free ports and wait for the ready line."""
        before, began = len(self.output), time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway", "serve", "--smtp-port", "0", "--http-port", "0"],
                env=self.environment | {"OTPGATE_DATA_DIR": str(self.folder)},
                stdout=log,
                stderr=log,
            )
        while time.monotonic() < began + self.patience and self.process.poll() is None:
            for line in self.output[before:].splitlines():
                if '"event": "ready"' in line:
                    ready = json.loads(line)
                    host, _, port = ready["smtp"][0].rpartition(":")
                    self.smtp, self.url = (host, int(port)), f"http://{ready['http'][0]}"
                    self.start_took = time.monotonic() - began
                    return
            time.sleep(0.02)
        pytest.fail("the gateway did not start: " + self.output[before:])

    @property
    def output(self) -> str:
        """All that it wrote so far."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def kill(self) -> None:
        """Kill it as a power cut would."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        assert self.process
        self.process.terminate()
        return self.process.wait(timeout=20)

    @property
    def key(self) -> str:
        """The admin key of the first start."""
        return (self.folder / "admin.key").read_text(encoding="ascii").strip()

    def api(self) -> httpx.Client:
        """A client of its API."""
        return httpx.Client(base_url=self.url, headers={"x-api-key": self.key}, timeout=40)


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[Gateway]:
    """A running gateway, stopped at the end; its log is at the most verbose level."""
    verbose = dict(os.environ) | {"OTPGATE_LOG__LEVEL": "debug"}
    running = Gateway(folder=tmp_path / "data", log=tmp_path / "log", environment=verbose)
    running.start()
    yield running
    if running.process and running.process.poll() is None:
        running.stop()


@pytest.fixture
def database(postgresql: str) -> Iterator[str]:
    """The URL of an empty database of its own."""
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE nodes"))
        yield make_url(postgresql).set(database="nodes").render_as_string(hide_password=False)
        connection.execute(text("DROP DATABASE nodes WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def nodes(database: str, tmp_path: Path) -> Nodes:
    settings = {"OTPGATE_DATABASE__URL": database, "OTPGATE_ENCRYPTION__KEY": new_key().text}
    return Nodes(folder=tmp_path, environment=settings | {"OTPGATE_LOG__FORMAT": "json"})


@pytest.fixture
def start(nodes: Nodes) -> Iterator[Callable[..., Node]]:
    """Starts nodes, and sees that each stops well."""
    running: list[Node] = []

    def one(name: str, *arguments: str) -> Node:
        running.append(nodes.start(name, *arguments))
        return running[-1]

    yield one
    for node in running:
        node.process.terminate()
        node.process.communicate(timeout=PATIENCE)
    assert {node.process.returncode for node in running} <= {0, -signal.SIGKILL}  # a test may kill one
