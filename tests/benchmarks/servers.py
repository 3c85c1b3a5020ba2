"""The servers that are measured, each in a process of its own: otpgate, aiosmtpd, MailDev, a bare HTTP answer."""

import asyncio
import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from gateway.smtp import bind

ROOT = Path(__file__).parents[2]
MAILDEV = ROOT / ".cache" / "maildev"
_PATIENCE = 60.0


class EmptyHandler:
    """Takes every mail and keeps none."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Says yes."""
        return "250 OK"


def serve_aiosmtpd(ready: Connection) -> None:
    """A bare aiosmtpd, with a backlog as long as ours; its port goes to `ready`."""

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(EmptyHandler(), hostname="localhost"), sock=bind("127.0.0.1", 0)[0], backlog=2048
        )
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


class _Answer(BaseHTTPRequestHandler):
    """The least that a held HTTP request can cost."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """A small JSON answer at once."""
        body = b'{"code": null}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def serve_http(ready: Connection) -> None:
    """Answers every GET at once; its port goes to `ready`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    ready.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def running(serve: Callable[[Connection], None]) -> Iterator[int]:
    """The port of a server in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    yield int(ours.recv())
    process.terminate()
    process.join()


@dataclass(frozen=True, kw_only=True)
class Otpgate:
    """A running otpgate."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    smtp: str
    url: str

    @property
    def key(self) -> str:
        """The admin key."""
        return (self.folder / "admin.key").read_text(encoding="ascii").strip()

    @property
    def smtp_port(self) -> int:
        """Where mail goes in."""
        return int(self.smtp.rpartition(":")[2])

    @property
    def cpu_seconds(self) -> float:
        """Time of the processor that the main process took so far, whatever else the machine does (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def megabytes(self) -> float:
        """Memory resident now (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").split("VmRSS:")[1].split()
        return int(fields[0]) / 1024


@contextmanager
def otpgate(**environment: str) -> Iterator[Otpgate]:
    """`otpgate serve` over a new data folder."""
    with tempfile.TemporaryDirectory(prefix="otpgate-bench-") as place:
        data, log = Path(place) / "data", Path(place) / "log"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("OTPGATE_")}
        ports = ["--smtp-port", "0", "--http-port", "0"]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "gateway", "serve", "--data-dir", str(data), *ports],
                cwd=ROOT,
                env=clean | environment,
                stdout=out,
                stderr=out,
            )
        try:
            ready = _ready(process, log)
            yield Otpgate(process=process, folder=data, smtp=ready["smtp"][0], url=f"http://{ready['http'][0]}")
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _ready(process: "subprocess.Popen[bytes]", log: Path) -> dict[str, list[str]]:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text(encoding="utf-8").splitlines():
            if '"event": "ready"' in line:
                return dict(json.loads(line))
        time.sleep(0.05)
    sys.exit(f"otpgate did not start:\n{log.read_text(encoding='utf-8')}")


@contextmanager
def maildev() -> Iterator[int | None]:
    """The SMTP port of MailDev 3 from npm, installed once under `.cache`; None where npm is absent."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        yield None
        return
    script = MAILDEV / "node_modules" / "maildev" / "dist" / "bin" / "maildev.js"
    if not script.exists():
        MAILDEV.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--silent"]
        if subprocess.run([npm, "install", *quiet, "maildev@3"], cwd=MAILDEV, check=False).returncode:
            yield None
            return
    smtp, web = _free_port(), _free_port()
    command = [node, str(script), "-s", str(smtp), "-w", str(web), "--ip", "127.0.0.1", "--silent"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(smtp)
        yield smtp
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            threading.Event().wait(0.1)
        else:
            return
    sys.exit(f"nothing listens at port {port}")
