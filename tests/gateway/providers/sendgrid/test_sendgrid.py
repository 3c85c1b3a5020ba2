"""What only SendGrid's webhook must do."""

import json
from datetime import UTC, datetime

import pytest

from core.errors import ConfigurationError
from core.message import Channel, InboundMessage
from core.reading import read
from core.settings import HookSettings
from gateway.providers import HookRefusedError, HookRequest, configure, sendgrid
from tests.gateway.providers.recorded import HERE, Recorded

KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ"
    "/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
)
SIGNATURE = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
EVENT = {
    "email": "hello@world.com",
    "event": "dropped",
    "reason": "Bounced Address",
    "sg_event_id": "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
    "sg_message_id": "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
    "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
    "timestamp": 1600112492,
}


def published(**changed: str) -> HookRequest:
    """The request of SendGrid's own test vector (sendgrid-python, test/unit/test_eventwebhook.py)."""
    header = "x-twilio-email-event-webhook-"
    told = {"timestamp": "1600112502", "signature": SIGNATURE, **changed}
    return HookRequest(
        url="",
        headers={header + name: value for name, value in told.items()},
        body=json.dumps([EVENT], separators=(",", ":")).encode() + b"\r\n",
        received_at=datetime.fromtimestamp(1600112502, UTC),
    )


def test_the_published_signature_is_believed() -> None:
    sendgrid.verify(published(), sendgrid.Settings(public_key=(KEY,)))


@pytest.mark.parametrize(
    "changed", [{"timestamp": "1600112503"}, {"signature": SIGNATURE.replace("MEUC", "MEUD")}, {"timestamp": ""}]
)
def test_any_change_to_it_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(HookRefusedError):
        sendgrid.verify(published(**changed), sendgrid.Settings(public_key=(KEY,)))


@pytest.mark.parametrize("key", ["", "AAAA", "not base64", KEY[:-8]])
def test_a_key_that_is_none_is_bad_configuration_that_says_where_the_key_is(key: str) -> None:
    table = HookSettings.model_validate({"provider": "sendgrid", "public_key": key})
    with pytest.raises(ConfigurationError, match="public_key"):
        configure({"mail": table})


def test_each_parsed_field_is_read_in_its_own_charset(served: str) -> None:
    case = Recorded(HERE / "sendgrid" / "parsed.json", served)
    (mail,) = case.hook().receive(case.request()).messages
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    message = InboundMessage(
        channel=Channel.EMAIL,
        door="hooks/mail",
        received_at=now,
        trace_id="t",
        raw=getattr(mail, "raw"),  # noqa: B009
    )
    reading = read(message, threshold=0.5)
    assert reading.content.alternative.strip() == "Your Acme code is 482913. Grüße"
    assert (reading.extracted.value, reading.sender_domain, reading.verdict) == ("482913", "acme.example", "")
