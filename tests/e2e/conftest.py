"""A real gateway in a process of its own, that may be killed and started again over the same data."""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from core.secrets import new_key
from tests import running
from tests.e2e.nodes import Nodes

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
    """`otpgate serve` over one data folder, in one life after the other."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    patience: float = running.PATIENCE
    """Seconds that a start may take."""
    lives: list[running.Gateway] = field(default_factory=list)
    start_took: float = 0.0
    """Seconds of the last start."""

    def start(self) -> None:
        """Start on free ports; returns when it is ready."""
        began = time.monotonic()
        self.lives.append(running.start_gateway(self.folder, environment=self.environment, patience=self.patience))
        self.start_took = time.monotonic() - began

    @property
    def pid(self) -> int:
        """The process of its present life."""
        return self.lives[-1].process.pid

    @property
    def smtp(self) -> tuple[str, int]:
        """Where its SMTP door is."""
        return self.lives[-1].smtp

    @property
    def url(self) -> str:
        """Where its HTTP door is."""
        return self.lives[-1].url

    @property
    def output(self) -> str:
        """All that it wrote so far."""
        return "".join(line for life in self.lives for line in life.lines)

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self.lives[-1].kill()

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        return self.lives[-1].stop()

    @property
    def key(self) -> str:
        """The admin key of the first start."""
        return self.lives[0].key

    def api(self) -> httpx.Client:
        """A client of its API."""
        return self.lives[-1].client(self.key)


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[Gateway]:
    """A running gateway, stopped at the end; its log is at the most verbose level."""
    gateway = Gateway(folder=tmp_path / "data", environment={"OTPGATE_LOG__LEVEL": "debug"})
    gateway.start()
    yield gateway
    if gateway.lives[-1].process.poll() is None:
        gateway.stop()


@pytest.fixture
def nodes(new_database: Callable[[], str], tmp_path: Path) -> Nodes:
    """Nodes over a database in which nothing is yet."""
    settings = {"OTPGATE_DATABASE__URL": new_database(), "OTPGATE_ENCRYPTION__KEY": new_key().text}
    return Nodes(folder=tmp_path, environment=settings | running.ONE_PROCESS | {"OTPGATE_LOG__FORMAT": "json"})


@pytest.fixture
def start(nodes: Nodes) -> Iterator[Callable[..., running.Gateway]]:
    """Starts nodes, and sees that each stops well."""
    started: list[running.Gateway] = []

    def one(name: str, *arguments: str) -> running.Gateway:
        started.append(nodes.start(name, *arguments))
        return started[-1]

    yield one
    assert {node.stop() for node in started} <= {0, -signal.SIGKILL}  # a test may kill one
