"""SMSGate, the Android SMS Gateway of capcom6: `sms:received`, `mms:downloaded`; `system:ping` is its heartbeat.

https://docs.sms-gate.app/features/webhooks/. The app comes back 14 times in about two days.
"""

import hmac

from gateway.providers import Brought, HookMessage, HookRequest, ProviderSettings
from gateway.webhooks.fields import as_text, at, text_at, word_at
from gateway.webhooks.proof import Secrets, check_one_of, check_recent, shown
from gateway.webhooks.sims import SimNumbers, number_of


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "smsgate"`."""

    signing_key: Secrets
    sim_numbers: SimNumbers = ()


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless one of the keys signed body and time (HMAC-SHA256)."""
    moment = request.headers.get("x-timestamp", "")
    signed = request.body + moment.encode("utf-8", "surrogatepass")
    expected = [hmac.new(key.encode(), signed, "sha256").hexdigest() for key in shown(settings.signing_key)]
    check_one_of(request.headers.get("x-signature", "").lower(), expected)
    check_recent(moment, request)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS of `sms:received`, the words of `mms:downloaded`; any other event is a sign of life.

    The event's id counts, since the message's own is made of its content and comes again with it.
    """
    found = request.json_object()
    event = text_at(found, "event")
    if event not in {"sms:received", "mms:downloaded"}:
        return Brought()
    slot = at(found, "payload.simNumber")
    message = HookMessage(
        sender=word_at(found, "payload.sender", "payload.phoneNumber"),
        recipient=number_of(
            slot if isinstance(slot, int) else None,
            settings.sim_numbers,
            as_text(at(found, "payload.recipient")) or "",
        ),
        text=text_at(found, "payload.message") if event == "sms:received" else _beside_media(found),
        external_id=word_at(found, "id"),
    )
    return Brought(messages=(message,))


def _beside_media(found: object) -> str:
    lines = (as_text(at(found, f"payload.{name}")) for name in ("subject", "body"))
    return "\n".join(line for line in lines if line)
