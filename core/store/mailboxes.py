"""Mailboxes that are pulled by IMAP: how to get in, how far each was read, and which node watches it.

The lease spares servers a second connection and needs no more: were two nodes to watch the same mailbox for a
moment, the mark of a message would still let each code in once.
"""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    or_,
    select,
    update,
)

from core.ids import new_id
from core.store.columns import Instant, Words, metadata
from core.store.engine import lock
from core.store.rows import opened, sealed
from core.store.writer import Writer

LINE = "mailboxes"
"""What is rung when a mailbox was added or removed."""

mailboxes = Table(
    "mailboxes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("address", String(320), nullable=False),
    Column("folder", String(255), nullable=False),
    Column("host", String(255), nullable=False),
    Column("port", Integer, nullable=False),
    Column("security", String(8), nullable=False),
    Column("login", Words, nullable=False),
    Column("mark_seen", Boolean, nullable=False),
    Column("secret", Words, nullable=False),  # sealed: JSON of a password, or of an OAuth grant
    Column("uid_validity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
    Column("contact_at", Instant, nullable=False),
    Column("arrived_at", Instant, nullable=True),
    Column("state", String(12), nullable=False),
    Column("reason", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("holder", String(40), nullable=False),
    Column("lease_until", Instant, nullable=True),
    UniqueConstraint("address", "folder"),
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """How far a folder has been read: everything up to that UID, under that UIDVALIDITY (RFC 3501, 2.3.1.1)."""

    uid_validity: int
    last_uid: int


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """One folder of one mailbox, as stored."""

    id: str = ""
    address: str
    """Whose mail it is, where a mail itself does not tell."""
    folder: str = "INBOX"
    host: str
    port: int = 993
    security: str = "tls"
    """tls (from the first byte), starttls, or plain (on loopback only)."""
    login: str
    mark_seen: bool = False
    secret: Mapping[str, str] = field(repr=False)
    """`password`, or what `gateway.mailboxes.oauth` keeps."""
    uid_validity: int = 0
    last_uid: int = 0
    contact_at: datetime
    """When the server last said that there was no more to read."""
    arrived_at: datetime | None = None
    """When the last mail was read from it."""
    state: str = "new"
    """new, watching (by IDLE), polling, lost, or shut out."""
    reason: str = ""
    created_at: datetime
    changed_at: datetime
    """When it was last added: whoever watches it begins anew."""

    @property
    def place(self) -> Place:
        """How far it was read."""
        return Place(uid_validity=self.uid_validity, last_uid=self.last_uid)


_COLUMNS = tuple(one.name for one in fields(Mailbox))


class Mailboxes:
    """The verbs on mailboxes."""

    def __init__(self, writer: Writer, reader: Engine, ring: Callable[[str], None]) -> None:
        self._writer, self._reader, self._ring = writer, reader, ring

    def all(self) -> list[Mailbox]:
        """Every mailbox, by address and folder."""
        with self._reader.connect() as connection:
            query = select(mailboxes).order_by(mailboxes.c.address, mailboxes.c.folder)
            return [_record(connection, row) for row in connection.execute(query).mappings()]

    def find(self, address: str, folder: str) -> Mailbox | None:
        """The mailbox of that address and folder."""
        with self._reader.connect() as connection:
            row = connection.execute(select(mailboxes).where(_is(address, folder))).mappings().first()
            return _record(connection, row) if row else None

    def put(self, mailbox: Mailbox) -> Future[None]:
        """Keep a mailbox; one of the same address and folder, on the same server, goes on from where it was."""

        def work(connection: Connection) -> None:
            lock(connection, f"mailbox {mailbox.address}")
            found = connection.execute(select(mailboxes).where(_is(mailbox.address, mailbox.folder)))
            row = found.mappings().first()
            old = _record(connection, row) if row else None
            new = replace(mailbox, id=old.id if old else new_id("mbox", mailbox.created_at))
            if old and (old.host, old.login) == (new.host, new.login):
                kept = ("uid_validity", "last_uid", "contact_at", "arrived_at", "created_at")
                new = replace(new, **{name: getattr(old, name) for name in kept})
            connection.execute(delete(mailboxes).where(_is(mailbox.address, mailbox.folder)))
            connection.execute(mailboxes.insert().values(_values(connection, new)))

        return self._writer.submit(work, lambda _: self._ring(LINE))

    def remove(self, address: str, folder: str) -> Future[bool]:
        """Forget a mailbox; whether it was there."""
        statement = delete(mailboxes).where(_is(address, folder))
        return self._writer.submit(
            lambda connection: connection.execute(statement).rowcount == 1, lambda _: self._ring(LINE)
        )

    def hold(self, node: str, now: datetime, until: datetime, most: int) -> list[Mailbox]:
        """What a node watches from now on: at most so many, those that it has and those that nobody has.

        On SQLite there is one process: it watches without a lease. Raises StoreUnavailableError.
        """
        free = or_(mailboxes.c.holder == node, mailboxes.c.lease_until.is_(None), mailboxes.c.lease_until <= now)

        def work(connection: Connection) -> list[Mailbox]:
            if self._writer.alone:
                rows = connection.execute(select(mailboxes).order_by(mailboxes.c.id).limit(most))
                return [_record(connection, row) for row in rows.mappings()]
            mine_first = select(mailboxes.c.id).where(free).order_by(mailboxes.c.holder != node, mailboxes.c.id)
            ids = connection.execute(mine_first.limit(most)).scalars().all()
            taken = update(mailboxes).where(mailboxes.c.id.in_(ids), free)
            rows = connection.execute(taken.values(holder=node, lease_until=until).returning(mailboxes))
            return [_record(connection, row) for row in rows.mappings()]

        return self._writer.apart(work).result()

    def release(self, node: str) -> Future[None]:
        """Let another node take over at once."""
        return self._change(mailboxes.c.holder == node, {"holder": "", "lease_until": None})

    def move(self, mailbox_id: str, place: Place, now: datetime, *, arrived: bool = False) -> Future[None]:
        """Note that everything up to that place is stored, and that the server had no more."""
        values = {**vars(place), "contact_at": now} | ({"arrived_at": now} if arrived else {})
        return self._change(mailboxes.c.id == mailbox_id, values)

    def note(self, mailbox_id: str, state: str, reason: str = "") -> Future[None]:
        """Note how watching it goes."""
        return self._change(mailboxes.c.id == mailbox_id, {"state": state, "reason": reason})

    def change_secret(self, mailbox_id: str, secret: Mapping[str, str], changed_at: datetime) -> Future[None]:
        """Keep a renewed grant, unless the mailbox was added anew meanwhile."""

        def work(connection: Connection) -> None:
            same = and_(mailboxes.c.id == mailbox_id, mailboxes.c.changed_at == changed_at)
            closed = sealed(connection, mailboxes, {"id": mailbox_id, "secret": json.dumps(dict(secret))})
            connection.execute(update(mailboxes).where(same).values(secret=closed["secret"]))

        return self._writer.submit(work)

    def _change(self, which: Any, values: Mapping[str, Any]) -> Future[None]:
        def work(connection: Connection) -> None:
            connection.execute(update(mailboxes).where(which).values(values))

        return self._writer.submit(work)


def _is(address: str, folder: str) -> Any:
    return and_(mailboxes.c.address == address, mailboxes.c.folder == folder)


def _values(connection: Connection, mailbox: Mailbox) -> dict[str, Any]:
    values = {name: getattr(mailbox, name) for name in _COLUMNS}
    more = {"secret": json.dumps(dict(mailbox.secret)), "holder": "", "lease_until": None}
    return sealed(connection, mailboxes, values | more)


def _record(connection: Connection, row: RowMapping) -> Mailbox:
    values = opened(connection, mailboxes, row)
    return Mailbox(**{name: values[name] for name in _COLUMNS} | {"secret": json.loads(values["secret"] or "{}")})
