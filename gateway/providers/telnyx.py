"""Telnyx' inbound message webhook (https://developers.telnyx.com/docs/messaging/messages/receive-message)."""

import binascii
from base64 import b64decode
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AfterValidator, BeforeValidator, Field

from core.errors import InvalidRequestError
from gateway.providers import Brought, HookMessage, HookRefusedError, HookRequest, ProviderSettings
from gateway.webhooks.fields import at, text_at, word_at, words_at
from gateway.webhooks.proof import check_recent, one_or_several

_KEY_BYTES, _SIGNATURE_BYTES = 32, 64


def _public_key(text: str) -> str:
    if len(_decoded(text)) != _KEY_BYTES:
        raise ValueError("should be the public key of Account Settings > Keys & Credentials, in base64")
    return text


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "telnyx"`."""

    public_key: Annotated[
        tuple[Annotated[str, AfterValidator(_public_key)], ...],
        BeforeValidator(one_or_several),
        Field(min_length=1),
    ]


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless one of the account's keys signed the time and the body (Ed25519).

    Source: https://developers.telnyx.com/development/api-fundamentals/webhooks/receiving-webhooks
    """
    signature = request.headers.get("telnyx-signature-ed25519", "")
    moment = request.headers.get("telnyx-timestamp", "")
    if not signature:
        raise HookRefusedError("signature missing")
    signed = moment.encode("utf-8", "surrogatepass") + b"|" + request.body
    given = _decoded(signature)
    if not any(_signed(_decoded(key), given, signed) for key in settings.public_key):
        raise HookRefusedError("signature wrong")
    check_recent(moment, request)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS of a `message.received`, one for each number that it was sent to; nothing of any other event."""
    del settings
    data = at(request.json_object(), "data")
    if text_at({"data": data}, "data.event_type") != "message.received":
        return Brought()
    payload = {"payload": at(data, "payload")}
    sender, text, message_id = word_at(payload, "payload.from.phone_number"), _text(payload), _id(payload)
    recipients = at(payload, "payload.to")
    if not isinstance(recipients, list) or not recipients:
        raise InvalidRequestError("payload.to should list the numbers that it was sent to")
    numbers = [word_at(recipient, "phone_number") for recipient in recipients]
    return Brought(
        messages=tuple(
            HookMessage(sender=sender, recipient=number, text=text, external_id=message_id) for number in numbers
        )
    )


def _text(payload: object) -> str:
    return words_at(payload, "payload.text", "payload.media")


def _id(payload: object) -> str:
    return word_at(payload, "payload.id")


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""


def _signed(key: bytes, signature: bytes, content: bytes) -> bool:
    if len(signature) != _SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, content)
    except InvalidSignature:
        return False
    return True
