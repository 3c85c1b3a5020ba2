"""Twilio's inbound SMS webhook (https://www.twilio.com/docs/messaging/guides/webhook-request).

Twilio waits 15 seconds and by default does not come back after an error: append `#rc=5&rp=all` to the
webhook URL and set a fallback URL (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
"""

import re

from pydantic import Field, SecretStr, field_validator
from twilio.request_validator import RequestValidator

from core.errors import InvalidRequestError
from gateway.providers import HookMessage, HookRefusedError, HookRequest, ProviderSettings

ANSWER = ("<Response/>", "text/xml")
_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
_CHANNEL = re.compile(r"^(whatsapp|rcs):")
"""What Twilio writes before a number that is not for SMS."""
_NOT_IN_A_NUMBER = re.compile(r"[\s().-]")


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "twilio"`."""

    account_sid: str = Field(pattern=r"^AC[0-9a-zA-Z]{1,64}$")
    auth_token: tuple[SecretStr, ...] = Field(min_length=1)
    numbers: tuple[str, ...] = ()

    @field_validator("auth_token", mode="before")
    @classmethod
    def one_or_several(cls, value: object) -> object:
        """A token, or a list of tokens while rotating."""
        return (value,) if isinstance(value, str) else value

    @field_validator("auth_token")
    @classmethod
    def not_empty(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        """An empty token would let anybody sign."""
        if not all(token.get_secret_value() for token in value):
            raise ValueError("a token is empty")
        return value


class _Form(dict[str, list[str]]):
    """Form fields as twilio's validator reads them: with every value of a name."""

    def getall(self, name: str) -> list[str]:
        """Every value of that name."""
        return self[name]


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless one of the tokens signed the public URL and every form field.

    Parameters sign alike however they are cut (`a=bc`, `ab=c`), so account, MessageSid and number are
    checked as well. Source: https://www.twilio.com/docs/usage/security#validating-requests
    """
    signature = request.headers.get("x-twilio-signature", "")
    if not signature:
        raise HookRefusedError("signature missing")
    if not _is_form(request):
        raise HookRefusedError("not a form")
    form = _Form(request.form())
    tokens = [token.get_secret_value() for token in settings.auth_token]
    if not any(RequestValidator(token).validate(request.url, form, signature) for token in tokens):
        raise HookRefusedError("signature wrong")
    if form.get("AccountSid") != [settings.account_sid]:
        raise HookRefusedError("another account")
    if "MessageSid" in form and not all(_MESSAGE_SID.fullmatch(sid) for sid in form["MessageSid"]):
        raise HookRefusedError("no MessageSid of Twilio's")
    if settings.numbers and _number(form.get("To", [""])[0]) not in map(_number, settings.numbers):
        raise HookRefusedError("another number")


def parse(request: HookRequest, settings: Settings) -> list[HookMessage]:
    """The SMS of a request; raises InvalidRequestError naming a field that is missing or there twice."""
    del settings
    form = request.form()
    wrong = [name for name in ("MessageSid", "From", "To", "Body") if len(form.get(name, ())) != 1]
    if wrong:
        raise InvalidRequestError(f"the form should have, once each: {', '.join(wrong)}")
    sender, recipient = (_CHANNEL.sub("", form[name][0]) for name in ("From", "To"))
    return [
        HookMessage(sender=sender, recipient=recipient, text=form["Body"][0], external_id=form["MessageSid"][0])
    ]


def _is_form(request: HookRequest) -> bool:
    return (
        request.headers.get("content-type", "").split(";")[0].strip().lower()
        == "application/x-www-form-urlencoded"
    )


def _number(text: str) -> str:
    return _NOT_IN_A_NUMBER.sub("", _CHANNEL.sub("", text))
