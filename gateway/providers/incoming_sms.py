"""Incoming SMS to URL forwarder of bogkonstantin, an Android app.

https://github.com/bogkonstantin/android_income_sms_gateway_webhook. It comes back up to ten times.
"""

import hashlib
from typing import Self

from pydantic import Field, model_validator

from gateway.providers import Brought, HookMessage, HookRequest, ProviderSettings
from gateway.webhooks.fields import as_text, text_at, word_at
from gateway.webhooks.proof import MaybeSecrets, check_header, check_one_of, hmac_sha256, is_heartbeat, shown
from gateway.webhooks.sims import SimNumbers, number_of, slot_in


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "incoming_sms"`: `secret`, or `token` in a header."""

    secret: MaybeSecrets = ()
    token: MaybeSecrets = ()
    token_header: str = Field(default="x-otpgate-token", pattern=r"^[A-Za-z0-9-]+$")
    heartbeat_token: MaybeSecrets = ()
    sim_numbers: SimNumbers = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.secret) == bool(self.token):
            raise ValueError("needs either secret (the app's HMAC-SHA-256), or token (a header of the rule)")
        return self


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless a secret signed the body, or the token's header holds one of the tokens.

    A heartbeat, which the app can neither sign nor give a header, has its own token in its URL.
    """
    if is_heartbeat(request, settings.heartbeat_token):
        return
    if settings.secret:
        given = request.headers.get("x-signature", "").lower()
        check_one_of(given, [hmac_sha256(secret, request.body) for secret in shown(settings.secret)])
    else:
        check_header(request, settings.token_header.lower(), settings.token)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS of a request in the app's sample payload; its stamps tell a repeat from a new one."""
    if is_heartbeat(request, settings.heartbeat_token):
        return Brought()
    found = request.json_object()
    sender, text = word_at(found, "from"), text_at(found, "text")
    stamps = [as_text(found.get(name)) or "" for name in ("sentStamp", "receivedStamp")]
    seen = hashlib.sha256("\0".join([*stamps, sender, text]).encode("utf-8", "surrogatepass")).hexdigest()
    message = HookMessage(
        sender=sender,
        recipient=number_of(slot_in(as_text(found.get("sim")) or ""), settings.sim_numbers),
        text=text,
        external_id=seen if any(stamps) else "",
    )
    return Brought(messages=(message,))
