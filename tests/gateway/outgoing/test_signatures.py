"""Signatures as the Standard Webhooks specification has them, and where a webhook may lead."""

import base64
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from core.errors import InvalidRequestError
from core.store import Delivery
from gateway.outgoing.event import headers_of
from gateway.receivers import check_address, new_secret, read_secret

NOW = datetime.fromtimestamp(1614265330, UTC)
DELIVERY = Delivery(
    id="msg_p5jXN8AQM9LWM0D4loKWxJek",
    webhook_id="webhook_1",
    code_id="code_1",
    identifier="user@example.com",
    received_at=NOW,
    begun_at=NOW,
    due_at=NOW,
)
SECRET, BODY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'


def test_the_reference_vector_of_the_specification() -> None:
    """The vector of the specification's reference libraries."""
    headers = headers_of(DELIVERY, BODY, [SECRET], NOW)
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_secrets_rotate_each_of_them_verifies_and_no_other() -> None:
    old, new = new_secret(), new_secret()
    now = datetime.now(UTC)
    headers = headers_of(replace(DELIVERY, id="msg_1"), b'{"a":1}', [new, old], now)
    assert headers["webhook-signature"].count("v1,") == 2
    for secret in (old, new):
        assert Webhook(secret).verify(b'{"a":1}', headers) == {"a": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(b'{"a":1}', headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(b'{"a":2}', headers)


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_that_is_brought_is_kept_as_it_is(raw: bytes) -> None:
    text = "whsec_" + base64.b64encode(raw).decode()
    assert read_secret(text) == text
    assert read_secret(text.removeprefix("whsec_")) == text


@given(st.text(max_size=200))
def test_any_other_text_is_a_secret_or_refused(text: str) -> None:
    with suppress(InvalidRequestError):
        assert read_secret(text).startswith("whsec_")


@given(st.text(max_size=200) | st.text("ab.-_:/@[]0%", max_size=80).map("https://".__add__), st.booleans())
def test_any_text_is_an_address_or_refused(text: str, value: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    with suppress(InvalidRequestError):
        assert httpx.URL(check_address(text, value=value)).host


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com/otp",
        "http://localhost:9000/otp",
        "http://127.0.0.1/",
        "http://10.1.2.3:8080/otp?token=1",
        "http://app:8000/otp",
        "http://app.internal/otp",
        "http://[::1]:9000/otp",
    ],
)
def test_a_code_may_go_by_https_anywhere_and_by_http_to_a_near_host(url: str) -> None:
    assert check_address(url, value=True) == url


@pytest.mark.parametrize("url", ["http://app.example.com/otp", "http://203.0.115.4/otp"])
def test_by_http_to_a_public_host_a_notice_may_go_but_no_code(url: str) -> None:
    assert check_address(url, value=False) == url
    with pytest.raises(InvalidRequestError, match="https"):
        check_address(url, value=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "app.example.com",
        "ftp://a.example/",
        "https://",
        "https://a.example/#x",
        "https://a b/",
        "http://[x/",
        "https://a..b/",
        f"https://{64 * 'a'}.example/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequestError, match="`url`"):
        check_address(url, value=False)
