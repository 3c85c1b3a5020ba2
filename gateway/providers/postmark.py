"""Postmark's inbound webhook (https://postmarkapp.com/developer/webhooks/inbound-webhook).

With "Include raw email content in JSON payload" the mail keeps the site's DKIM signature and with it the author.
Postmark waits two minutes, comes back ten times, and no more after a 403.
"""

from typing import Any, ClassVar

from pydantic import Field

from core.errors import InvalidRequestError
from gateway.providers import Brought, HookRequest, ProviderSettings
from gateway.webhooks import mail
from gateway.webhooks.fields import text_at
from gateway.webhooks.proof import Secrets, check_basic

_WRITTEN = {"From": "from", "To": "to", "Cc": "cc", "ReplyTo": "reply-to", "Subject": "subject", "Date": "date"}


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "postmark"`."""

    largest_body: ClassVar[int] = 2 * mail.LARGEST  # the raw mail, and its attachments once more

    user: str = Field(default="otpgate", pattern=r"^[^:]+$", description="a user's name without a colon")
    password: Secrets


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless the request has the user and one of the passwords of the webhook's URL.

    Postmark signs nothing: it is known by https://USER:PASSWORD@host/hooks/NAME alone.
    """
    check_basic(request, settings.user, settings.password)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The mail of a request, for its `OriginalRecipient`; the Postmark stamps come first in `Headers`."""
    del settings
    told = request.json_object()
    if told.get("RecordType", "Inbound") != "Inbound":
        raise InvalidRequestError("this is no inbound mail: set this URL as the webhook of the inbound stream")
    headers = mail.pairs(told.get("Headers", []), "Headers")
    mail_from = next((value for name, value in headers if name.lower() == "return-path"), "")
    raw = told["RawEmail"].encode("utf-8", "replace") if _has(told, "RawEmail") else _composed(told, headers)
    recipient = text_at(told, "OriginalRecipient")
    one = mail.addressed(raw, rcpt_to=recipient, mail_from=mail_from, field_name="OriginalRecipient")
    return Brought(messages=(one,))


def _composed(told: dict[str, Any], headers: list[tuple[str, str]]) -> bytes:
    """The parsed mail put together: Postmark keeps From, To and the like apart from the other headers."""
    if not _has(told, "TextBody") and not _has(told, "HtmlBody"):
        text_at(told, "TextBody", "HtmlBody")
    stamped = {name.lower() for name, _ in headers}
    written = [(header, told[key]) for key, header in _WRITTEN.items() if _has(told, key)]
    if "from" not in stamped and isinstance(sender := told.get("FromFull"), dict) and _has(sender, "Email"):
        written = [("from", _mailbox(sender)), *(pair for pair in written if pair[0] != "from")]
    apart = [pair for pair in written if pair[0] not in stamped]
    text, html = (
        mail.Body(content=told[name].encode("utf-8", "replace") if _has(told, name) else b"")
        for name in ("TextBody", "HtmlBody")
    )
    return mail.compose([*headers, *apart], text, html)


def _mailbox(sender: dict[str, Any]) -> str:
    """A name and an address as From writes them (RFC 5322, 3.4)."""
    name = sender["Name"].replace("\\", "\\\\").replace('"', '\\"') if _has(sender, "Name") else ""
    return f'"{name}" <{sender["Email"]}>' if name else sender["Email"]


def _has(told: dict[str, Any], name: str) -> bool:
    return isinstance(told.get(name), str)
