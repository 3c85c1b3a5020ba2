"""Deliveries of codes to webhooks: planned from what happened, taken by one node at a time, kept when given up.

A delivery that is taken comes due again once its lease is over, unless it was settled: so a node that was killed
loses nothing, and a receiver may be told twice, under the same id.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    and_,
    func,
    select,
    update,
)

from core.store.columns import Instant, Words, metadata
from core.store.engine import insert_into
from core.store.listing import Page, turn_to
from core.store.records import Code
from core.store.rows import code_record
from core.store.tables import codes
from core.store.webhooks import WEBHOOKS_LINE, webhooks
from core.store.writer import Writer

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(40), primary_key=True),  # the webhook-id that its receiver sees
    Column("webhook_id", String(40), ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("code_id", String(40), ForeignKey("codes.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("claim_id", String(40), nullable=False),
    Column("identifier", Words, nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", Words, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=True),
    Column("holder", String(40), nullable=False),
    UniqueConstraint("webhook_id", "code_id"),
    Index(None, "state", "webhook_id", "due_at"),
    Index(None, "received_at"),
)


class Stage(StrEnum):
    """How far a delivery is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One code on its way to one webhook."""

    id: str
    webhook_id: str
    code_id: str
    claim_id: str = ""
    identifier: str
    state: Stage = Stage.WAITING
    attempts: int = 0
    """Attempts begun since it was planned or replayed."""
    reason: str = ""
    """What the last attempt met: an HTTP status, or an error's class."""
    received_at: datetime
    """When its code arrived."""
    begun_at: datetime
    """When it was planned or replayed."""
    due_at: datetime
    """When it is tried next; of one that is taken, when another may take it."""
    ended_at: datetime | None = None
    holder: str = ""


_WAITING = deliveries.c.state == Stage.WAITING.value


class Deliveries:
    """The verbs on deliveries."""

    def __init__(self, writer: Writer, reader: Engine, ring: Callable[[str], None]) -> None:
        self._writer, self._reader, self._ring = writer, reader, ring

    def plan(self, planned: Sequence[Delivery], position: int) -> Future[None]:
        """Keep deliveries, each code once a webhook, and that all events up to that number are planned."""
        rows = [vars(one) | {"state": one.state.value} for one in planned]

        def work(connection: Connection) -> None:
            there = set(connection.execute(select(webhooks.c.id)).scalars())  # one may have been removed meanwhile
            still = [row for row in rows if row["webhook_id"] in there]
            if still:
                connection.execute(insert_into(connection, deliveries).on_conflict_do_nothing(), still)
            behind = webhooks.c.position < position
            connection.execute(update(webhooks).where(behind).values(position=position))

        return self._writer.submit(work)

    def due(self) -> dict[str, datetime]:
        """When the first delivery of each webhook is due; of those that wait for none nothing."""
        query = select(deliveries.c.webhook_id, func.min(deliveries.c.due_at)).where(_WAITING)
        with self._reader.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query.group_by(deliveries.c.webhook_id))}

    def take(
        self, webhook_id: str, most: int, node: str, now: datetime, until: datetime
    ) -> list[tuple[Delivery, Code]]:
        """Deliveries of a webhook that are due, with their codes, for this node alone until then."""
        free = and_(_WAITING, deliveries.c.webhook_id == webhook_id, deliveries.c.due_at <= now)
        first = select(deliveries.c.id).where(free).order_by(deliveries.c.due_at, deliveries.c.id).limit(most)
        mine = {"due_at": until, "holder": node, "attempts": deliveries.c.attempts + 1}

        def work(connection: Connection) -> list[tuple[Delivery, Code]]:
            ids = connection.execute(first.with_for_update(skip_locked=True)).scalars().all()
            taken = update(deliveries).where(deliveries.c.id.in_(ids), free).values(**mine)
            rows = connection.execute(taken.returning(deliveries)).mappings().all() if ids else []
            found = select(codes).where(codes.c.id.in_([row["code_id"] for row in rows]))
            known = {row["id"]: code_record(connection, row) for row in connection.execute(found).mappings()}
            return [(_record(row), known[row["code_id"]]) for row in rows]

        return self._writer.apart(work).result()

    def settle(self, delivery: Delivery, node: str) -> Future[bool]:
        """Note how an attempt went; False when that no longer counts, since another node goes on with it."""
        values = {name: getattr(delivery, name) for name in ("claim_id", "reason", "due_at", "ended_at")}
        values |= {"state": delivery.state.value, "holder": ""}
        mine = and_(deliveries.c.id == delivery.id, _WAITING)
        if delivery.state is not Stage.DELIVERED:
            mine = and_(mine, deliveries.c.holder == node)
        return self._writer.submit(
            lambda connection: connection.execute(update(deliveries).where(mine).values(values)).rowcount == 1
        )

    def release(self, node: str, now: datetime) -> Future[None]:
        """Let what this node has taken come due at once; on SQLite, what any has: there is no other process."""
        held = deliveries.c.holder != "" if self._writer.alone else deliveries.c.holder == node

        def work(connection: Connection) -> None:
            again = update(deliveries).where(_WAITING, held)
            connection.execute(again.values(due_at=now, holder=""))

        return self._writer.submit(work)

    def replay(self, now: datetime, *, delivery_id: str = "", webhook_id: str = "") -> Future[int]:
        """Begin anew with one delivery, or with all that a webhook's receiver missed; how many that were."""
        one = deliveries.c.id == delivery_id
        missed = and_(deliveries.c.webhook_id == webhook_id, deliveries.c.state == Stage.FAILED.value)
        anew = {"state": Stage.WAITING.value, "attempts": 0, "begun_at": now, "due_at": now, "ended_at": None}

        def work(connection: Connection) -> int:
            statement = update(deliveries).where(one if delivery_id else missed).values(**anew, holder="")
            return int(connection.execute(statement).rowcount)

        return self._writer.submit(work, lambda _: self._ring(WEBHOOKS_LINE))

    def find(self, delivery_id: str) -> Delivery | None:
        """The delivery of that id."""
        with self._reader.connect() as connection:
            query = select(deliveries).where(deliveries.c.id == delivery_id)
            row = connection.execute(query).mappings().first()
        return _record(row) if row else None

    def page(self, page: Page, *, state: str = "", webhook_id: str = "") -> list[Delivery]:
        """A page of deliveries, the newest codes first."""
        query = turn_to(select(deliveries), deliveries, page)
        if state:
            query = query.where(deliveries.c.state == state)
        if webhook_id:
            query = query.where(deliveries.c.webhook_id == webhook_id)
        with self._reader.connect() as connection:
            return [_record(row) for row in connection.execute(query).mappings()]

    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many deliveries there are, by webhook and state."""
        query = select(deliveries.c.webhook_id, deliveries.c.state, func.count())
        query = query.group_by(deliveries.c.webhook_id, deliveries.c.state)
        with self._reader.connect() as connection:
            return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _record(row: RowMapping) -> Delivery:
    values: dict[str, Any] = dict(row)
    return Delivery(**values | {"state": Stage(row["state"])})
