"""SmsForwarder of pppscn: its webhook sender (https://github.com/pppscn/SmsForwarder/wiki).

Its signature, which DingTalk's robots use too, covers the time in milliseconds alone: it stands for one SMS, and
it is the TLS that keeps that whole.
"""

import hashlib
import hmac
from base64 import b64encode
from typing import ClassVar
from urllib.parse import unquote

from gateway.providers import Brought, HookMessage, HookRequest, Nonce, ProviderSettings
from gateway.webhooks.fields import sent_fields, text_at, word_at
from gateway.webhooks.proof import REPLAY_WINDOW, Secrets, check_one_of, check_recent, shown
from gateway.webhooks.sims import SimNumbers, number_of, slot_in


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "sms_forwarder"`."""

    methods: ClassVar[tuple[str, ...]] = ("GET", "POST")

    secret: Secrets
    sim_numbers: SimNumbers = ()


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless `sign` is right for `timestamp` (milliseconds), which must be of this time.

    The app escapes `sign` once before it puts it into the body, and once more as the body's form needs.
    """
    fields = sent_fields(request)
    moment = fields.get("timestamp", "")
    expected = [_signature(moment, secret) for secret in shown(settings.secret)]
    check_one_of(unquote(fields.get("sign", "")), expected)
    check_recent(moment[:-3], request)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS of a request, as the app's template names its fields; with a field `heartbeat`, a sign of life."""
    fields = sent_fields(request)
    nonce = Nonce(value=unquote(fields.get("sign", "")), until=request.received_at + 2 * REPLAY_WINDOW)
    if "heartbeat" in fields:
        return Brought(nonce=nonce)
    sender, text = word_at(fields, "from"), text_at(fields, "org_content", "text", "content", "msg")
    seen = hashlib.sha256(f"{word_at(fields, 'timestamp')}\0{sender}\0{text}".encode("utf-8", "surrogatepass"))
    slot = next((fields[name] for name in ("card_slot", "sim", "title") if name in fields), "")
    message = HookMessage(
        sender=sender,
        recipient=number_of(slot_in(slot), settings.sim_numbers, fields.get("to", "")),
        text=text,
        external_id=seen.hexdigest(),
    )
    return Brought(messages=(message,), nonce=nonce)


def _signature(moment: str, secret: str) -> str:
    signed = f"{moment}\n{secret}".encode("utf-8", "surrogatepass")
    return b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
