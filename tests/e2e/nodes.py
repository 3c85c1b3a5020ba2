"""Nodes of one gateway over one PostgreSQL, each `otpgate serve` in a process of its own."""

import json
import os
import smtplib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

PATIENCE = 30.0


@dataclass(frozen=True, kw_only=True)
class Node:
    """One `otpgate serve` of several over the same database."""

    process: "subprocess.Popen[str]"
    smtp: tuple[str, int]
    url: str
    proxied: str = ""
    """HOST:PORT of the SMTP port for load balancers, where it has one."""

    def send(self, mail: bytes) -> None:
        """Deliver a forwarded mail to this node."""
        with smtplib.SMTP(*self.smtp) as client:
            client.sendmail("user@gmail.com", ["otp@gw.example"], mail)


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """Starts nodes over one database, each with a data folder of its own, all with the same encryption key."""

    folder: Path
    environment: dict[str, str]

    def start(self, name: str, *arguments: str) -> Node:
        """A node that is ready."""
        ports = ("--smtp-port", "0", "--http-port", "0", "--data-dir", str(self.folder / name))
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "serve", *ports, *arguments],
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line)
            if '"event": "ready"' in line:
                ready = json.loads(line)
                host, _, port = (ready["smtp"] or [":0"])[0].rpartition(":")
                return Node(
                    process=process,
                    smtp=(host, int(port)),
                    url=f"http://{(ready['http'] or [''])[0]}",
                    proxied="".join(ready["smtp"][1:]),
                )
        pytest.fail("the node did not start: " + "".join(lines))

    def client(self, node: Node) -> httpx.Client:
        """A client of one node, with the admin key that the first node made."""
        key = next(self.folder.glob("*/admin.key")).read_text(encoding="ascii").strip()
        return httpx.Client(base_url=node.url, headers={"x-api-key": key}, timeout=PATIENCE)
