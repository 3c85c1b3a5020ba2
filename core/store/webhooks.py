"""Webhooks to the user's own systems: where to, for whose codes, signed with which secrets."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    RowMapping,
    String,
    Table,
    delete,
    func,
    select,
    update,
)

from core.store.columns import Instant, Words, metadata
from core.store.engine import lock
from core.store.events import events
from core.store.rows import opened, sealed
from core.store.writer import Writer

WEBHOOKS_LINE = "webhooks"
"""What is rung when a webhook was added or changed, or a delivery is due at once."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("url", Words, nullable=False),  # sealed: it may hold a password or a token
    Column("secrets", Words, nullable=False),  # sealed: JSON of [secret, until] pairs, the newest first
    Column("only", Words, nullable=False),
    Column("include_value", Boolean, nullable=False),
    Column("claims", Boolean, nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("position", BigInteger, nullable=False),  # the last event whose deliveries are planned
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant, nullable=True),
)


@dataclass(frozen=True, kw_only=True)
class Secret:
    """What deliveries are signed with, until it has been replaced for long enough."""

    text: str = field(repr=False)
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """One receiver."""

    id: str
    url: str = field(repr=False)
    secrets: tuple[Secret, ...]
    only: tuple[str, ...] = ()
    """Patterns of identifiers; none is all."""
    include_value: bool = False
    claims: bool = False
    """Whether its codes are claimed for it, so that nobody else gets them."""
    key_id: str = ""
    """The API key that made it."""
    position: int = 0
    created_at: datetime
    disabled_at: datetime | None = None

    @property
    def run_id(self) -> str:
        """The run that claims for it, and that its audit rows name."""
        return f"webhook-{self.id.rpartition('_')[2]}"

    def signing(self, now: datetime) -> list[str]:
        """The secrets to sign with, the newest first: several while they rotate."""
        return [one.text for one in self.secrets if one.until is None or one.until > now]


class Webhooks:
    """The verbs on webhooks."""

    def __init__(self, writer: Writer, reader: Engine, ring: Callable[[str], None]) -> None:
        self._writer, self._reader, self._ring = writer, reader, ring

    def all(self) -> list[Webhook]:
        """Every webhook, the oldest first."""
        with self._reader.connect() as connection:
            query = select(webhooks).order_by(webhooks.c.created_at, webhooks.c.id)
            return [webhook_record(connection, row) for row in connection.execute(query).mappings()]

    def find(self, webhook_id: str) -> Webhook | None:
        """The webhook of that id."""
        with self._reader.connect() as connection:
            query = select(webhooks).where(webhooks.c.id == webhook_id)
            row = connection.execute(query).mappings().first()
            return webhook_record(connection, row) if row else None

    def add(self, webhook: Webhook) -> Future[Webhook]:
        """Store a new one; what comes from now on is for it."""

        def work(connection: Connection) -> Webhook:
            last = connection.execute(select(func.max(events.c.number))).scalar() or 0
            added = replace(webhook, position=last)
            connection.execute(webhooks.insert().values(_values(connection, added)))
            return added

        return self._writer.submit(work, lambda _: self._ring(WEBHOOKS_LINE))

    def remove(self, webhook_id: str) -> Future[bool]:
        """Forget one with its deliveries; whether it was there."""
        statement = delete(webhooks).where(webhooks.c.id == webhook_id)
        return self._writer.submit(lambda connection: connection.execute(statement).rowcount == 1)

    def rotate(self, webhook_id: str, secret: str, until: datetime, now: datetime) -> Future[Webhook | None]:
        """Sign with a new secret, and with those before until then; None when there is no such webhook."""

        def work(connection: Connection) -> Webhook | None:
            lock(connection, f"webhook {webhook_id}")
            row = connection.execute(select(webhooks).where(webhooks.c.id == webhook_id)).mappings().first()
            if row is None:
                return None
            old = webhook_record(connection, row)
            kept = [one for one in old.secrets if one.until is None or one.until > now]
            older = [replace(one, until=one.until or until) for one in kept]
            new = replace(old, secrets=(Secret(text=secret), *older))
            values = _values(connection, new)
            changed = update(webhooks).where(webhooks.c.id == webhook_id).values(secrets=values["secrets"])
            connection.execute(changed)
            return new

        return self._writer.submit(work)

    def disable(self, webhook_id: str, now: datetime | None) -> Future[bool]:
        """Plan no more deliveries for it, or (None) do so again from now on; whether it was there."""

        def work(connection: Connection) -> bool:
            statement = update(webhooks).where(webhooks.c.id == webhook_id).values(disabled_at=now)
            return connection.execute(statement).rowcount == 1

        return self._writer.submit(work, lambda _: self._ring(WEBHOOKS_LINE))


def _values(connection: Connection, webhook: Webhook) -> dict[str, Any]:
    pairs = [[one.text, one.until.isoformat() if one.until else None] for one in webhook.secrets]
    lists = {"secrets": json.dumps(pairs), "only": json.dumps(webhook.only)}
    return sealed(connection, webhooks, vars(webhook) | lists)


def webhook_record(connection: Connection, row: RowMapping) -> Webhook:
    """The webhook of a row."""
    values = opened(connection, webhooks, row)
    pairs = json.loads(values["secrets"])
    secrets = (Secret(text=text, until=datetime.fromisoformat(until) if until else None) for text, until in pairs)
    return Webhook(**values | {"secrets": tuple(secrets), "only": tuple(json.loads(values["only"]))})
