"""What each route takes and answers: the same models that its view validates with."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from gateway.web.api.claims import ClaimBody, CursorBody, NoBody
from gateway.web.api.codes import HistoryQuery, LatestQuery
from gateway.web.api.identifiers import PolicyBody
from gateway.web.api.keys import KeyBody
from gateway.web.api.messages import MessagesQuery, PushBody
from gateway.web.inputs import Input
from gateway.web.openapi import answers


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One route's models; without `answer` it answers nothing (204)."""

    query: type[Input] | None = None
    body: type[Input] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    refusals: tuple[int, ...] = ()
    """HTTP statuses that are part of its normal use."""


OPERATIONS: Mapping[str, Operation] = {
    "codes.latest": Operation(query=LatestQuery, answer=answers.Latest, refusals=(409,)),
    "codes.history": Operation(query=HistoryQuery, answer=answers.Codes),
    "claims.claim": Operation(body=ClaimBody, answer=answers.ClaimMade, refusals=(409,)),
    "claims.accept": Operation(body=NoBody, answer=answers.ClaimEnded, refusals=(404, 409)),
    "claims.reject": Operation(body=NoBody, answer=answers.ClaimEnded, refusals=(404, 409)),
    "claims.release": Operation(body=NoBody, answer=answers.ClaimEnded, refusals=(404, 409)),
    "claims.cursor": Operation(body=CursorBody, answer=answers.Cursor, refusals=(409,)),
    "messages.push": Operation(body=PushBody, answer=answers.Pushed, status=201),
    "messages.listing": Operation(query=MessagesQuery, answer=answers.Messages),
    "messages.one": Operation(answer=answers.Message, refusals=(404,)),
    "identifiers.put": Operation(body=PolicyBody, answer=answers.Identifier, refusals=(409,)),
    "identifiers.get": Operation(answer=answers.Identifier, refusals=(404,)),
    "identifiers.remove": Operation(status=204, refusals=(404,)),
    "identifiers.listing": Operation(answer=answers.Identifiers),
    "keys.add": Operation(body=KeyBody, answer=answers.NewKey, status=201),
    "keys.listing": Operation(answer=answers.Keys),
    "keys.revoke": Operation(status=204, refusals=(404,)),
    "health.alive": Operation(answer=answers.Health),
    "health.ready": Operation(answer=answers.Health),
}
"""By Flask's name of the endpoint."""
