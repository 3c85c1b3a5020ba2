"""Twilio's inbound SMS webhook (https://www.twilio.com/docs/messaging/guides/webhook-request).

Twilio waits 15 seconds and by default does not come back after an error: append `#rc=5&rp=all` to the
webhook URL and set a fallback URL (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
"""

import re
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from core.errors import InvalidRequestError
from gateway.providers import Answer, Brought, HookMessage, HookRefusedError, HookRequest, ProviderSettings
from gateway.webhooks.numbers import Number
from gateway.webhooks.proof import Secrets
from gateway.webhooks.twilio_form import signed_form

_NO_REPLY = Answer(text="<Response/>", content_type="text/xml")
_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
_CHANNEL = re.compile(r"^(whatsapp|rcs):")
"""What Twilio writes before a number that is not for SMS."""
_NOT_IN_A_NUMBER = re.compile(r"[\s().-]")


def _number(text: str) -> str:
    return _NOT_IN_A_NUMBER.sub("", _CHANNEL.sub("", text))


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "twilio"`."""

    signs_url: ClassVar[bool] = True

    account_sid: str = Field(pattern=r"^AC[0-9a-zA-Z]{1,64}$")
    auth_token: Secrets
    numbers: tuple[Annotated[Number, BeforeValidator(_number)], ...] = ()


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless Twilio signed the request for this account, and for a number of it."""
    form = signed_form(request, settings.auth_token, settings.account_sid)
    if "MessageSid" in form and not all(_MESSAGE_SID.fullmatch(sid) for sid in form["MessageSid"]):
        raise HookRefusedError("no MessageSid of Twilio's")
    if settings.numbers and _number(form.get("To", [""])[0]) not in settings.numbers:
        raise HookRefusedError("another number")


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS or MMS of a request; raises InvalidRequestError naming a field that is missing or there twice."""
    del settings
    form = request.form()
    if form.get("NumMedia", ["0"]) != ["0"]:
        form.setdefault("Body", [""])
    wrong = [name for name in ("MessageSid", "From", "To", "Body") if len(form.get(name, ())) != 1]
    if wrong:
        raise InvalidRequestError(f"the form should have, once each: {', '.join(wrong)}")
    sender, recipient = (_CHANNEL.sub("", form[name][0]) for name in ("From", "To"))
    sms = HookMessage(sender=sender, recipient=recipient, text=form["Body"][0], external_id=form["MessageSid"][0])
    return Brought(messages=(sms,), answer=_NO_REPLY)
