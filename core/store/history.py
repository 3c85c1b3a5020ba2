"""Looking back: which codes and messages, by whatever is known of them.

Subjects are sealed, so no index finds a word in one: rows that match all else are opened one by one, so many at a
time and no more than `MOST_OPENED` a page.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, Table, and_, func, or_

from core.store.listing import Page
from core.store.records import State
from core.store.tables import codes

MOST_OPENED = 5_000
"""Rows opened for one page of a search in subjects."""
_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class History:
    """What of the past is wanted; "" is any. `state` is that at `now`; any of `senders`, by domain or as a whole.

    `author` "*" is any proven author. `subject` is a text that the subject holds, whatever its case.
    """

    now: datetime
    identifier: str = ""
    kind: str = ""
    channel: str = ""
    run_id: str = ""
    senders: tuple[str, ...] = ()
    route: str = ""
    author: str = ""
    source: str = ""
    state: State | None = None
    since: datetime | None = None
    until: datetime | None = None
    subject: str = ""


class Row(Protocol):
    """What is listed."""

    @property
    def id(self) -> str:
        """Tells it from every other."""

    @property
    def received_at(self) -> datetime:
        """When it came."""

    @property
    def subject(self) -> str:
        """Its message's subject."""


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, kw_only=True)
class Leaf(Generic[R]):
    """A page's rows, and what stands behind it."""

    rows: list[R]
    following: tuple[datetime, str] | None = None
    """`Page.before` of the next page; None where there is none."""
    opened: int = 0
    """How many rows were opened to look into their subjects."""
    cut: bool = False
    """Whether so many were opened that the page ends early: the next one goes on there."""


def browse(read: Callable[[Page], list[R]], page: Page, subject: str = "") -> Leaf[R]:
    """A page of what `read` answers, newest first; of those whose subject holds a text, if one is given."""
    if subject:
        return _searched(read, page, subject.casefold())
    found = read(replace(page, limit=page.limit + 1))
    rows = found[: page.limit]
    return Leaf(rows=rows, following=_place(rows[-1]) if len(found) > page.limit else None)


def _searched(read: Callable[[Page], list[R]], page: Page, words: str) -> Leaf[R]:
    rows: list[R] = []
    opened, before = 0, page.before
    while opened < MOST_OPENED:
        batch = read(replace(page, limit=_AT_ONCE, before=before))
        for one in batch:
            opened, before = opened + 1, _place(one)
            if words in one.subject.casefold():
                rows.append(one)
            if len(rows) == page.limit:
                return Leaf(rows=rows, following=before, opened=opened)
        if len(batch) < _AT_ONCE:
            return Leaf(rows=rows, opened=opened)
    return Leaf(rows=rows, following=before, opened=opened, cut=True)


def _place(row: Row) -> tuple[datetime, str]:
    return row.received_at, row.id


def narrowed(query: Select[Any], table: Table, wanted: History) -> Select[Any]:
    """The query of codes or messages, narrowed to what is wanted; all but the subject, and the state of codes."""
    same = ("identifier", "kind", "channel", "route", "source")
    return query.where(
        *(table.c[column] == value for column in same if (value := getattr(wanted, column))),
        *([_by(table, wanted.author.casefold())] if wanted.author else []),
        *([_of_run(table, wanted.run_id)] if wanted.run_id else []),
        *([or_(*(_from(table, sender.casefold()) for sender in wanted.senders))] if wanted.senders else []),
        *([table.c.received_at >= wanted.since] if wanted.since else []),
        *([table.c.received_at < wanted.until] if wanted.until else []),
    )


def _by(table: Table, author: str) -> ColumnElement[bool]:
    return table.c.author != "" if author == "*" else table.c.author == author


def _of_run(table: Table, run_id: str) -> ColumnElement[bool]:
    bound = table.c.run_id == run_id
    return or_(codes.c.holder == run_id, and_(codes.c.holder == "", bound)) if table is codes else bound


def _from(table: Table, sender: str) -> ColumnElement[bool]:
    sender = sender.removeprefix("@")
    subdomain = table.c.sender_domain.endswith(f".{sender}", autoescape=True)
    return or_(func.lower(table.c.sender) == sender, table.c.sender_domain == sender, subdomain)
