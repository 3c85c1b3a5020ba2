"""Codes and messages as CSV and JSON, a page at a time, so that no export fills the memory."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from flask import Response, stream_with_context

from core.errors import NotFoundError
from core.store import Code, Leaf, Message, Page
from gateway.web import auth
from gateway.web.console.filters import Filter
from gateway.web.paging import place, token
from gateway.web.parts import parts
from gateway.web.replies import code_json, message_json

LONGEST = 10_000
"""Rows of one export."""
_AT_ONCE = 200
_OPENED_FOR_ONE = 10
"""Rows whose subjects are looked into count as one that is exported: a search that finds nothing ends too."""
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
Read = Callable[[Filter, Page], Leaf[Any]]
_CODE_COLUMNS = (
    "received_at", "identifier", "kind", "value", "state", "channel", "sender", "sender_domain", "subject",
    "link_host", "route", "author", "evidence", "confidence", "source", "run_id", "workflow_id", "task_id",
    "expires_at", "id", "message_id",
)  # fmt: skip
_MESSAGE_COLUMNS = (
    "received_at", "identifier", "identity_source", "kind", "verdict", "reason", "confidence", "channel", "door",
    "sender", "sender_name", "sender_domain", "subject", "route", "author", "evidence", "source", "run_id",
    "workflow_id", "task_id", "size", "id", "trace_id",
)  # fmt: skip
COLUMNS = {"codes": _CODE_COLUMNS, "messages": _MESSAGE_COLUMNS}


def stream(view: str, form: str, wanted: Filter, read: Read) -> Response:
    """A file of what a filter lets through, newest first.

    Raises NotFoundError for a form that is none, InvalidRequestError for a filter or page that is none.
    """
    if form not in _TYPES:
        raise NotFoundError("there is no such export: ask for .csv or .json")
    wanted.wanted()  # what is wrong with it is told before the file begins
    leaves = _leaves(wanted, read, place(wanted.page) if wanted.page else None)
    write = _csv if form == "csv" else _json
    response = Response(stream_with_context(write(view, leaves)), content_type=_TYPES[form])
    name = f"otpgate-{view}-{parts().clock():%Y%m%d-%H%M%S}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def cell(value: object) -> str:
    """A value as a cell that no spreadsheet takes for a formula (OWASP, CSV Injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def _leaves(
    wanted: Filter, read: Read, before: tuple[datetime, str] | None
) -> Iterator[tuple[list[dict[str, Any]], str | None]]:
    """The rows a page at a time, each with the `page` that goes on behind it."""
    left = LONGEST
    while left > 0:
        leaf = read(wanted, Page(limit=min(left, _AT_ONCE), before=before, only=auth.caller().only))
        left, before = left - max(len(leaf.rows), leaf.opened // _OPENED_FOR_ONE), leaf.following
        yield [_row(one) for one in leaf.rows], token(*before) if before else None
        if before is None:
            return


def _row(one: Code | Message) -> dict[str, Any]:
    value = auth.may("claim")
    if isinstance(one, Code):
        return code_json(one, parts().clock(), value=value)
    whole = message_json(one, values=value, text=False)
    return {name: whole[name] for name in _MESSAGE_COLUMNS}


def _csv(view: str, leaves: Iterator[tuple[list[dict[str, Any]], str | None]]) -> Iterator[str]:
    yield _lines([COLUMNS[view]])
    for rows, _ in leaves:
        yield _lines([[cell(row[name]) for name in COLUMNS[view]] for row in rows])


def _lines(rows: Any) -> str:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


def _json(view: str, leaves: Iterator[tuple[list[dict[str, Any]], str | None]]) -> Iterator[str]:
    """As `GET /v1/codes` and `GET /v1/messages` answer; `next` is where the following export goes on."""
    yield f'{{"{view}": ['
    separator, following = "", None
    for rows, following in leaves:  # noqa: B007 - the last one counts
        for row in rows:
            yield f"{separator}\n{json.dumps(row)}"
            separator = ","
    yield f'\n], "next": {json.dumps(following)}}}\n'
