"""A real Dovecot, and a gateway that watches its mailboxes."""

import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.authority import make_authority
from tests.dovecot import MISSING, PASSWORD, Dovecot, new_dovecot, remove
from tests.running import CONFIG, Gateway, Json

PATIENCE = 60.0
WATCHING = {"watching", "polling"}
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the authority that certifies every Dovecot."""
    folder = tmp_path_factory.mktemp("authority")
    make_authority(folder)
    return folder


@pytest.fixture(scope="session")
def dovecot(authority: Path) -> Iterator[Dovecot]:
    """A Dovecot that all tests may use at once, each with a user of its own."""
    yield from running(authority)


def running(authority: Path, **settings: str) -> Iterator[Dovecot]:
    """A Dovecot from its start to its end."""
    if shutil.which("dovecot") is None and shutil.which("/usr/sbin/dovecot") is None:
        pytest.skip(MISSING)
    made = new_dovecot(authority, **settings)
    try:
        made.start()
        yield made
    finally:
        remove(made)


@dataclass(kw_only=True)
class Post:
    """A gateway and the mail server whose mailboxes it watches."""

    gateway: Gateway
    dovecot: Dovecot

    def add(self, address: str, *, watched: bool = True, **fields: Any) -> None:
        """Adds a mailbox, and waits until it is watched."""
        known = {"host": "127.0.0.1", "port": self.dovecot.port, "password": PASSWORD}
        answer = self.gateway.api.put(f"/v1/mailboxes/{address}", json={**known, **fields})
        assert answer.status_code == 200, answer.text
        if watched:
            self.wait_for(address, lambda one: one["state"] in WATCHING)

    def shown(self, address: str) -> Json:
        """How it goes with a mailbox."""
        found = self.gateway.api.get("/v1/mailboxes").json()["mailboxes"]
        return next(one for one in found if one["address"] == address)

    def wait_for(self, address: str, done: Callable[[Json], bool]) -> None:
        """Waits until a mailbox is as wanted."""
        until = time.monotonic() + PATIENCE
        while not done(shown := self.shown(address)):
            assert time.monotonic() < until, shown
            time.sleep(0.05)

    def value(self, address: str, **fields: Any) -> str | None:
        """The value of the code that a run is handed, and accepts."""
        claim = self.gateway.claim(address, **{"wait": 60, **fields})["claim"]
        if claim is None:
            return None
        assert self.gateway.end(claim["claim_id"], "accept").status_code == 200
        return str(claim["value"])

    def codes(self, identifier: str) -> list[str]:
        """Every code that ever came for an identifier, the newest first."""
        found = self.gateway.api.get("/v1/codes", params={"identifier": identifier}).json()["codes"]
        return [one["value"] for one in found]

    def events(self, name: str, address: str) -> list[str]:
        """The lines of the log that tell of such an event with that mailbox."""
        return [line for line in self.gateway.lines if f'"{name}"' in line and f'"{address}"' in line]


def config(authority: Path, **keys: object) -> str:
    """A gateway's configuration that believes in that authority."""
    lines = {
        "ca_file": f'"{authority}/ca.pem"',
        "renew_seconds": 2,
        "poll_seconds": 1,
        "fetch_kib": 32,
        **keys,
    }
    return CONFIG + "[mailboxes]\n" + "\n".join(f"{name} = {value}" for name, value in lines.items())


@pytest.fixture(scope="session")
def post(authority: Path, dovecot: Dovecot, serve_all: Callable[..., Gateway]) -> Post:
    """A gateway and a mail server that all tests may use at once."""
    return Post(gateway=serve_all(config(authority)), dovecot=dovecot)


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    """The address of a mailbox that no other test uses."""
    return dovecot.add_user(f"user{next(_numbers)}@example.com")
