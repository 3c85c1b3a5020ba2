"""A page of a list: it begins behind the last row seen, so it keeps its place while rows arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, or_

_LIKE = str.maketrans({"*": "%", "?": "_", "%": r"\%", "_": r"\_", "\\": r"\\"})


@dataclass(frozen=True, kw_only=True)
class Page:
    """At most `limit` rows, newest first."""

    limit: int
    before: tuple[datetime, str] | None = None
    """The time and id of the last row seen."""
    only: Sequence[str] = ()
    """Patterns of identifiers (`*` any text, `?` one character); none is all."""


def turn_to(query: Select[Any], table: Table, page: Page) -> Select[Any]:
    """The query narrowed to a page of rows of `table`."""
    at, key = table.c.received_at, table.c.id
    query = query.order_by(at.desc(), key.desc()).limit(page.limit)
    if page.before:
        moment, last = page.before
        query = query.where(at <= moment, or_(at < moment, key < last))  # the first finds the place by index
    if page.only:
        patterns = [table.c.identifier.like(text.translate(_LIKE), escape="\\") for text in page.only]
        query = query.where(or_(*patterns))
    return query
