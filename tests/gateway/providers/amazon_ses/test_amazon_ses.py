"""What only Amazon SES by SNS must do."""

import json
from typing import Any

import pytest

from core.errors import InvalidRequestError, TemporaryError
from gateway.providers import Brought, HookRefusedError, HookRequest, amazon_ses
from tests.gateway.providers.recorded import HERE, Recorded

TOPIC = "arn:aws:sns:us-east-1:111111111111:SES_Inbound"
SETTINGS = amazon_ses.Settings(topic=(TOPIC,), endpoint="http://127.0.0.1:9")


@pytest.fixture
def case(served: str) -> Recorded:
    return Recorded(HERE / "amazon_ses" / "utf8.json", served)


def notified(message: object) -> HookRequest:
    """A notification that is believed already."""
    text = message if isinstance(message, str) else json.dumps(message)
    return HookRequest(url="", headers={}, body=json.dumps({"Type": "Notification", "Message": text}).encode())


def changed(case: Recorded, **members: Any) -> HookRequest:
    """The recorded request with some members changed, and a signature that is no longer right."""
    return case.request(body=json.dumps({**json.loads(case.request().body), **members}).encode())


def test_another_topic_is_refused_however_well_it_is_signed(case: Recorded) -> None:
    with pytest.raises(HookRefusedError) as refused:
        case.hook(topic="arn:aws:sns:us-east-1:222222222222:SES_Inbound").receive(case.request())
    assert refused.value.reason == "another topic"


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.us-east-1.amazonaws.com@evil.example/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.us-east-1.amazonaws.com/../SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem?x=1",
        "https://s3.us-east-1.amazonaws.com/bucket/SimpleNotificationService-0123456789abcdef.pem",
        "",
        None,
        7,
    ],
)
def test_a_certificate_of_another_place_is_never_asked_for(case: Recorded, url: object) -> None:
    with pytest.raises(HookRefusedError) as refused:
        case.hook().receive(changed(case, SigningCertURL=url))
    assert refused.value.reason == "another place of the certificate"


def test_an_sns_that_does_not_serve_its_certificate_is_temporary(case: Recorded, served: str) -> None:
    for endpoint in ("http://127.0.0.1:9", f"{served}/resend/served"):
        with pytest.raises(TemporaryError):
            case.hook(endpoint=endpoint).receive(case.request())


def test_a_certificate_that_has_run_out_signs_nothing(served: str) -> None:
    case = Recorded(HERE / "amazon_ses" / "base64.json", served)
    told = json.loads(case.request().body)
    ten_years = 10 * 366 * 86_400
    late = case.request(seconds_later=ten_years)
    certificate = str(case.hook().settings.model_dump()["certificate"][0])
    names = amazon_ses._SIGNED["Notification"]  # noqa: SLF001 - time is checked before the certificate
    assert amazon_ses._signed(told, names, certificate, case.request().received_at)  # noqa: SLF001
    assert not amazon_ses._signed(told, names, certificate, late.received_at)  # noqa: SLF001


@pytest.mark.parametrize("version", ["3", "", None, 1.5])
def test_another_version_of_signatures_is_refused(case: Recorded, version: object) -> None:
    with pytest.raises(HookRefusedError):
        case.hook().receive(changed(case, SignatureVersion=version))


def test_a_rule_that_keeps_the_mail_in_s3_is_told_what_to_do() -> None:
    message = {
        "notificationType": "Received",
        "receipt": {"action": {"type": "S3"}, "recipients": ["a@b.example"]},
    }
    with pytest.raises(InvalidRequestError, match=r"action is S3.*Publish to Amazon SNS topic"):
        amazon_ses.parse(notified(message), SETTINGS)


@pytest.mark.parametrize(
    "message", ["Successfully validated SNS topic.", {"notificationType": "Bounce"}, "[]", "7"]
)
def test_what_else_is_published_to_the_topic_brings_nothing(message: object) -> None:
    assert amazon_ses.parse(notified(message), SETTINGS) == Brought()


def test_content_that_is_no_base64_is_a_clear_400() -> None:
    receipt = {"action": {"type": "SNS", "encoding": "BASE64"}, "recipients": ["a@b.example"]}
    message = {"notificationType": "Received", "receipt": receipt, "content": "é"}
    with pytest.raises(InvalidRequestError, match="base64"):
        amazon_ses.parse(notified(message), SETTINGS)


def test_a_subscription_is_confirmed_at_sns_itself_or_comes_again(served: str) -> None:
    """Its SubscribeURL leads to a stranger in the recorded request: nobody asks it."""
    case = Recorded(HERE / "amazon_ses" / "confirmation.json", served)
    assert case.hook().receive(case.request()) == Brought()
    with pytest.raises(TemporaryError):
        amazon_ses.parse(case.request(), SETTINGS)


@pytest.mark.parametrize(
    ("topic", "host"),
    [
        (TOPIC, "sns.us-east-1.amazonaws.com"),
        ("arn:aws-cn:sns:cn-north-1:111111111111:x", "sns.cn-north-1.amazonaws.com.cn"),
        ("arn:aws-us-gov:sns:us-gov-west-1:111111111111:x", "sns.us-gov-west-1.amazonaws.com"),
    ],
)
def test_sns_is_that_of_the_topics_region(topic: str, host: str) -> None:
    assert amazon_ses.Settings(topic=(topic,)).endpoint == ""
    assert amazon_ses._sns(topic) == f"https://{host}"  # noqa: SLF001 - what it asks where nothing is configured
