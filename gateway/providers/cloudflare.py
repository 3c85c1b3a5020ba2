"""Mails from Cloudflare Email Routing, sent on by the Email Worker in .github/doors/cloudflare.md.

Source of what a worker knows: https://developers.cloudflare.com/email-routing/email-workers/runtime-api/
"""

from typing import ClassVar
from urllib.parse import unquote

from core.errors import InvalidRequestError
from gateway.providers import Brought, HookRequest, ProviderSettings
from gateway.webhooks import mail
from gateway.webhooks.proof import Secrets, check_one_of, check_recent, hmac_sha256, shown

_SIGNED = ("time", "from", "to")


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "cloudflare"`."""

    largest_body: ClassVar[int] = mail.LARGEST

    secret: Secrets


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless one of the secrets signed time, envelope and mail, in the last five minutes.

    The signature is HMAC-SHA256 in hexadecimal over `TIME LF FROM LF TO LF MAIL`, addresses as in the headers.
    """
    head = "".join(f"{_header(request, name)}\n" for name in _SIGNED).encode("utf-8", "surrogateescape")
    right = [hmac_sha256(secret, head + request.body) for secret in shown(settings.secret)]
    check_one_of(_header(request, "signature"), right)
    check_recent(_header(request, "time"), request)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The mail of a request, for the recipient in its header x-otpgate-to."""
    del settings
    if not request.body:
        raise InvalidRequestError("the body should be the raw mail")
    mail_from, rcpt_to = (unquote(_header(request, name)) for name in ("from", "to"))
    one = mail.addressed(request.body, rcpt_to=rcpt_to, mail_from=mail_from, field_name="the header x-otpgate-to")
    return Brought(messages=(one,))


def _header(request: HookRequest, name: str) -> str:
    return request.headers.get(f"x-otpgate-{name}", "")
