"""`GET /v1/codes/latest`, the poll, and `GET /v1/codes`, the history."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from flask import Blueprint, Response, jsonify

from core.claims import Request
from core.matching import Ask
from core.store import History, State, Trust
from gateway.web import auth
from gateway.web.inputs import (
    AnyIdentifier,
    Cursor,
    IdentifierText,
    Input,
    Kinds,
    MinTrust,
    Moment,
    Text,
    Texts,
    Wait,
    query,
)
from gateway.web.paging import Paged, shown_page
from gateway.web.parts import parts
from gateway.web.replies import code_json
from gateway.web.waiting import lasting, leaving, waiting

codes = Blueprint("codes", __name__, url_prefix="/v1/codes")


def kinds_of(kinds: Sequence[str]) -> tuple[str, ...]:
    """The kinds asked for: code and link unless others are named; "any" is every kind."""
    return ("code", "link", "totp") if "any" in kinds else tuple(kinds) or ("code", "link")


class LatestQuery(Input):
    """What the poll asks for."""

    identifier: IdentifierText
    kind: Kinds = ()
    after: Cursor = ""
    sender: Texts = ()
    link_host: Texts = ()
    min_trust: MinTrust = Trust.NONE
    issuer: Text = ""
    wait: Wait = 0


@codes.get("/latest")
@auth.needs("claim")
def latest() -> Response:
    """The newest fresh match, not consumed; `wait` holds the request until something matches."""
    asked = query(LatestQuery)
    wanted = Request(
        ask=Ask(
            identifier=auth.check_identifier(asked.identifier),
            kinds=kinds_of(asked.kind),
            senders=asked.sender,
            link_hosts=asked.link_host,
            min_trust=asked.min_trust,
            issuer=asked.issuer,
        ),
        after=asked.after,
        wait=timedelta(seconds=asked.wait),
        gone=leaving(),
        check=lasting(asked.wait),
        showing=auth.showing("latest"),
        may_see=auth.may_see,
    )
    with waiting(asked.wait):
        answer = parts().claims.latest(wanted)
    code = code_json(answer.found, parts().clock(), value=True) if answer.found else None
    return jsonify(code=code, cursor=answer.cursor, diagnosis=answer.diagnosis)


class HistoryQuery(Paged):
    """What part of the history is wanted."""

    identifier: AnyIdentifier = None
    kind: Literal["", "code", "link", "totp", "any"] = ""
    state: Literal["", "fresh", "claimed", "accepted", "rejected", "superseded", "expired"] = ""
    sender: Texts = ()
    channel: Literal["", "email", "sms", "push", "totp"] = ""
    run_id: Text = ""
    since: Moment = None
    until: Moment = None


@codes.get("")
@auth.needs("read", "claim")
def history() -> Response:
    """Codes, newest first, a page at a time; values only for a key with scope `claim`."""
    asked = query(HistoryQuery)
    wanted = History(
        now=parts().clock(),
        identifier=auth.check_identifier(asked.identifier) if asked.identifier else "",
        kind=asked.kind if asked.kind != "any" else "",
        channel=asked.channel,
        run_id=asked.run_id,
        senders=asked.sender,
        state=State(asked.state) if asked.state else None,
        since=asked.since,
        until=asked.until,
    )
    found, following = shown_page(asked, lambda page: parts().store.codes.history(wanted, page))
    value = auth.may("claim")
    if value:
        auth.note_shown("history", found)
    return jsonify(codes=[code_json(code, wanted.now, value=value) for code in found], next=following)
