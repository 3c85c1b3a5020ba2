"""Bandwidth's inbound message webhook (https://dev.bandwidth.com/docs/messaging/webhooks).

Bandwidth waits 10 seconds, comes back for 24 hours, and may send an event twice.
"""

from pydantic import Field

from core.errors import InvalidRequestError
from gateway.providers import Brought, HookMessage, HookRequest, ProviderSettings
from gateway.webhooks.fields import text_at, word_at, words_at
from gateway.webhooks.proof import Secrets, check_basic


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "bandwidth"`."""

    user: str = Field(min_length=1, pattern=r"^[^:]*$")
    password: Secrets


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless the request has the application's callback user and password (RFC 7617)."""
    check_basic(request, settings.user, settings.password)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS among the events of a request: each `message-received`."""
    del settings
    events = request.json()
    if not isinstance(events, list) or not events:
        raise InvalidRequestError("the body should be a JSON array of events")
    received = [event for event in events if text_at(event, "type") == "message-received"]
    return Brought(messages=tuple(_message(event) for event in received))


def _message(event: object) -> HookMessage:
    """An event's message; of a picture without words the text is empty."""
    return HookMessage(
        sender=word_at(event, "message.from"),
        recipient=word_at(event, "to"),
        text=words_at(event, "message.text", "message.media"),
        external_id=word_at(event, "message.id"),
    )
