"""Lists a page at a time; a page keeps its place while rows arrive."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from core.errors import InvalidRequestError
from core.store import Page
from gateway.web import auth
from gateway.web.inputs import Input, Limit, PageText


class Row(Protocol):
    """What is listed."""

    @property
    def id(self) -> str:
        """Tells it from every other."""

    @property
    def received_at(self) -> datetime:
        """When it came."""


R = TypeVar("R", bound=Row)


class Paged(Input):
    """How many, and from where on."""

    limit: Limit = 50
    page: PageText = ""


def shown_page(asked: Paged, read: Callable[[Page], list[R]]) -> tuple[list[R], str | None]:
    """The rows of a page that the caller may see, and `page` of the next one; None where there is none.

    Raises InvalidRequestError for a `page` that no list of ours gave.
    """
    before = place(asked.page) if asked.page else None
    rows = read(Page(limit=asked.limit + 1, before=before, only=auth.caller().only))
    shown = rows[: asked.limit]
    return shown, token(shown[-1].received_at, shown[-1].id) if len(rows) > asked.limit else None


def token(at: datetime, key: str) -> str:
    """What stands for a place in a list: behind the row of that time and id."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), key]).encode()).decode()


def place(page: str) -> tuple[datetime, str]:
    """The place that a token stands for; raises InvalidRequestError for what is none of ours."""
    try:
        at, key = json.loads(base64.b64decode(page.encode(), altchars=b"-_", validate=True))
        moment = datetime.fromisoformat(at)
    except (ValueError, TypeError) as error:
        raise InvalidRequestError("`page` is no page of this list: use the last answer's `next`") from error
    if moment.tzinfo is None or not isinstance(key, str):
        raise InvalidRequestError("`page` is no page of this list: use the last answer's `next`")
    return moment, key
