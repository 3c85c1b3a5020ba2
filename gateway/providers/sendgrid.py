"""SendGrid's Inbound Parse webhook, raw and parsed (https://www.twilio.com/docs/sendgrid/for-developers/parsing-email).

The raw form ("POST the raw, full MIME message") keeps the site's DKIM signature and with it the author; the
parsed form does not. Signed by a security policy:
https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/securing-your-parse-webhooks
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import AfterValidator, BeforeValidator, Field

from core.errors import InvalidRequestError
from gateway.providers import Brought, HookRefusedError, HookRequest, ProviderSettings
from gateway.webhooks import mail
from gateway.webhooks.proof import check_recent, one_or_several

_WINDOW = timedelta(hours=1)
"""SendGrid comes back for three days and does not say whether it signs anew; the signature covers the mail."""


def _key(text: str) -> ec.EllipticCurvePublicKey:
    key = load_der_public_key(b64decode(text, validate=True))
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("is no ECDSA key")  # noqa: TRY004 - pydantic explains a ValueError
    return key


def _keys(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        try:
            _key(text)
        except ValueError as error:
            raise ValueError("should be the policy's public_key: base64 that begins with MFkw") from error
    return texts


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "sendgrid"`."""

    largest_body: ClassVar[int] = mail.LARGEST

    public_key: Annotated[
        tuple[str, ...], BeforeValidator(one_or_several), Field(min_length=1), AfterValidator(_keys)
    ]


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless one of the keys signed the timestamp and the body (ECDSA, SHA-256)."""
    said, at = (
        request.headers.get(f"x-twilio-email-event-webhook-{name}", "") for name in ("signature", "timestamp")
    )
    if not said:
        raise HookRefusedError("signature missing")
    check_recent(at, request, _WINDOW)
    try:
        signature = b64decode(said, validate=True)
    except ValueError as error:
        raise HookRefusedError("signature wrong") from error
    if not any(_signed(key, signature, at.encode() + request.body) for key in settings.public_key):
        raise HookRefusedError("signature wrong")


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The mail of a request, for the recipients of its `envelope`."""
    del settings
    fields = request.values()
    envelope = _json(fields, "envelope")
    raw = fields["email"] if "email" in fields else _composed(fields)
    rcpt_to, mail_from = envelope.get("to"), envelope.get("from")
    return Brought(messages=(mail.addressed(raw, rcpt_to=rcpt_to, mail_from=mail_from, field_name="envelope"),))


def _signed(key: str, signature: bytes, content: bytes) -> bool:
    try:
        _key(key).verify(signature, content, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _composed(fields: Mapping[str, bytes]) -> bytes:
    """The parsed form as a mail: `headers` as received, `text` and `html` in the charsets of `charsets`."""
    if "headers" not in fields:
        raise InvalidRequestError("the form should have headers, or the raw mail as email")
    charsets = _json(fields, "charsets") if "charsets" in fields else {}
    text, html = (
        mail.Body(content=fields.get(name, b""), charset=str(charsets.get(name, "utf-8")))
        for name in ("text", "html")
    )
    unfolded = fields["headers"].decode("utf-8", "replace").replace("\r\n", "\n").replace("\n ", " ")
    lines = [line.partition(":") for line in unfolded.replace("\n\t", " ").split("\n")]
    return mail.compose([(name.strip(), value.strip()) for name, colon, value in lines if colon], text, html)


def _json(fields: Mapping[str, bytes], name: str) -> dict[str, Any]:
    try:
        found = json.loads(fields.get(name, b""))
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(f"the form's field {name} should be a JSON object") from error
    if not isinstance(found, dict):
        raise InvalidRequestError(f"the form's field {name} should be a JSON object")
    return found
