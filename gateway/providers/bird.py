"""Bird's `sms.inbound` webhook, of its Channels API.

https://docs.bird.com/api/channels-api/supported-channels/programmable-sms/receiving-messages. Bird comes back for
hours, with the time and the signature of its first attempt (https://github.com/schemalabz/opencouncil/pull/389).
"""

import hashlib
import hmac
from base64 import b64encode
from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from gateway.providers import Brought, HookMessage, HookRequest, ProviderSettings
from gateway.webhooks.fields import as_text, at, text_at, word_at
from gateway.webhooks.numbers import Number
from gateway.webhooks.proof import Secrets, check_one_of, check_recent, shown

_LATEST = timedelta(hours=24, minutes=5)


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "bird"`."""

    signs_url: ClassVar[bool] = True

    signing_key: Secrets
    channels: dict[str, Number] = Field(default={})


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless one of the keys signed time, URL and body.

    Source: https://docs.bird.com/api/notifications-api/api-reference/webhook-subscriptions/verifying-a-webhook-subscription
    """
    moment = request.headers.get("messagebird-request-timestamp", "")
    signed = f"{moment}\n{request.url}\n".encode("utf-8", "surrogatepass") + hashlib.sha256(request.body).digest()
    expected = [
        b64encode(hmac.new(key.encode(), signed, hashlib.sha256).digest()).decode()
        for key in shown(settings.signing_key)
    ]
    check_one_of(request.headers.get("messagebird-signature", ""), expected)
    check_recent(moment, request, _LATEST)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS or MMS of an `sms.inbound`; nothing of any other event."""
    found = request.json_object()
    if text_at(found, "event") != "sms.inbound":
        return Brought()
    kind = as_text(at(found, "payload.body.type")) or "text"
    path = f"payload.body.{kind}.text"
    message = HookMessage(
        sender=word_at(found, "payload.sender.contact.identifierValue"),
        recipient=_recipient(found, settings),
        text=text_at(found, path) if kind == "text" else as_text(at(found, path)) or "",
        external_id=word_at(found, "payload.id"),
    )
    return Brought(messages=(message,))


def _recipient(found: object, settings: Settings) -> str:
    """The number of the channel, which Bird seldom names itself; else words that say what to set."""
    said = as_text(at(found, "payload.receiver.connector.identifierValue"))
    channel = word_at(found, "payload.channelId")
    return said or settings.channels.get(channel) or f"channelId {channel}, not in channels"
