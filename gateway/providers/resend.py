"""Resend's inbound webhook (https://resend.com/docs/webhooks/emails/received).

It tells only that a mail came; the mail itself is asked for at Resend's API
(https://resend.com/docs/api-reference/emails/retrieve-received-email), raw where Resend offers it.
"""

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from hmac import digest
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from core.errors import InvalidRequestError, TemporaryError
from core.hosts import host_matches, judged_host
from gateway.providers import Brought, HookRequest, ProviderSettings
from gateway.webhooks import mail
from gateway.webhooks.asking import ask
from gateway.webhooks.fields import at, text_at
from gateway.webhooks.proof import Secrets, check_any_of, check_recent, shown

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_PREFIX = "whsec_"


def _decodable(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    for secret in shown(secrets):
        try:
            ok = bool(b64decode(secret.removeprefix(_PREFIX), validate=True))
        except ValueError:
            ok = False
        if not ok:
            raise ValueError("should be the webhook's signing secret, which begins with whsec_")
    return secrets


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "resend"`."""

    signing_secret: Annotated[Secrets, AfterValidator(_decodable)]
    api_key: SecretStr = Field(min_length=1, description="an API key, such as re_123")
    api_url: str = Field(
        default="https://api.resend.com", pattern=r"^https?://[^\s?#]+$", description="an address of Resend's API"
    )


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless one of the secrets signed id, time and body, in the last five minutes.

    Source: https://docs.svix.com/receiving/verifying-payloads/how-manual
    """
    number, at_, given = (request.headers.get(f"svix-{name}", "") for name in ("id", "timestamp", "signature"))
    content = f"{number}.{at_}.".encode("utf-8", "surrogateescape") + request.body
    keys = [b64decode(secret.removeprefix(_PREFIX)) for secret in shown(settings.signing_secret)]
    said = [text.removeprefix("v1,") for text in given.split() if text.startswith("v1,")]
    check_any_of(said, [b64encode(digest(key, content, sha256)).decode() for key in keys])
    check_recent(at_, request)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The mail that a request tells of, asked for at Resend; raises TemporaryError when it is not given."""
    told = request.json_object()
    if text_at(told, "type") != "email.received":
        return Brought()
    number = text_at(told, "data.email_id")
    if not _ID.fullmatch(number):
        raise InvalidRequestError("data.email_id should be an id")
    rcpt_to = at(told, "data.received_for") or at(told, "data.to")
    found = _found(number, settings)
    raw = _raw(found, settings) or _composed(found)
    headers = found.get("headers")
    mail_from = headers.get("return-path", "") if isinstance(headers, dict) else ""
    return Brought(messages=(mail.addressed(raw, rcpt_to=rcpt_to, mail_from=mail_from, field_name="data.to"),))


def _found(number: str, settings: Settings) -> dict[str, Any]:
    key = settings.api_key.get_secret_value()
    answer = ask(
        f"{settings.api_url}/emails/receiving/{number}",
        headers={"authorization": f"Bearer {key}", "user-agent": "otpgate"},
        largest=mail.LARGEST,
    )
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise TemporaryError("Resend answered with something else than JSON") from error
    if not isinstance(found, dict):
        raise TemporaryError("Resend answered with something else than a mail")
    return found


def _raw(found: dict[str, Any], settings: Settings) -> bytes:
    """The mail as received, from a host of Resend's; b"" where there is none, or none that can be had."""
    url = at(found, "raw.download_url")
    host = judged_host(url) if isinstance(url, str) else ""
    if not host_matches(host, ["resend.com", judged_host(settings.api_url)]):
        return b""
    if urlsplit(url).scheme != urlsplit(settings.api_url).scheme:
        return b""
    try:
        return ask(url, largest=mail.LARGEST)
    except TemporaryError:
        return b""


def _composed(found: dict[str, Any]) -> bytes:
    """The parsed mail put together: Resend gives headers by name, one that is there twice as a list."""
    named = found.get("headers")
    given = named.items() if isinstance(named, dict) else ()
    headers = [
        (str(name), one) for name, value in given for one in (value if isinstance(value, list) else [value])
    ]
    there = {name.lower() for name, _ in headers}
    told = [
        (name, ", ".join(map(str, value)) if isinstance(value, list) else value)
        for name in ("from", "to", "cc", "subject")
        if (value := found.get(name)) and name not in there
    ]
    pairs = [(name, value) for name, value in (*headers, *told) if isinstance(value, str)]
    text, html = (
        mail.Body(content=value.encode("utf-8", "replace") if isinstance(value := found.get(name), str) else b"")
        for name in ("text", "html")
    )
    return mail.compose(pairs, text, html)
