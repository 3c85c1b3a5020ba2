"""What the JSON API answers of out-going webhooks."""

from typing import Literal

from pydantic import AwareDatetime

from gateway.web.openapi.answers import Answer


class Webhook(Answer):
    """A receiver; never its secret."""

    id: str
    url: str
    only: list[str]
    include_value: bool
    claim: bool
    created_at: AwareDatetime
    disabled_at: AwareDatetime | None
    """When its receiver said that it is gone (410)."""


class NewWebhook(Webhook):
    """A webhook with a secret that was just made."""

    secret: str
    """What its deliveries are signed with, shown this once."""


class CountedWebhook(Webhook):
    """A webhook, and how many of its deliveries stand where."""

    waiting: int
    delivered: int
    failed: int


class Webhooks(Answer):
    """Every webhook."""

    webhooks: list[CountedWebhook]


class Delivery(Answer):
    """One code on its way to one webhook; `id` is its webhook-id."""

    id: str
    webhook: str
    code_id: str
    identifier: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    reason: str
    """What the last attempt met: an HTTP status, or an error's class."""
    received_at: AwareDatetime
    next_at: AwareDatetime | None
    ended_at: AwareDatetime | None


class Deliveries(Answer):
    """A page of deliveries."""

    deliveries: list[Delivery]
    next: str | None


class Replayed(Answer):
    """How many deliveries are tried again."""

    replayed: int
