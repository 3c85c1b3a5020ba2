"""Raw mails from any program that can sign with HMAC-SHA256: a mail server's pipe, a script, another gateway.

The body is the mail (RFC 5322), the recipient stands in a header, the signature in another.
"""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from core.errors import InvalidRequestError
from gateway.providers import Brought, HookRefusedError, HookRequest, ProviderSettings
from gateway.webhooks import mail
from gateway.webhooks.proof import Secrets, check_one_of, check_recent, hmac_sha256, shown

_NAME = "the name of a header, such as X-Signature"
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$", description=_NAME), AfterValidator(str.lower)]
MaybeHeaderName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9-]{0,64}$", description=_NAME), AfterValidator(str.lower)
]


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "raw_mime"`."""

    largest_body: ClassVar[int] = mail.LARGEST

    secret: Secrets
    signature_header: HeaderName = "x-signature"
    timestamp_header: MaybeHeaderName = ""
    recipient_header: HeaderName = "x-recipient"
    sender_header: HeaderName = "x-sender"


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless the signature is the body's HMAC-SHA256 in hexadecimal by a secret.

    `sha256=` before it is fine. With a `timestamp_header` (seconds since 1970) it is that of `TIME.BODY`, and at
    most five minutes old.
    """
    content = request.body
    if settings.timestamp_header:
        at = request.headers.get(settings.timestamp_header, "")
        content = at.encode("utf-8", "surrogateescape") + b"." + content
    given = request.headers.get(settings.signature_header, "").removeprefix("sha256=").lower()
    check_one_of(given, [hmac_sha256(secret, content) for secret in shown(settings.secret)])
    if settings.timestamp_header:
        check_recent(at, request)
    if not content:
        raise HookRefusedError("nothing is signed")


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The mail of a request, for the recipients (a comma between them) in its recipient header."""
    if not request.body.strip():
        raise InvalidRequestError("the body should be the raw mail")
    recipients = request.headers.get(settings.recipient_header, "").split(",")
    mail_from = request.headers.get(settings.sender_header, "")
    name = f"the header {settings.recipient_header}"
    return Brought(
        messages=(mail.addressed(request.body, rcpt_to=recipients, mail_from=mail_from, field_name=name),)
    )
