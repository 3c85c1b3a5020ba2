"""Sinch's signature, by the example in its documentation, and its two ways to prove itself."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from gateway.providers import Brought, HookRefusedError, HookRequest
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


@pytest.mark.parametrize("body", ['{"type":"delivery_report_sms"}', '{"type":"mo_binary","body":"AAA="}'])
def test_what_is_no_text_brings_nothing(body: str) -> None:
    event = HookRequest(url="https://a.example/", headers={}, body=body.encode())
    assert parse(event, SETTINGS) == Brought()


@pytest.mark.parametrize("told", [{}, {"secret": "a", "user": "u", "password": "p"}, {"user": "u"}])
def test_it_needs_one_way_and_only_one(told: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="either secret"):
        Settings.model_validate(told)
