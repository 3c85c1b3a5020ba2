"""`POST /v1/claims` and what ends a claim; `POST /v1/cursors`."""

from datetime import timedelta
from typing import Annotated

from flask import Blueprint, Response, jsonify
from pydantic import ConfigDict, Field, StrictBool

from core.claims import Request
from core.errors import InvalidRequestError, NotFoundError
from core.ids import cursor_at, new_id
from core.matching import Ask
from core.store import State, Trust
from core.turns import Wish
from gateway.web import auth
from gateway.web.api.codes import kinds_of
from gateway.web.inputs import (
    AnyIdentifier,
    Cursor,
    IdentifierText,
    Input,
    Kinds,
    MinTrust,
    Number,
    Text,
    Texts,
    Wait,
    body,
)
from gateway.web.parts import parts
from gateway.web.replies import claim_json
from gateway.web.waiting import lasting, leaving, waiting

claims = Blueprint("claims", __name__, url_prefix="/v1")


class ClaimBody(Input):
    """What a run wants, and on what terms."""

    identifier: IdentifierText
    kinds: Kinds = ()
    run_id: Text = ""
    after: Cursor = ""
    sender: Texts = ()
    link_host: Texts = ()
    min_trust: MinTrust = Trust.NONE
    issuer: Text = ""
    wait: Wait = 0
    lease: Annotated[float, Field(ge=1, le=600, allow_inf_nan=False), Number] | None = None


@claims.post("/claims")
@auth.needs("claim")
def claim() -> Response:
    """Hands one code to one run, waiting for it in line."""
    asked = body(ClaimBody)
    auth.check_identifier(asked.identifier)
    with waiting(asked.wait):
        answer = parts().claims.claim(_request(asked))
    found = claim_json(answer.found, parts().clock()) if answer.found else None
    return jsonify(claim=found, cursor=answer.cursor, diagnosis=answer.diagnosis)


def _request(asked: ClaimBody) -> Request:
    return Request(
        ask=Ask(
            identifier=asked.identifier,
            kinds=kinds_of(asked.kinds),
            senders=tuple(asked.sender),
            link_hosts=tuple(asked.link_host),
            min_trust=asked.min_trust,
            names=tuple(name for name in (asked.run_id,) if name),
            issuer=asked.issuer,
        ),
        after=asked.after,
        wait=timedelta(seconds=asked.wait),
        lease=timedelta(seconds=asked.lease) if asked.lease else None,
        run_id=asked.run_id,
        gone=leaving(),
        check=lasting(asked.wait),
        showing=auth.showing("claim", run_id=asked.run_id),
        may_see=auth.may_see,
    )


@claims.post("/claims/<claim_id>/accept")
@auth.needs("claim")
def accept(claim_id: str) -> Response:
    """It worked."""
    return _end(claim_id, State.ACCEPTED)


@claims.post("/claims/<claim_id>/reject")
@auth.needs("claim")
def reject(claim_id: str) -> Response:
    """It did not work: no run is offered this code again."""
    return _end(claim_id, State.REJECTED)


@claims.post("/claims/<claim_id>/release")
@auth.needs("claim")
def release(claim_id: str) -> Response:
    """Hand it back: it is fresh again."""
    return _end(claim_id, State.FRESH)


def _end(claim_id: str, outcome: State) -> Response:
    found = parts().store.claims.find(claim_id)
    if found is None:
        raise NotFoundError(auth.NOTHING)
    auth.check_visible(found.code.identifier)
    body(NoBody)
    ended = parts().claims.end(claim_id, outcome, auth.showing("claim", outcome.value))
    return jsonify(claim=claim_json(ended, parts().clock()))


class NoBody(Input):
    """Nothing is required, and `{}` says so."""


class CursorBody(Input):
    """A cursor for now needs nothing; a turn needs an identifier."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"exclusive": {"const": True}}, "required": ["exclusive"]},
            "then": {"properties": {"identifier": {"type": "string", "minLength": 1}}, "required": ["identifier"]},
        }
    )

    identifier: AnyIdentifier = None
    sender: Texts = ()
    run_id: Text = ""
    exclusive: StrictBool = False
    wait: Wait = 0


@claims.post("/cursors")
@auth.needs("read", "claim")
def cursor() -> Response:
    """A cursor for now: take it before asking the site for a code. Exclusive: waits for the run's turn."""
    asked = body(CursorBody)
    if asked.identifier:
        auth.check_identifier(asked.identifier)
    if not asked.exclusive:
        return jsonify(cursor=cursor_at(parts().clock()))
    auth.require("claim")
    if not asked.identifier:
        raise InvalidRequestError("body field 'identifier': an exclusive cursor needs one")
    wish = Wish(
        identifier=asked.identifier,
        senders=asked.sender,
        run_id=asked.run_id or new_id("run", parts().clock()),
    )
    with waiting(asked.wait):
        taken = parts().turns.take(wish, timedelta(seconds=asked.wait), leaving(), lasting(asked.wait))
    return jsonify(cursor=taken, run_id=wish.run_id)
