"""`/v1/webhooks`: the user's own systems that are told of codes, for admins; `/v1/deliveries`: what they got."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, jsonify
from pydantic import Field, StrictBool

from core.errors import NotFoundError
from core.ids import new_id
from core.store import Delivery, Secret, Stage, Webhook
from gateway.receivers import check_address, new_secret, read_secret
from gateway.web import auth
from gateway.web.inputs import Input, Patterns, Text, body, query
from gateway.web.paging import Paged, shown_page
from gateway.web.parts import parts
from gateway.web.replies import stamp

webhooks = Blueprint("webhooks", __name__, url_prefix="/v1/webhooks")
deliveries = Blueprint("deliveries", __name__, url_prefix="/v1/deliveries")
_OVERLAP = timedelta(hours=24)
"""How long the secrets before go on signing beside a new one."""
_NO_WEBHOOK = "there is no such webhook"


class WebhookBody(Input):
    """A webhook to add."""

    url: Annotated[str, Field(min_length=1, max_length=2048, json_schema_extra={"format": "receiver"})]
    only: Patterns = ()
    """Patterns of identifiers, such as *@acme.com; none is all."""
    include_value: StrictBool = False
    """Whether the code or link itself is sent; not where another webhook claims."""
    claim: StrictBool = False
    """Whether each code is claimed for this webhook, value included, so that nobody else gets it."""
    secret: Annotated[str, Field(max_length=200, json_schema_extra={"format": "signing-secret"})] | None = Field(
        default=None, repr=False
    )
    """Yours; else one is made."""


class NoFields(Input):
    """Nothing is required, and `{}` says so."""


class DeliveriesQuery(Paged):
    """What part of the list is wanted."""

    state: Literal["", "waiting", "delivered", "failed"] = ""
    webhook: Text = ""


@webhooks.post("")
@auth.needs("admin", whole=True)
def add() -> tuple[Response, int]:
    """Adds a webhook: it is told of codes that arrive from now on; `secret` in the answer is shown this once."""
    asked, now = body(WebhookBody), parts().clock()
    url = check_address(asked.url, value=asked.include_value or asked.claim)
    secret = read_secret(asked.secret) if asked.secret is not None else new_secret()
    webhook = Webhook(
        id=new_id("webhook", now),
        url=url,
        secrets=(Secret(text=secret),),
        only=tuple(pattern.casefold() for pattern in asked.only),
        include_value=asked.include_value or asked.claim,
        claims=asked.claim,
        key_id=auth.caller().id,
        created_at=now,
    )
    added = parts().store.webhooks.add(webhook).result()
    return jsonify(**_webhook_json(added), secret=secret), 201


@webhooks.get("")
@auth.needs("admin", whole=True)
def listing() -> Response:
    """Every webhook, with how many deliveries wait, were made, and were given up."""
    counts = parts().store.deliveries.counts()
    found = [
        {**_webhook_json(one), **{stage.value: counts.get((one.id, stage.value), 0) for stage in Stage}}
        for one in parts().store.webhooks.all()
    ]
    return jsonify(webhooks=found)


@webhooks.delete("/<webhook_id>")
@auth.needs("admin", whole=True)
def remove(webhook_id: str) -> tuple[Response, int]:
    """Removes a webhook with all its deliveries."""
    if not parts().store.webhooks.remove(webhook_id).result():
        raise NotFoundError(_NO_WEBHOOK)
    return Response(status=204), 204


@webhooks.post("/<webhook_id>/rotate")
@auth.needs("admin", whole=True)
def rotate(webhook_id: str) -> Response:
    """Makes a new secret, shown this once; for 24 hours each delivery is signed with the one before as well."""
    body(NoFields)
    now, secret = parts().clock(), new_secret()
    changed = parts().store.webhooks.rotate(webhook_id, secret, now + _OVERLAP, now).result()
    if changed is None:
        raise NotFoundError(_NO_WEBHOOK)
    return jsonify(**_webhook_json(changed), secret=secret)


@webhooks.post("/<webhook_id>/resume")
@auth.needs("admin", whole=True)
def resume(webhook_id: str) -> Response:
    """Goes on with a webhook whose receiver said that it is gone (410)."""
    body(NoFields)
    parts().store.webhooks.disable(webhook_id, None).result()
    found = parts().store.webhooks.find(webhook_id)
    if found is None:
        raise NotFoundError(_NO_WEBHOOK)
    return jsonify(_webhook_json(found))


@webhooks.post("/<webhook_id>/replay")
@auth.needs("admin", whole=True)
def replay_all(webhook_id: str) -> Response:
    """Tries again every delivery to a webhook that was given up."""
    body(NoFields)
    if parts().store.webhooks.find(webhook_id) is None:
        raise NotFoundError(_NO_WEBHOOK)
    replayed = parts().store.deliveries.replay(parts().clock(), webhook_id=webhook_id).result()
    return jsonify(replayed=replayed)


@deliveries.get("")
@auth.needs("admin", whole=True)
def delivered() -> Response:
    """Deliveries, the newest codes first; `state=failed`: those that were given up."""
    asked = query(DeliveriesQuery)
    store = parts().store.deliveries
    found, following = shown_page(
        asked, lambda page: store.page(page, state=asked.state, webhook_id=asked.webhook)
    )
    return jsonify(deliveries=[_delivery_json(one) for one in found], next=following)


@deliveries.post("/<delivery_id>/replay")
@auth.needs("admin", whole=True)
def replay(delivery_id: str) -> Response:
    """Sends one delivery again, whatever became of it: under its old id, without a value that has expired.

    To a webhook that claims only what it holds or can claim anew: else it ends as "gone to another run".
    """
    body(NoFields)
    if not parts().store.deliveries.replay(parts().clock(), delivery_id=delivery_id).result():
        raise NotFoundError("there is no such delivery")
    return jsonify(replayed=1)


def _webhook_json(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "only": list(webhook.only),
        "include_value": webhook.include_value,
        "claim": webhook.claims,
        "created_at": stamp(webhook.created_at),
        "disabled_at": stamp(webhook.disabled_at),
    }


def _delivery_json(delivery: Delivery) -> dict[str, Any]:
    waits = delivery.state is Stage.WAITING
    return {
        "id": delivery.id,
        "webhook": delivery.webhook_id,
        "code_id": delivery.code_id,
        "identifier": delivery.identifier,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "reason": delivery.reason,
        "received_at": stamp(delivery.received_at),
        "next_at": stamp(delivery.due_at) if waits else None,
        "ended_at": stamp(delivery.ended_at),
    }
