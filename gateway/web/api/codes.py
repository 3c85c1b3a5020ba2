"""`GET /v1/codes/latest`, the poll, and `GET /v1/codes`, the history."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from flask import Blueprint, Response, jsonify, request
from pydantic import AwareDatetime, BeforeValidator, Field

from core.claims import Request
from core.matching import Ask
from core.store import Code, State, Trust
from gateway.web import auth
from gateway.web.inputs import IdentifierText, Input, Text, Texts, Wait, query
from gateway.web.parts import parts
from gateway.web.replies import code_json, next_page, page_place

codes = Blueprint("codes", __name__, url_prefix="/v1/codes")
KINDS = ("code", "link")
_PAGE = 50


def kinds_of(kinds: Sequence[str]) -> tuple[str, ...]:
    """The kinds asked for; none, or "any", is every kind."""
    return KINDS if not kinds or "any" in kinds else tuple(kinds)


def leaving() -> Callable[[], bool]:
    """Says whether the client of the present request has left (waitress, "client_disconnected")."""
    disconnected = request.environ.get("waitress.client_disconnected")
    return lambda: bool(disconnected and disconnected())


class LatestQuery(Input):
    """What the poll asks for."""

    identifier: IdentifierText
    kind: Texts = ()
    after: Text = ""
    sender: Texts = ()
    link_host: Texts = ()
    min_trust: Annotated[Trust, BeforeValidator(lambda v: v or "none")] = Trust.NONE
    wait: Wait = 0


@codes.get("/latest")
@auth.needs("claim")
def latest() -> Response:
    """The newest fresh match, not consumed; `wait` holds the request until something matches."""
    asked = query(LatestQuery)
    auth.check_identifier(asked.identifier)
    key = auth.caller()
    wanted = Request(
        ask=Ask(
            identifier=asked.identifier,
            kinds=kinds_of(asked.kind),
            senders=tuple(asked.sender),
            link_hosts=tuple(asked.link_host),
            min_trust=asked.min_trust,
        ),
        after=asked.after,
        wait=timedelta(seconds=asked.wait),
        gone=leaving(),
        showing=auth.showing("latest"),
        may_see=auth.may_see,
    )
    with parts().held.one(key.id) if asked.wait else contextlib.nullcontext():
        answer = parts().claims.latest(wanted)
    code = code_json(answer.found, parts().clock(), value=True) if answer.found else None
    return jsonify(code=code, cursor=answer.cursor, diagnosis=answer.diagnosis)


class HistoryQuery(Input):
    """What part of the history is wanted."""

    identifier: IdentifierText | None = None
    kind: Literal["", "code", "link", "totp", "any"] = ""
    state: Literal["", "fresh", "claimed", "accepted", "rejected", "superseded", "expired"] = ""
    sender: Text = ""
    channel: Literal["", "email", "sms", "push"] = ""
    run_id: Text = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = _PAGE
    page: Text = ""

    def columns(self) -> dict[str, str]:
        """The columns that must equal a value."""
        wanted = {
            "identifier": self.identifier or "",
            "kind": "" if self.kind == "any" else self.kind,
            "channel": self.channel,
            "holder": self.run_id,
        }
        return {name: value for name, value in wanted.items() if value}


@codes.get("")
@auth.needs("read", "claim")
def history() -> Response:
    """Codes, newest first, a page at a time; values only for a key with scope `claim`."""
    asked = query(HistoryQuery)
    if asked.identifier:
        auth.check_identifier(asked.identifier)
    found = _page(asked)
    now, value = parts().clock(), auth.may("claim")
    if value and found:
        parts().store.audit.add(auth.showing("history", run_id=asked.run_id)).result()
    return jsonify(codes=[code_json(c, now, value=value) for c in found], next=next_page(found, asked.limit))


def _page(asked: HistoryQuery) -> list[Code]:
    """Codes that match and that this key may see, at most `limit`."""
    found: list[Code] = []
    place = page_place(asked.page)
    while len(found) < asked.limit:
        rows = parts().store.codes.history(
            where=asked.columns(), since=asked.since, until=asked.until, before=place, limit=200
        )
        found += [code for code in rows if _wanted(code, asked, parts().clock())]
        if len(rows) < 200:  # noqa: PLR2004 - the last page of the database
            break
        place = (rows[-1].received_at, rows[-1].id)
    return found[: asked.limit]


def _wanted(code: Code, asked: HistoryQuery, now: datetime) -> bool:
    checks = [
        auth.may_see(code.identifier),
        not code.alternate or asked.kind == "link",
        not asked.state or code.state_at(now) is State(asked.state),
        not asked.sender or asked.sender.casefold() in {code.sender.casefold(), code.sender_domain.casefold()},
    ]
    return all(checks)
