"""The generic webhook: its fields are where the configuration says, for whatever no other provider is made for.

Tasker, iOS Shortcuts, Zapier, an SMS service of one's own: anything that can post JSON or a form with a header.
"""

import base64
from typing import Literal, Self

from pydantic import Field, model_validator

from core.errors import InvalidRequestError
from gateway.providers import Brought, HookMail, HookMessage, HookRequest, ProviderSettings
from gateway.webhooks.mail import Body, compose
from gateway.webhooks.mapping import Path, body_of, found_at, texts_at
from gateway.webhooks.numbers import Number, NumberOrNone
from gateway.webhooks.proof import (
    MaybeSecrets,
    Secrets,
    check_header,
    check_one_of,
    hmac_sha256,
    is_heartbeat,
    shown,
)

_NOT_ALIVE = frozenset({"", "0", "false", "no", "off", "offline"})
"""What a heartbeat's field says of a phone that is not there."""
_FIELDS = ("sender", "recipient", "subject", "text", "html", "id")


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "mapped"`."""

    secret: Secrets
    secret_header: str = Field(default="x-otpgate-secret", pattern=r"^[A-Za-z0-9-]+$")
    signature_header: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$")
    channel: Literal["sms", "email"] = "sms"
    text: Path
    sender: Path = ""
    recipient: Path = ""
    number: NumberOrNone = ""
    numbers: dict[str, Number] = Field(default={})
    id: Path = ""
    subject: Path = ""
    html: Path = ""
    heartbeat: Path = ""
    heartbeat_token: MaybeSecrets = ()

    @model_validator(mode="after")
    def _somebodys(self) -> Self:
        if bool(self.recipient) == bool(self.number):
            raise ValueError("needs either recipient (where it stands), or number (whose all of it is)")
        if self.channel == "sms" and (self.subject or self.html):
            raise ValueError('subject and html are for channel = "email"')
        return self


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless a header holds one of the secrets, or the body's HMAC-SHA256 by one of them.

    The HMAC may be in hexadecimal or base64, with `sha256=` before it or not.
    """
    if is_heartbeat(request, settings.heartbeat_token):
        return
    if not settings.signature_header:
        check_header(request, settings.secret_header.lower(), settings.secret)
        return
    given = request.headers.get(settings.signature_header.lower(), "").removeprefix("sha256=")
    signatures = [hmac_sha256(secret, request.body) for secret in shown(settings.secret)]
    check_one_of(given, [*signatures, *(base64.b64encode(bytes.fromhex(one)).decode() for one in signatures)])


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS or mail of a request; where the configured heartbeat is found, a sign of life."""
    if is_heartbeat(request, settings.heartbeat_token):
        return Brought()
    body = body_of(request)
    if settings.heartbeat and (told := found_at(body, settings.heartbeat)) is not None:
        return Brought(alive=str(told).strip().lower() not in _NOT_ALIVE)
    paths = {name: path for name in _FIELDS if (path := getattr(settings, name))}
    found = texts_at(body, paths)
    recipient = settings.number or found["recipient"].strip()
    recipient = settings.numbers.get(recipient, recipient)
    if not recipient:
        raise InvalidRequestError(f"recipient ({settings.recipient}) should not be empty")
    return Brought(messages=(_mail(found, recipient) if settings.channel == "email" else _sms(found, recipient),))


def _sms(found: dict[str, str], recipient: str) -> HookMessage:
    return HookMessage(
        sender=found.get("sender", "").strip(),
        recipient=recipient,
        text=found["text"],
        external_id=found.get("id", ""),
    )


def _mail(found: dict[str, str], recipient: str) -> HookMail:
    """A mail of the fields, as its sender would have written it; it has no signature, so no author either."""
    headers = [("From", found.get("sender", "")), ("To", recipient), ("Subject", found.get("subject", ""))]
    if found.get("id"):
        headers.append(("X-External-Id", found["id"]))
    text, html = (Body(content=found.get(name, "").encode("utf-8", "replace")) for name in ("text", "html"))
    return HookMail(raw=compose(headers, text, html), rcpt_to=(recipient,))
