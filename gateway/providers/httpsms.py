"""httpSMS, which turns an Android phone into a gateway (https://docs.httpsms.com/webhooks/introduction).

Its token is made for one webhook and ten minutes, but does not cover the body: it is the TLS that keeps it whole.
"""

import hmac
from typing import ClassVar

from gateway.providers import Brought, HookMessage, HookRefusedError, HookRequest, ProviderSettings
from gateway.webhooks.fields import at, text_at, word_at
from gateway.webhooks.proof import Secrets
from gateway.webhooks.tokens import bearer, claims_of

_ISSUER = "api.httpsms.com"
_SEALED = "(encrypted: turn end-to-end encryption off in the app)"
_OFFLINE = "phone.heartbeat.offline"


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "httpsms"`."""

    signs_url: ClassVar[bool] = True

    signing_key: Secrets


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless httpSMS made the token with one of the keys, for this URL."""
    claims = claims_of(bearer(request), settings.signing_key, request)
    if claims.get("iss") != _ISSUER:
        raise HookRefusedError("another account")
    told = claims.get("aud")
    audience = told if isinstance(told, list) else [told]  # RFC 7519, 4.1.3: one or several
    url = request.url.encode("utf-8", "surrogatepass")
    if not any(hmac.compare_digest(str(one).encode("utf-8", "surrogatepass"), url) for one in audience):
        raise HookRefusedError("made for another URL")


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS of `message.phone.received`; any other event is a sign of life, but that the phone is offline.

    Source: https://docs.httpsms.com/webhooks/events
    """
    del settings
    found = request.json_object()
    kind = text_at(found, "type")
    if kind != "message.phone.received":
        return Brought(alive=kind != _OFFLINE)
    sealed = at(found, "data.encrypted") is True
    message = HookMessage(
        sender=word_at(found, "data.contact"),
        recipient=word_at(found, "data.owner"),
        text=_SEALED if sealed else text_at(found, "data.content"),
        external_id=word_at(found, "data.message_id"),
    )
    return Brought(messages=(message,))
