"""What came in: stored once per message and identifier, with its codes."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Select, bindparam, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from core.store.copies import Read, copies, lend_proof, lend_to_same
from core.store.events import note_arrivals
from core.store.history import History, narrowed
from core.store.listing import Page, turn_to
from core.store.records import Code, Message
from core.store.rows import code_values, keyring_of, message_record, message_values
from core.store.sightings import came_by_another_door
from core.store.tables import codes, marks, messages
from core.store.writer import Writer

Stored = tuple[Message, tuple[Code, ...], str]
"""A message, its codes, and the mark that tells it from every other."""


_HEAVY = frozenset({"text", "candidates", "headers", "alternative"})


class Messages:
    """The verbs on messages."""

    def __init__(self, writer: Writer, reader: Engine, ring: Callable[[str], None]) -> None:
        self._writer, self._reader, self._ring = writer, reader, ring

    def add(self, items: Sequence[Stored]) -> Future[tuple[bool, ...]]:
        """Store messages with their codes in one transaction; for each, whether it was new.

        The same mark again changes nothing. Whoever waits for one of the identifiers is woken after the commit,
        for a copy too: it may prove what the first did not.
        """

        def committed(news: tuple[bool, ...]) -> None:
            del news
            for message, _, _ in items:
                self._ring(message.identifier)

        return self._writer.submit_alike(_insert_all, items, committed)

    def get(self, message_id: str) -> Message | None:
        """The message with that id."""
        with self._reader.connect() as connection:
            row = connection.execute(select(messages).where(messages.c.id == message_id)).mappings().first()
        return message_record(connection, row) if row else None

    def by_mark(self, mark: str) -> Message | None:
        """The message with that mark."""
        with self._reader.connect() as connection:
            digest = keyring_of(connection).digest(mark)
            row = connection.execute(select(messages).where(messages.c.mark == digest)).mappings().first()
        return message_record(connection, row) if row else None

    def page(self, page: Page, *, identifier: str = "", kind: str = "") -> list[Message]:
        """A page of messages, newest first."""
        query = turn_to(select(messages), messages, page)
        if identifier:
            query = query.where(messages.c.identifier == identifier)
        if kind:
            query = query.where(messages.c.kind == kind)
        return self._read(query)

    def history(self, wanted: History, page: Page) -> list[Message]:
        """A page of the messages that are wanted, without texts, candidates and headers; `state` plays no part."""
        light = [literal("").label(c.name) if c.name in _HEAVY else c for c in messages.c]
        return self._read(narrowed(turn_to(select(*light), messages, page), messages, wanted))

    def since(self, after: datetime, *, identifier: str = "", limit: int = 100) -> list[Message]:
        """What came in later than `after`, newest first: to say why there is no code."""
        query = (
            select(messages)
            .where(messages.c.received_at > after)
            .order_by(messages.c.received_at.desc())
            .limit(limit)
        )
        if identifier:
            query = query.where(messages.c.identifier == identifier)
        return self._read(query)

    def _read(self, query: Select[Any]) -> list[Message]:
        with self._reader.connect() as connection:
            return [message_record(connection, row) for row in connection.execute(query).mappings()]


_FORGOTTEN = select(marks.c.mark).where(marks.c.mark.in_(bindparam("marks", expanding=True)))
_ADD = {
    name: dialect.insert(messages).on_conflict_do_nothing(index_elements=["mark"]).returning(messages.c.id)
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}
_ADD_CODES = codes.insert()
"""Made once: to put such a statement together for each mail took longer than to run it."""


def _insert_all(connection: Connection, additions: Sequence[Sequence[Stored]]) -> list[tuple[bool, ...]]:
    """All that waits in a few statements: one a mail took most of the writer's time."""
    news = iter(_insert(connection, [stored for items in additions for stored in items]))
    return [tuple(islice(news, len(items))) for items in additions]


def _insert(connection: Connection, stored: Sequence[Stored]) -> list[bool]:
    """For each, whether it was new."""
    keyring = keyring_of(connection)
    digests = [keyring.digest(mark) for _, _, mark in stored]
    came_before = set(connection.execute(_FORGOTTEN, {"marks": digests}).scalars())
    firsts: dict[str, Read] = {}
    for (message, found, _), digest in zip(stored, digests, strict=True):
        if digest not in came_before:
            firsts.setdefault(digest, (message, found))
    added = _add(connection, {digest: message for digest, (message, _) in firsts.items()})
    arrived = {digest: read for digest, read in firsts.items() if read[0].id in added}
    copied = copies(connection, arrived.values())
    for digest, (message, _) in arrived.items():
        if message.id in copied or came_by_another_door(connection, message):
            added.discard(message.id)
            _forget(connection, message, digest)
    _add_codes(connection, [(message, found) for message, found, _ in stored if message.id in added])
    for read in arrived.values():
        if first := copied.get(read[0].id):
            lend_proof(connection, read, first)
    new = {read[0].id for read in arrived.values()}
    again = ((message, found) for message, found, _ in stored)
    lend_to_same(connection, [(d, read) for d, read in zip(digests, again, strict=True) if read[0].id not in new])
    return [message.id in added for message, _, _ in stored]


def _add(connection: Connection, by_mark: Mapping[str, Message]) -> set[str]:
    """Ids of those that were not there; in order of their marks, so that two nodes never wait for each other."""
    rows = [{"mark": mark, **message_values(connection, by_mark[mark])} for mark in sorted(by_mark)]
    return set(connection.execute(_ADD[connection.dialect.name], rows).scalars()) if rows else set()


def _add_codes(connection: Connection, new: Sequence[Read]) -> None:
    rows = [code_values(connection, code) for _, found in new for code in found]
    if rows:
        connection.execute(_ADD_CODES, rows)
    note_arrivals(connection, new)


def _forget(connection: Connection, message: Message, mark: str) -> None:
    """Take it out again; its mark stays."""
    connection.execute(delete(messages).where(messages.c.id == message.id))
    connection.execute(marks.insert().values(mark=mark, received_at=message.received_at))
