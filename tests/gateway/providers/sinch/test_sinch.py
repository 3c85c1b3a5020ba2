"""Sinch's signature, by the example in its documentation, and its two ways to prove itself."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from gateway.providers import Brought, HookMessage, HookRefusedError, HookRequest
from gateway.providers.sinch import Settings, parse, verify

BODY = (
    '{"app_id":"","accepted_time":"2021-10-18T17:49:13.813615Z","project_id":"e2df3a34-a71b-4448-9db5-a8d2baad28e4",'
    '"contact_create_notification":{"contact":{"id":"01FJA8B466Y0R2GNXD78MD9SM1","channel_identities":[{"channel":'
    '"SMS","identity":"48123456789","app_id":""}],"display_name":"New Test Contact","email":'
    '"new.contact@email.com","external_id":"","metadata":"","language":"EN_US"}},"message_metadata":""}'
)
HEADERS = {
    "x-sinch-webhook-signature": "6bpJoRmFoXVjfJIVglMoJzYXxnoxRujzR4k2GOXewOE=",
    "x-sinch-webhook-signature-algorithm": "HmacSHA256",
    "x-sinch-webhook-signature-nonce": "01FJA8B4A7BM43YGWSG9GBV067",
    "x-sinch-webhook-signature-timestamp": "1634579353",
}
SETTINGS = Settings.model_validate({"secret": "foo_secret1234"})


def request(**changed: str) -> HookRequest:
    headers = HEADERS | {f"x-sinch-webhook-signature-{name}": value for name, value in changed.items()}
    at = datetime.fromtimestamp(1634579353, UTC)
    return HookRequest(url="https://a.example/", headers=headers, body=BODY.encode(), received_at=at)


def test_the_example_of_its_documentation_is_believed() -> None:
    """https://developers.sinch.com/docs/conversation/callbacks#validating-callbacks."""
    verify(request(), SETTINGS)
    for changed in ({"nonce": "01FJA8B4A7BM43YGWSG9GBV068"}, {"timestamp": "1634579354"}):
        with pytest.raises(HookRefusedError):
            verify(request(**changed), SETTINGS)


def brought(found: object) -> Brought:
    return parse(HookRequest(url="https://a.example/", headers={}, body=json.dumps(found).encode()), SETTINGS)


@pytest.mark.parametrize(
    "found",
    [
        {"type": "delivery_report_sms"},
        {"type": ["mo_text"]},
        {"app_id": "01", "message_delivery_report": {"message_id": "1", "status": "DELIVERED"}},
        {"app_id": "01", "event": {"id": "1", "contact_event": {"composing_event": {}}}},
        {"app_id": "01", "message": {"id": "1", "app_message": {"text_message": {"text": "x"}}}},
        json.loads(BODY),
    ],
)
def test_what_nobody_wrote_brings_nothing(found: object) -> None:
    """Whoever ticks one trigger too many hears nothing of it."""
    assert brought(found) == Brought()


SMS = {"id": "1", "from": "16051234567", "to": "13185551234"}
MEDIA = [{"url": "https://a.example/1.jpg"}]


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (
            {"type": "mo_media", "body": {"subject": "Acme", "message": "Code 482913", "media": MEDIA}},
            "Acme\nCode 482913",
        ),
        ({"type": "mo_media", "body": {"media": MEDIA}}, ""),
        ({"type": "mo_binary", "body": "AAA=", "udh": "00"}, ""),
    ],
)
def test_a_picture_is_kept_with_the_words_beside_it(told: dict[str, object], text: str) -> None:
    (message,) = brought({**SMS, **told}).messages
    assert isinstance(message, HookMessage)
    assert message.text == text


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"media_card_message": {"url": "https://a.example/1.jpg", "caption": "Code 482913"}}, "Code 482913"),
        ({"media_message": {"url": "https://a.example/1.jpg"}}, ""),
        ({"location_message": {"title": "x"}}, ""),
    ],
)
def test_so_it_is_in_a_conversation(told: dict[str, object], text: str) -> None:
    named = {"id": "1", "channel_identity": {"identity": "16051234567"}, "sender_id": "13185551234"}
    (message,) = brought({"app_id": "01", "message": {**named, "contact_message": told}}).messages
    assert isinstance(message, HookMessage)
    assert message.text == text


@pytest.mark.parametrize("told", [{}, {"secret": "a", "user": "u", "password": "p"}, {"user": "u"}])
def test_it_needs_one_way_and_only_one(told: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="either secret"):
        Settings.model_validate(told)
