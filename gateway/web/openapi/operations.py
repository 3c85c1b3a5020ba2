"""What each route takes and answers: the same models that its view validates with."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from pydantic import BaseModel

from gateway.skyvern import Listing, Pulling, Push
from gateway.web.api.claims import ClaimBody, CursorBody, NoBody
from gateway.web.api.codes import HistoryQuery, LatestQuery
from gateway.web.api.events import EventsQuery
from gateway.web.api.identifiers import PolicyBody
from gateway.web.api.keys import KeyBody
from gateway.web.api.mailboxes import FolderQuery, MailboxBody
from gateway.web.api.messages import MessagesQuery, PushBody
from gateway.web.api.skyvern import UrlBody
from gateway.web.api.totp import IssuerQuery, SecretBody, SecretsQuery
from gateway.web.api.webhooks import DeliveriesQuery, NoFields, WebhookBody
from gateway.web.openapi import answers, receivers, records, skyvern


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One route's models; without `answer` it answers nothing (204)."""

    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    answer_type: str = "application/json"
    status: int = 200
    refusals: tuple[int, ...] = ()
    """HTTP statuses that are part of its normal use."""
    problem: type[BaseModel] = answers.Problem
    problem_type: str = "application/problem+json"


_Skyvern = partial(Operation, problem=skyvern.SkyvernProblem, problem_type="application/json", refusals=(403, 422))
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
    "events.stream": Operation(query=EventsQuery, answer=answers.Event, answer_type="text/event-stream"),
    "identifiers.put": Operation(body=PolicyBody, answer=records.Identifier, refusals=(409,)),
    "identifiers.get": Operation(answer=records.Identifier, refusals=(404,)),
    "identifiers.remove": Operation(status=204, refusals=(404,)),
    "identifiers.listing": Operation(answer=records.Identifiers),
    "keys.add": Operation(body=KeyBody, answer=records.NewKey, status=201),
    "keys.listing": Operation(answer=records.Keys),
    "keys.revoke": Operation(status=204, refusals=(404,)),
    "totp.put": Operation(query=IssuerQuery, body=SecretBody, answer=records.TotpSecret),
    "totp.get": Operation(query=IssuerQuery, answer=answers.TotpCode, refusals=(404, 409)),
    "totp.remove": Operation(query=IssuerQuery, status=204, refusals=(404, 409)),
    "totp.listing": Operation(query=SecretsQuery, answer=records.TotpSecrets),
    "mailboxes.put": Operation(query=FolderQuery, body=MailboxBody, answer=records.Mailbox, refusals=(409,)),
    "mailboxes.listing": Operation(answer=records.Mailboxes),
    "mailboxes.check": Operation(query=FolderQuery, answer=records.MailboxChecked, refusals=(404, 409)),
    "mailboxes.remove": Operation(query=FolderQuery, status=204, refusals=(404,)),
    "rotations.start": Operation(answer=records.Rotation, status=202),
    "rotations.progress": Operation(answer=records.Rotation),
    "webhooks.add": Operation(body=WebhookBody, answer=receivers.NewWebhook, status=201),
    "webhooks.listing": Operation(answer=receivers.Webhooks),
    "webhooks.remove": Operation(status=204, refusals=(404,)),
    "webhooks.rotate": Operation(body=NoFields, answer=receivers.NewWebhook, refusals=(404,)),
    "webhooks.resume": Operation(body=NoFields, answer=receivers.Webhook, refusals=(404,)),
    "webhooks.replay_all": Operation(body=NoFields, answer=receivers.Replayed, refusals=(404,)),
    "deliveries.delivered": Operation(query=DeliveriesQuery, answer=receivers.Deliveries),
    "deliveries.replay": Operation(body=NoFields, answer=receivers.Replayed, refusals=(404,)),
    "pull_addresses.make": Operation(body=UrlBody, answer=skyvern.PullAddress, status=201),
    "skyvern.push": _Skyvern(body=Push, answer=skyvern.SkyvernCode),
    "skyvern.listing": _Skyvern(query=Listing, answer=skyvern.SkyvernCodes),
    "skyvern.pull": _Skyvern(body=Pulling, answer=skyvern.SkyvernPulled),
    "health.alive": Operation(answer=records.Health),
    "health.ready": Operation(answer=records.Health),
}
"""By Flask's name of the endpoint."""
