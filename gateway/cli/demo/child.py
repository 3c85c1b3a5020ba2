"""A private gateway: the real `otpgate serve` as a child process, on free ports, in a temporary folder."""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from core.errors import OtpgateError

PATIENCE = 30.0
"""Seconds that starting may take on a slow machine."""
_STOPPING = 10.0


class DemoError(OtpgateError):
    """The demonstration did not work; the text says where."""


@dataclass(frozen=True, kw_only=True)
class PrivateGateway:
    """Where the private gateway's doors are, and its secrets."""

    smtp: tuple[str, int]
    url: str
    account_sid: str
    auth_token: str = field(repr=False)
    key: str = field(repr=False)


@contextmanager
def private_gateway() -> Iterator[PrivateGateway]:
    """Serve while the block runs, then drain and forget everything; raises DemoError."""
    url = f"http://127.0.0.1:{_free_port()}"
    account, token = "AC" + secrets.token_hex(16), secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="otpgate-demo-") as folder:
        child = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "gateway", "serve", "--data-dir", folder],
            env=_environment(url, account, token),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            smtp = _ready(child)
            key = (Path(folder) / "admin.key").read_text(encoding="ascii").strip()
            yield PrivateGateway(smtp=smtp, url=url, account_sid=account, auth_token=token, key=key)
        finally:
            _stop(child)


def _environment(url: str, account: str, token: str) -> dict[str, str]:
    """This process's environment, with none of the user's own configuration in it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OTPGATE_")}
    return own | {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "OTPGATE_SERVER__PUBLIC_URL": url,
        "OTPGATE_SMTP__LISTEN": "127.0.0.1:0",
        "OTPGATE_HTTP__LISTEN": url.removeprefix("http://"),
        "OTPGATE_LOG__FORMAT": "json",
        "OTPGATE_HOOKS__SMS__PROVIDER": "twilio",
        "OTPGATE_HOOKS__SMS__ACCOUNT_SID": account,
        "OTPGATE_HOOKS__SMS__AUTH_TOKEN": token,
    }


def _free_port() -> int:
    """A port that was free a moment ago: the public URL must be known before the gateway starts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(child: subprocess.Popen[str]) -> tuple[str, int]:
    """Host and port of SMTP, once both doors answer; the child's later lines are read and dropped."""
    lines: list[str] = []
    ready = threading.Event()

    def follow(output: IO[str]) -> None:
        with output:
            for line in output:
                if not ready.is_set():
                    lines.append(line.strip())
                if '"event": "ready"' in line:
                    ready.set()
        ready.set()

    if child.stdout:
        threading.Thread(target=follow, args=(child.stdout,), daemon=True).start()
    ready.wait(PATIENCE)
    last = lines[-1] if lines else "it said nothing"
    if '"event": "ready"' not in last:
        raise DemoError(f"the private gateway did not start: {last}")
    host, _, port = json.loads(last)["smtp"][0].rpartition(":")
    return host, int(port)


def _stop(child: subprocess.Popen[str]) -> None:
    child.terminate()
    try:
        child.wait(_STOPPING)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
