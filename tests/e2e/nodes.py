"""Nodes of one gateway over one PostgreSQL, each `otpgate serve` in a process of its own."""

from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.running import Gateway, start_gateway

PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """Starts nodes over one database, each with a data folder of its own, all with the same encryption key."""

    folder: Path
    environment: dict[str, str]

    def start(self, name: str, *arguments: str) -> Gateway:
        """A node that is ready."""
        return start_gateway(self.folder / name, *arguments, environment=self.environment)

    def client(self, node: Gateway) -> httpx.Client:
        """A client of one node, with the admin key that the first node made."""
        key = next(self.folder.glob("*/admin.key")).read_text(encoding="ascii").strip()
        return node.client(key)
