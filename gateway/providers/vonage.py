"""Vonage's inbound SMS webhook, of the SMS API and of the Messages API.

SMS API: https://developer.vonage.com/en/messaging/sms/guides/inbound-sms, signed as
https://developer.vonage.com/en/concepts/guides/signing-messages says. Messages API:
https://developer.vonage.com/en/messages/concepts/signed-webhooks. After 429 and 5xx Vonage comes
back for 24 hours, and signs the time of its first attempt. Ids make a replay add nothing.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from core.errors import InvalidRequestError
from gateway.providers import Brought, HookMessage, HookRefusedError, HookRequest, ProviderSettings, SmsPart
from gateway.webhooks.fields import as_text, at, sent_fields, text_at, word_at
from gateway.webhooks.numbers import international
from gateway.webhooks.proof import Secrets, check_one_of, check_recent, shown
from gateway.webhooks.tokens import bearer, check_hash, claims_of

_MOST_PARTS = 255
_LATEST = timedelta(hours=24, minutes=5)


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "vonage"`."""

    methods: ClassVar[tuple[str, ...]] = ("GET", "POST")

    signature_secret: Secrets
    signature_method: Literal["md5hash", "md5", "sha1", "sha256", "sha512"] = "md5hash"
    api_key: str = Field(default="", pattern=r"^[0-9a-zA-Z]*$")


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless a secret signed every field (SMS API) or the body (Messages API)."""
    if bearer(request):
        claims = claims_of(bearer(request), settings.signature_secret, request, _LATEST)
        check_hash(claims, "payload_hash", request.body)
        account = str(claims.get("api_key", ""))
    else:
        fields = _signed_fields(request)
        signature = fields.pop("sig", "").lower()
        content = "".join(f"&{name}={_signed(fields[name])}" for name in sorted(fields))
        check_one_of(
            signature, [_signature(content, secret, settings) for secret in shown(settings.signature_secret)]
        )
        check_recent(fields.get("timestamp", ""), request, _LATEST)
        account = fields.get("api-key", "")
    if settings.api_key and account != settings.api_key:
        raise HookRefusedError("another account")


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS of a request, or its part of one; nothing of a delivery receipt. A binary SMS has no words."""
    del settings
    if bearer(request):
        return _of_messages_api(request.json_object())
    fields = sent_fields(request)
    if "status" in fields:
        return Brought()
    binary = fields.get("type") == "binary"
    message = HookMessage(
        sender=international(word_at(fields, "msisdn")),
        recipient=international(word_at(fields, "to")),
        text="" if binary else text_at(fields, "text"),
        external_id=word_at(fields, "messageId"),
        part=None if binary else _part(fields),
    )
    return Brought(messages=(message,))


def _of_messages_api(found: Mapping[str, object]) -> Brought:
    """https://developer.vonage.com/en/api/messages#inbound-message: it comes in one piece."""
    if at(found, "status") is not None:
        return Brought()
    kind = as_text(at(found, "message_type")) or "text"
    message = HookMessage(
        sender=international(word_at(found, "from")),
        recipient=international(word_at(found, "to")),
        text=text_at(found, "text") if kind == "text" else as_text(at(found, f"{kind}.caption")) or "",
        external_id=word_at(found, "message_uuid"),
    )
    return Brought(messages=(message,))


def _part(fields: Mapping[str, str]) -> SmsPart | None:
    """Where in a long SMS it belongs: carriers send `concat` only for one that they cut."""
    if fields.get("concat", "").lower() != "true":
        return None
    number, total = (_small(fields, name) for name in ("concat-part", "concat-total"))
    if number > total:
        raise InvalidRequestError("concat-part should not be above concat-total")
    return SmsPart(reference=word_at(fields, "concat-ref"), number=number, total=total)


def _small(fields: Mapping[str, str], name: str) -> int:
    text = word_at(fields, name)
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:4]) <= _MOST_PARTS:
        raise InvalidRequestError(f"{name} should be a number from 1 to {_MOST_PARTS}")
    return int(text)


def _signed_fields(request: HookRequest) -> dict[str, str]:
    try:
        return sent_fields(request)
    except InvalidRequestError as error:
        raise HookRefusedError("signature missing") from error


def _signed(value: str) -> str:
    """A value as it is signed: what separates parameters cannot be brought in by one."""
    return value.replace("&", "_").replace("=", "_")


def _signature(content: str, secret: str, settings: Settings) -> str:
    signed = content.encode("utf-8", "surrogatepass")
    if settings.signature_method == "md5hash":
        return hashlib.md5(signed + secret.encode(), usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), signed, settings.signature_method).hexdigest()
