"""Sinch's inbound SMS, of its SMS API and of its Conversation API.

https://developers.sinch.com/docs/sms/api-reference/sms/tag/Webhooks and
https://developers.sinch.com/docs/conversation/callbacks. Sinch joins the parts of a long SMS itself.
"""

import hashlib
import hmac
from base64 import b64encode
from typing import Self

from pydantic import model_validator

from gateway.providers import Brought, HookMessage, HookRequest, ProviderSettings
from gateway.webhooks.fields import at, text_at, word_at
from gateway.webhooks.numbers import international
from gateway.webhooks.proof import MaybeSecrets, check_basic, check_one_of, check_recent, shown


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "sinch"`: `secret`, or `user` and `password`."""

    secret: MaybeSecrets = ()
    user: str = ""
    password: MaybeSecrets = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.secret) == bool(self.user and self.password):
            raise ValueError("needs either secret (HMAC), or user and password")
        return self


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless the request is signed (HMAC-SHA256), or has user and password.

    Source: https://developers.sinch.com/docs/conversation/callbacks#validating-callbacks. Sinch's account managers
    set either on the callback of an SMS service plan.
    """
    if not settings.secret:
        check_basic(request, settings.user, settings.password)
        return
    nonce, moment = (
        request.headers.get(f"x-sinch-webhook-signature-{name}", "") for name in ("nonce", "timestamp")
    )
    signed = request.body + f".{nonce}.{moment}".encode("utf-8", "surrogatepass")
    expected = [
        b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
        for secret in shown(settings.secret)
    ]
    check_one_of(request.headers.get("x-sinch-webhook-signature", ""), expected)
    check_recent(moment, request)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS of a request; nothing of a delivery report, a binary SMS or any other event."""
    del settings
    found = request.json_object()
    if "message" in found:
        return _of_conversation(found)
    if "type" in found and found["type"] != "mo_text":
        return Brought()
    message = HookMessage(
        sender=international(word_at(found, "from")),
        recipient=international(word_at(found, "to")),
        text=text_at(found, "body"),
        external_id=word_at(found, "id"),
    )
    return Brought(messages=(message,))


def _of_conversation(found: object) -> Brought:
    """A MESSAGE_INBOUND event: of text messages alone, whichever channel they came by."""
    if at(found, "message.contact_message.text_message") is None:
        return Brought()
    message = HookMessage(
        sender=international(word_at(found, "message.channel_identity.identity")),
        recipient=international(word_at(found, "message.sender_id")),
        text=text_at(found, "message.contact_message.text_message.text"),
        external_id=word_at(found, "message.id"),
    )
    return Brought(messages=(message,))
