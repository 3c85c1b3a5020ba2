"""Mailgun's routes, action forward() to a URL (https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http).

A URL that ends in `mime` gets the raw mail, which keeps the site's DKIM signature and with it the author: name the
hook so, `[hooks.mailgun_mime]`. Any other gets it parsed.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from core.errors import InvalidRequestError
from gateway.providers import Brought, HookRequest, Nonce, ProviderSettings
from gateway.webhooks import mail
from gateway.webhooks.proof import REPLAY_WINDOW, Secrets, check_one_of, check_recent, hmac_sha256, shown

_LATEST = timedelta(hours=8, minutes=30)
"""Mailgun comes back for eight hours, with the signature of its first attempt, as far as others know.

https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-retries and
https://github.com/hookdeck/webhook-skills/blob/main/skills/mailgun-webhooks/references/verification.md
"""


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "mailgun"`."""

    largest_body: ClassVar[int] = 2 * mail.LARGEST  # an encoded form may take three bytes for one

    signing_key: Secrets


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless one of the keys signed `timestamp` and `token`: Mailgun signs no more.

    Source: https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
    """
    fields = request.values()
    at, token, signature = (_text(fields, name) for name in ("timestamp", "token", "signature"))
    content = (at + token).encode()
    check_one_of(signature, [hmac_sha256(key, content) for key in shown(settings.signing_key)])
    check_recent(at, request, _LATEST)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The mail of a request, for its `recipient`; its token stands for no other."""
    del settings
    fields = request.values()
    raw = fields["body-mime"] if "body-mime" in fields else _composed(fields)
    recipients = [address for address in _text(fields, "recipient").split(",") if address]
    one = mail.addressed(raw, rcpt_to=recipients, mail_from=_text(fields, "sender"), field_name="recipient")
    until = request.received_at + _LATEST + REPLAY_WINDOW
    return Brought(messages=(one,), nonce=Nonce(value=_text(fields, "token"), until=until))


def _composed(fields: Mapping[str, bytes]) -> bytes:
    """The parsed form as a mail; Mailgun writes all of it in UTF-8."""
    if "body-plain" not in fields and "body-html" not in fields:
        raise InvalidRequestError("the form should have body-plain or body-html, or the raw mail as body-mime")
    if "message-headers" in fields:
        headers = mail.pairs(_json(fields["message-headers"]), "message-headers")
    else:
        headers = [(name, _text(fields, name)) for name in ("from", "subject") if name in fields]
    text, html = (mail.Body(content=fields.get(name, b"")) for name in ("body-plain", "body-html"))
    return mail.compose(headers, text, html)


def _text(fields: Mapping[str, bytes], name: str) -> str:
    return fields.get(name, b"").decode("utf-8", "replace")


def _json(content: bytes) -> object:
    try:
        found: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("the form's field message-headers should be JSON") from error
    return found
