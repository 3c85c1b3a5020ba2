"""Plivo's inbound message webhook (https://docs.plivo.com/docs/messaging/api/message/handling-incoming).

Plivo joins the parts of a long SMS itself.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

from gateway.providers import Answer, Brought, HookMessage, HookRequest, Nonce, ProviderSettings
from gateway.webhooks.fields import single, text_at, word_at
from gateway.webhooks.numbers import international
from gateway.webhooks.proof import Secrets, check_any_of, shown

_NO_REPLY = Answer(text="<Response></Response>", content_type="application/xml")
_V3 = ("x-plivo-signature-v3", "x-plivo-signature-ma-v3")
_V2 = ("x-plivo-signature-v2", "x-plivo-signature-ma-v2")
"""Signed with the token of the (sub)account that has the number, and of the main account."""
_V2_NONCE = "x-plivo-signature-v2-nonce"
_REMEMBERED = timedelta(days=400)
"""V2 signs no time, so it never ends to count."""


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "plivo"`."""

    methods: ClassVar[tuple[str, ...]] = ("GET", "POST")
    signs_url: ClassVar[bool] = True

    auth_token: Secrets
    allow_v2: bool = True


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless one of the tokens signed the request.

    V3 covers URL and fields (https://docs.plivo.com/docs/voice/concepts/signature-validation). V2 covers the URL
    and a nonce alone (https://docs.plivo.com/docs/messaging/concepts/signature-validation) and counts only where
    there is no V3: a request that has both is believed by V3. A nonce of V2 stands for one message alone.
    """
    given, content = _given(request, _V3), _signed_by_v3(request)
    if not given and settings.allow_v2:
        given = _given(request, _V2)
        content = request.url.partition("?")[0] + request.headers.get(_V2_NONCE, "")
    expected = [_signature(content, token) for token in shown(settings.auth_token)]
    check_any_of(given, expected)


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The SMS or MMS of a request; nothing of a delivery report."""
    del settings
    fields = single(request.parameters() if request.method == "GET" else request.form())
    nonce = None
    if not _given(request, _V3):
        nonce = Nonce(value=request.headers.get(_V2_NONCE, ""), until=request.received_at + _REMEMBERED)
    if "Status" in fields and "Text" not in fields:
        return Brought(answer=_NO_REPLY, nonce=nonce)
    message = HookMessage(
        sender=international(word_at(fields, "From")),
        recipient=international(word_at(fields, "To")),
        text=text_at(fields, "Text", "Body"),
        external_id=word_at(fields, "MessageUUID"),
    )
    return Brought(messages=(message,), answer=_NO_REPLY, nonce=nonce)


def _given(request: HookRequest, names: Sequence[str]) -> list[str]:
    """The signatures of these headers: Plivo sends several, with commas, while tokens rotate."""
    found = ",".join(request.headers.get(name, "") for name in names)
    return [one.strip() for one in found.split(",") if one.strip()]


def _signed_by_v3(request: HookRequest) -> str:
    """What a V3 signature covers: URL with sorted query, sorted form fields run together, and the nonce."""
    address = request.url.partition("?")[0]
    query = "&".join(f"{name}={value}" for name, value in _pairs(request.parameters()))
    posted = (
        "".join(f"{name}{value}" for name, value in _pairs(request.form())) if request.method == "POST" else ""
    )
    separated = f"?{query}{'.' if query and posted else ''}" if query or posted else ""
    return f"{address}{separated}{posted}.{request.headers.get('x-plivo-signature-v3-nonce', '')}"


def _pairs(fields: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name in sorted(fields) for value in sorted(fields[name])]


def _signature(content: str, token: str) -> str:
    signed = content.encode("utf-8", "surrogatepass")
    return b64encode(hmac.new(token.encode(), signed, hashlib.sha256).digest()).decode()
