"""MessageBird's inbound SMS, forwarded by Flow Builder ("Forward to URL") or by the number's own webhook.

https://developers.messagebird.com/api/sms-messaging/ and https://developers.messagebird.com/docs/verify-http-requests.
Bird, its successor, signs in another way: provider "bird".
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from gateway.providers import Answer, Brought, HookMessage, HookRefusedError, HookRequest, ProviderSettings
from gateway.webhooks.fields import single, text_at, word_at
from gateway.webhooks.numbers import NumberOrNone, international
from gateway.webhooks.proof import Secrets
from gateway.webhooks.tokens import check_hash, claims_of

_RECEIVED = Answer(text="OK")


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "messagebird"`."""

    methods: ClassVar[tuple[str, ...]] = ("GET", "POST")
    signs_url: ClassVar[bool] = True

    signing_key: Secrets
    number: NumberOrNone = ""


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless MessageBird signed the URL and the body with one of the keys."""
    claims = claims_of(request.headers.get("messagebird-signature-jwt", ""), settings.signing_key, request)
    if claims.get("iss") != "MessageBird":
        raise HookRefusedError("another account")
    check_hash(claims, "url_hash", request.url.encode("utf-8", "surrogatepass"))
    if request.body or "payload_hash" in claims:
        check_hash(claims, "payload_hash", request.body)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS of a request; `number` in the settings says whose it is, for a flow that does not."""
    fields = _fields(request)
    message = HookMessage(
        sender=international(word_at(fields, "originator")),
        recipient=international(settings.number or word_at(fields, "recipient")),
        text=text_at(fields, "body", "payload"),
        external_id=word_at(fields, "id", "message_id"),
    )
    return Brought(messages=(message,), answer=_RECEIVED)


def _fields(request: HookRequest) -> Mapping[str, Any]:
    if request.method == "GET":
        return single(request.parameters())
    if request.content_type == "application/x-www-form-urlencoded":
        return single(request.form())
    return request.json_object()
