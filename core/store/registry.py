"""Registered identifiers, their secret addresses, aliases and policies."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, RowMapping, and_, bindparam, delete, or_, select, union_all, update

from core.errors import ConflictError
from core.store.records import Identifier
from core.store.tables import aliases, identifiers
from core.store.writer import Writer

T = TypeVar("T")
_MOST_KEPT = 10_000
_ISSUED = select(identifiers.c.identifier).where(identifiers.c.secret_address == bindparam("local_part"))
_OWNER = union_all(
    select(identifiers.c.identifier).where(identifiers.c.identifier == bindparam("name")),
    select(aliases.c.identifier).where(aliases.c.alias == bindparam("name")),
)
_ITSELF = select(identifiers).where(identifiers.c.identifier == bindparam("name"))
_ALIASES = select(aliases.c.alias).where(aliases.c.identifier == bindparam("name"))
"""Made once: every mail and every poll asks, and putting a statement together takes longer than running it."""


class _Kept:
    """Answers that stay true until something is changed here, since nobody else can change it."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], object] = {}
        self._changes = 0
        self._lock = threading.Lock()

    def answer(self, question: tuple[str, str], look: Callable[[], T]) -> T:
        """What was answered before, or what `look` answers now."""
        with self._lock:
            changes = self._changes
            if question in self._answers:
                return cast("T", self._answers[question])
        found = look()
        with self._lock:
            if len(self._answers) >= _MOST_KEPT:
                self._answers.clear()
            if changes == self._changes:
                self._answers[question] = found
        return found

    def forget(self) -> None:
        """Something was changed; what is being looked up now is not kept either."""
        with self._lock:
            self._changes += 1
            self._answers.clear()


class Registry:
    """The verbs on registered identifiers; also answers what `core.recipients` asks.

    Every mail asks several times, so answers are kept where no other process can write.
    """

    def __init__(self, writer: Writer, reader: Engine) -> None:
        self._writer, self._reader = writer, reader
        self._kept = _Kept()

    def by_secret_address(self, local_part: str) -> str | None:
        """The identifier for which that secret address was issued."""
        return self._ask("issued", local_part, lambda it: it.execute(_ISSUED, {"local_part": local_part}).scalar())

    def owner(self, identifier: str) -> str | None:
        """The registered identifier that this one is, or is an alias of; None when it is neither."""
        return self._ask("owner", identifier, lambda it: it.execute(_OWNER, {"name": identifier}).scalar())

    def get(self, identifier: str) -> Identifier | None:
        """The record of a registered identifier."""
        if self._writer.alone and self.owner(identifier) != identifier:
            return None  # as a rule that was asked just now
        return self._ask("get", identifier, lambda it: _get(it, identifier))

    def all(self) -> list[Identifier]:
        """Every registered identifier, in alphabetical order."""
        with self._reader.connect() as connection:
            names = connection.execute(select(identifiers.c.identifier).order_by(identifiers.c.identifier))
            return [found for name in names.scalars() if (found := _get(connection, name))]

    def put(self, record: Identifier) -> Future[Identifier]:
        """Register an identifier or change its policy; a secret address once issued stays.

        Raises ConflictError when it is, or one of its aliases is, another identifier's already.
        """

        def work(connection: Connection) -> Identifier:
            values = _values(record)
            if _get(connection, record.identifier):
                kept = {k: v for k, v in values.items() if k not in {"secret_address", "created_at"}}
                connection.execute(
                    update(identifiers).where(identifiers.c.identifier == record.identifier).values(**kept)
                )
            else:
                connection.execute(identifiers.insert().values(**values))
            _put_aliases(connection, record)
            found = _get(connection, record.identifier)
            if found is None:
                raise RuntimeError("an identifier vanished inside its own transaction")
            return found

        return self._change(work)

    def remove(self, identifier: str) -> Future[bool]:
        """Forget an identifier, its aliases and its secret address; whether it was there."""

        def work(connection: Connection) -> bool:
            statement = delete(identifiers).where(identifiers.c.identifier == identifier)
            return connection.execute(statement).rowcount == 1

        return self._change(work)

    def _ask(self, about: str, name: str, look: Callable[[Connection], T]) -> T:
        def look_up() -> T:
            with self._reader.connect() as connection:
                return look(connection)

        return self._kept.answer((about, name), look_up) if self._writer.alone else look_up()

    def _change(self, work: Callable[[Connection], T]) -> Future[T]:
        """Forgets before whoever changes something hears of it, and also where a commit failed halfway."""
        changed = self._writer.submit(work, lambda _: self._kept.forget())
        changed.add_done_callback(lambda _: self._kept.forget())
        return changed


def _values(record: Identifier) -> dict[str, Any]:
    return {
        "identifier": record.identifier,
        "secret_address": record.secret_address,
        "senders": json.dumps(record.senders),
        "link_hosts": json.dumps(record.link_hosts),
        "min_trust": record.min_trust,
        "created_at": record.created_at,
    }


def _get(connection: Connection, identifier: str) -> Identifier | None:
    row = connection.execute(_ITSELF, {"name": identifier}).mappings().first()
    if row is None:
        return None
    names = connection.execute(_ALIASES, {"name": identifier}).scalars()
    return _record(row, tuple(sorted(names)))


def _record(row: RowMapping, names: tuple[str, ...]) -> Identifier:
    return Identifier(
        identifier=row["identifier"],
        secret_address=row["secret_address"],
        aliases=names,
        senders=tuple(json.loads(row["senders"] or "[]")),
        link_hosts=tuple(json.loads(row["link_hosts"] or "[]")),
        min_trust=row["min_trust"],
        created_at=row["created_at"],
    )


def _put_aliases(connection: Connection, record: Identifier) -> None:
    others = and_(aliases.c.alias.in_(record.aliases), aliases.c.identifier != record.identifier)
    as_alias = select(aliases.c.alias).where(or_(others, aliases.c.alias == record.identifier))
    as_owner = select(identifiers.c.identifier).where(identifiers.c.identifier.in_(record.aliases))
    taken = connection.execute(as_alias).scalar() or connection.execute(as_owner).scalar()
    if taken:
        raise ConflictError(f"{taken} belongs to another identifier already")
    connection.execute(delete(aliases).where(aliases.c.identifier == record.identifier))
    if record.aliases:
        rows = [{"alias": alias, "identifier": record.identifier} for alias in record.aliases]
        connection.execute(aliases.insert(), rows)
