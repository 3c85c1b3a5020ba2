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
from gateway.webhooks.fields import as_text, at, text_at, word_at
from gateway.webhooks.numbers import international
from gateway.webhooks.proof import MaybeSecrets, check_basic, check_one_of, check_recent, shown

_RECEIVED = frozenset({"mo_text", "mo_media", "mo_binary"})


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
    """The SMS or MMS of a request; nothing of a delivery report or any other event."""
    del settings
    found = request.json_object()
    if "app_id" in found or "message" in found:
        return _of_conversation(found)
    kind = "mo_text" if "type" not in found else as_text(found["type"])
    if kind not in _RECEIVED:
        return Brought()
    message = HookMessage(
        sender=international(word_at(found, "from")),
        recipient=international(word_at(found, "to")),
        text=text_at(found, "body") if kind == "mo_text" else _beside_media(found),
        external_id=word_at(found, "id"),
    )
    return Brought(messages=(message,))


def _beside_media(found: object) -> str:
    """The words of an MMS; a binary SMS has none."""
    lines = (as_text(at(found, f"body.{name}")) for name in ("subject", "message"))
    return "\n".join(line for line in lines if line)


def _of_conversation(found: object) -> Brought:
    """A MESSAGE_INBOUND event, whichever channel it came by; nothing of any other."""
    said = at(found, "message.contact_message")
    if said is None:
        return Brought()
    only_text = at(said, "text_message") is not None
    message = HookMessage(
        sender=international(word_at(found, "message.channel_identity.identity")),
        recipient=international(word_at(found, "message.sender_id")),
        text=text_at(said, "text_message.text")
        if only_text
        else as_text(at(said, "media_card_message.caption")) or "",
        external_id=word_at(found, "message.id"),
    )
    return Brought(messages=(message,))
