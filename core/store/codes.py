"""Looking at codes. Who holds them is `core.store.claims`."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
    type_coerce,
)

from core.store.columns import Instant
from core.store.history import History, narrowed
from core.store.listing import Page, turn_to
from core.store.records import Code, State
from core.store.rows import code_record
from core.store.tables import codes

WINDOW = 500
"""How many of an identifier's newest codes are looked at."""
LONGEST_LIFE = timedelta(days=7)
"""The most that `codes.link_seconds` allows: nothing older is usable, so a busy history costs a look nothing."""


class Codes:
    """The look-ups of codes."""

    def __init__(self, reader: Engine) -> None:
        self._reader = reader

    def recent(self, identifier: str, after: datetime) -> list[Code]:
        """The codes of an identifier, in whatever state, that came later than `after`; newest first."""
        return self._read(_of(identifier, after))

    def usable(self, identifier: str, after: datetime, now: datetime) -> list[Code]:
        """Those of the recent codes that are free, or will be if a run hands them back; newest first."""
        with self._reader.connect() as connection:
            return usable(connection, identifier, after, now)

    def since(self, after: datetime, limit: int = 100) -> list[Code]:
        """The newest codes of all identifiers that came later than `after`."""
        query = select(codes).where(codes.c.received_at > after, codes.c.kind != "totp")
        return self._read(query.order_by(codes.c.received_at.desc()).limit(limit))

    def of_message(self, message_id: str) -> list[Code]:
        """The codes of one message, the one that was found first."""
        query = select(codes).where(codes.c.message_id == message_id).order_by(codes.c.alternate)
        return self._read(query)

    def history(self, wanted: History, page: Page) -> list[Code]:
        """A page of the codes of the past; a link beside a code only where links are asked for."""
        query = narrowed(turn_to(select(codes), codes, page), codes, wanted)
        if wanted.kind != "link":
            query = query.where(codes.c.alternate.is_(False))
        if wanted.state:
            query = query.where(_in_state(wanted.state, wanted.now))
        return self._read(query)

    def _read(self, query: Select[Any]) -> list[Code]:
        with self._reader.connect() as connection:
            return [code_record(connection, row) for row in connection.execute(query).mappings()]


def usable(connection: Connection, identifier: str, after: datetime, now: datetime) -> list[Code]:
    """`Codes.usable` inside a transaction; found by when they expire, so that a long past costs nothing."""
    rows = connection.execute(_USABLE, {"identifier": identifier, "after": after, "now": now}).mappings()
    return [code_record(connection, row) for row in rows]


_arrived = type_coerce(codes.c.received_at, BigInteger) + literal_column("0")
"""`+ 0`: or a database may walk through an identifier's whole past, since its index has that in order."""
_USABLE = (
    select(codes)
    .where(
        codes.c.identifier == bindparam("identifier"),
        codes.c.expires_at > bindparam("now"),
        _arrived > bindparam("after", type_=Instant),
        codes.c.state.in_([State.FRESH.value, State.CLAIMED.value]),
        codes.c.kind != "totp",
    )
    .order_by(_arrived.desc(), codes.c.alternate)
    .limit(WINDOW)
)


def lapsed(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """A claimed code whose lease is over."""
    return and_(codes.c.state == State.CLAIMED.value, codes.c.lease_until <= now)


def free(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """A code that may be handed out: fresh, or claimed under a lease that is over, and not expired."""
    return and_(or_(codes.c.state == State.FRESH.value, lapsed(now)), codes.c.expires_at > now)


def _of(identifier: str, after: datetime) -> Select[Any]:
    return (
        select(codes)
        .where(codes.c.identifier == identifier, codes.c.received_at > after, codes.c.kind != "totp")
        .order_by(codes.c.received_at.desc(), codes.c.alternate)
        .limit(WINDOW)
    )


def _in_state(state: State, now: datetime) -> ColumnElement[bool]:
    """The codes that `Code.state_at` says are in a state then; open ones only among those that may live still."""
    young = codes.c.received_at > now - LONGEST_LIFE
    if state is State.FRESH:
        return and_(young, free(now))
    if state is State.CLAIMED:
        claimed = and_(young, codes.c.state == state.value, codes.c.expires_at > now)
        return and_(claimed, or_(codes.c.lease_until.is_(None), codes.c.lease_until > now))
    if state is State.EXPIRED:
        undecided = codes.c.state.in_([State.FRESH.value, State.CLAIMED.value])
        return and_(undecided, codes.c.expires_at <= now)
    return codes.c.state == state.value
