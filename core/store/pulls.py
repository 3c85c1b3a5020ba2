"""Pull addresses: whoever has the token of one is handed the codes that it was made for."""

import json
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from core.store.handing import find_claim
from core.store.records import Claim, State
from core.store.tables import claims, pulls
from core.store.writer import Writer

_FEW = 5
_LISTS = ("kinds", "senders", "link_hosts")


@dataclass(frozen=True, kw_only=True)
class Pull:
    """What a pull address hands out. It lives as long as the API key that made it."""

    digest: str
    """SHA-256 of its token."""
    identifier: str
    kinds: tuple[str, ...]
    senders: tuple[str, ...] = ()
    link_hosts: tuple[str, ...] = ()
    issuer: str = ""
    key_id: str
    created_at: datetime


class Pulls:
    """The verbs on pull addresses."""

    def __init__(self, writer: Writer, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def add(self, pull: Pull) -> Future[None]:
        """Store a new one."""
        lists = {name: json.dumps(getattr(pull, name)) for name in _LISTS}
        values = vars(pull) | lists

        def work(connection: Connection) -> None:
            connection.execute(pulls.insert().values(values))

        return self._writer.submit(work)

    def find(self, digest: str) -> Pull | None:
        """The one with that digest."""
        with self._reader.connect() as connection:
            row = connection.execute(select(pulls).where(pulls.c.digest == digest)).mappings().first()
        if row is None:
            return None
        lists = {name: tuple(json.loads(row[name] or "[]")) for name in _LISTS}
        return Pull(**{**row, **lists})

    def answered(self, identifier: str, run_id: str) -> list[tuple[Claim, datetime]]:
        """The claims that this run accepted last, newest first, and when each was made."""
        query = (
            select(claims.c.id, claims.c.claimed_at)
            .where(
                claims.c.identifier == identifier,
                claims.c.run_id == run_id,
                claims.c.outcome == State.ACCEPTED.value,
            )
            .order_by(claims.c.claimed_at.desc())
            .limit(_FEW)
        )
        with self._reader.connect() as connection:
            found = [(find_claim(connection, row.id), row.claimed_at) for row in connection.execute(query).all()]
        return [(claim, at) for claim, at in found if claim]
