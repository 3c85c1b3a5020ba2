"""What only Resend's webhook must do."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import ConfigurationError, InvalidRequestError, TemporaryError
from core.settings import HookSettings
from gateway.providers import HookRequest, configure, resend
from tests.gateway.providers.recorded import HERE, Recorded

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def settings(api_url: str = "http://127.0.0.1:9") -> resend.Settings:
    return resend.Settings(signing_secret=(SecretStr(SECRET),), api_key=SecretStr("re_key"), api_url=api_url)


def told(**data: object) -> HookRequest:
    """A request that tells of a mail."""
    event = {"type": "email.received", "data": {"email_id": "a-b-c", "to": ["alice@example.com"], **data}}
    return HookRequest(url="", headers={}, body=json.dumps(event).encode())


def test_the_published_signature_is_believed() -> None:
    """The vector of Svix, who send for Resend (https://docs.svix.com/receiving/verifying-payloads/how-manual)."""
    request = HookRequest(
        url="",
        headers={
            "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "svix-timestamp": "1614265330",
            "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        body=b'{"test": 2432232314}',
        received_at=datetime.fromtimestamp(1614265330, UTC),
    )
    resend.verify(request, settings())


@pytest.mark.parametrize("number", ["", "../../domains", "a/b", "a?b", "%2e%2e", "x" * 65, "é"])
def test_an_id_that_would_lead_elsewhere_in_the_api_is_refused(number: str) -> None:
    with pytest.raises(InvalidRequestError, match="email_id"):
        resend.parse(told(email_id=number), settings())


def test_an_api_that_does_not_answer_or_has_no_such_mail_is_temporary(served: str) -> None:
    for url in ("http://127.0.0.1:9", f"{served}/resend/served"):
        with pytest.raises(TemporaryError):
            resend.parse(told(), settings(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/raw.eml",
        "http://evil.example\\@127.0.0.1/",
        "http://127.0.0.1.evil.example/",
        "file:///etc/passwd",
        "https://inbound-cdn.resend.com.evil.example/",
        "http://[",
        "",
        None,
        7,
    ],
)
def test_no_address_but_resends_own_is_asked(url: object) -> None:
    assert resend._raw({"raw": {"download_url": url}}, settings()) == b""  # noqa: SLF001 - what it must never do


def test_a_raw_mail_that_cannot_be_had_is_put_together_from_what_was_parsed(served: str, tmp_path: Path) -> None:
    del tmp_path
    case = Recorded(HERE / "resend" / "parsed.json", served)
    (mail,) = case.hook().receive(case.request()).messages
    assert b"482913" not in getattr(mail, "raw")  # noqa: B009 - it is in base64
    case.check(case.hook().receive(case.request()))


@pytest.mark.parametrize("secret", ["whsec_", "whsec_é", "whsec_!!!"])
def test_a_signing_secret_that_is_none_is_bad_configuration(secret: str) -> None:
    table = HookSettings.model_validate({"provider": "resend", "signing_secret": secret, "api_key": "re_key"})
    with pytest.raises(ConfigurationError, match="whsec_"):
        configure({"mail": table})
