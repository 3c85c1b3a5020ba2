"""Vonage's signatures, by the vectors that its own SDKs are tested with, and what is not an SMS."""

import hashlib
import json
from datetime import UTC, datetime

import jwt
import pytest

from core.errors import InvalidRequestError
from gateway.providers import Brought, HookMessage, HookRefusedError, HookRequest, SmsPart
from gateway.providers.vonage import Settings, parse, verify

SIGNED_AT = datetime.fromtimestamp(1385047698, UTC)
SECRET = "the-first-secret-of-thirty-two-bytes"
BEARING = {"authorization": "Bearer x"}
KEY = "my_secret_key_for_testing"
QUERY = (
    "message-timestamp=2013-11-21+15%3A27%3A30&messageId=020000001B0FE827&msisdn=14843472194&text=Test+again"
    "&timestamp=1385047698&to=13239877404&type=text"
)
VECTORS = {
    "md5hash": "d2e7b1dc968737c5998ad624e02f90b7",
    "md5": "DDEBD46008C2D4E93CCE578A332A52D5",
    "sha1": "27D0D05C2876C7CB1720DBCDBA4D492E1E55C09A",
    "sha256": "DDB8397C2B90AAC7F3882D306475C9A5058C92322EEF43C92B298B6E0FC0D330",
    "sha512": "E0D3C650F8C9D1A5C174D10DDDBFB003E561F59B265616208B0487C5D819481C"
    "D3C311D59CF6165ECD1139622D5BA3A256C0D763AC4A9AD9144B5A426B94FE82",
}


def signed(query: str, at: datetime = SIGNED_AT) -> HookRequest:
    url = f"https://otp.example.com/hooks/sms?{query}"
    return HookRequest(method="GET", url=url, query=query, headers={}, body=b"", received_at=at)


def posted(found: object, **headers: str) -> HookRequest:
    headers = {"content-type": "application/json", **headers}
    body = json.dumps(found).encode()
    return HookRequest(url="https://otp.example.com/hooks/sms", headers=headers, body=body, received_at=SIGNED_AT)


@pytest.mark.parametrize("method", VECTORS)
def test_its_vectors_are_believed(method: str) -> None:
    """vonage-ruby-sdk, test/vonage/signature_test.rb: an inbound SMS, signed in each way."""
    settings = Settings.model_validate({"signature_secret": KEY, "signature_method": method})
    for written in (VECTORS[method], VECTORS[method].lower()):
        verify(signed(f"{QUERY}&sig={written}"), settings)
    with pytest.raises(HookRefusedError):
        verify(signed(f"{QUERY.replace('again', 'against')}&sig={VECTORS[method]}"), settings)


def test_another_method_than_the_configured_one_is_refused() -> None:
    settings = Settings.model_validate({"signature_secret": KEY, "signature_method": "sha256"})
    with pytest.raises(HookRefusedError):
        verify(signed(f"{QUERY}&sig={VECTORS['md5hash']}"), settings)


def test_no_value_can_bring_in_a_parameter() -> None:
    """`&` and `=` in a value are signed as `_`: what is signed for one value is not signed for two."""
    content = "&a=1_b_2&timestamp=1385047698"
    signature = hashlib.md5((content + "secret").encode(), usedforsecurity=False).hexdigest()
    settings = Settings.model_validate({"signature_secret": "secret"})
    verify(signed(f"a=1%26b%3D2&timestamp=1385047698&sig={signature}"), settings)
    with pytest.raises(HookRefusedError):
        verify(signed(f"a=1&b=2&timestamp=1385047698&sig={signature}"), settings)


def test_a_token_of_another_body_is_refused() -> None:
    claims = {"iat": 1385047698, "payload_hash": hashlib.sha256(b"{}").hexdigest()}
    token = jwt.encode(claims, SECRET, algorithm="HS256")
    with pytest.raises(HookRefusedError):
        verify(
            posted({"text": "x"}, authorization=f"Bearer {token}"),
            Settings.model_validate({"signature_secret": SECRET}),
        )


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_nobody_signed_is_refused(algorithm: str) -> None:
    claims = {"iat": 1385047698, "payload_hash": hashlib.sha256(b'{"text": "x"}').hexdigest()}
    key = "" if algorithm == "none" else "another-secret-of-thirty-two-bytes!"
    token = jwt.encode(claims, key, algorithm=algorithm)
    with pytest.raises(HookRefusedError):
        verify(
            posted({"text": "x"}, authorization=f"Bearer {token}"),
            Settings.model_validate({"signature_secret": SECRET}),
        )


def test_a_delivery_receipt_brings_nothing() -> None:
    receipt = {"msisdn": "447700900001", "to": "447700900000", "status": "delivered"}
    assert parse(posted(receipt), Settings.model_validate({"signature_secret": "secret"})) == Brought()


@pytest.mark.parametrize(
    ("headers", "found", "text"),
    [
        ({}, {"msisdn": "447700900001", "messageId": "1", "type": "binary", "data": "00", "udh": "00"}, ""),
        (BEARING, {"message_type": "image", "image": {"url": "x", "caption": "Code 482913"}}, "Code 482913"),
        (BEARING, {"message_type": "audio", "audio": {"url": "x"}}, ""),
    ],
)
def test_what_has_no_text_is_kept_with_the_words_beside_it(
    headers: dict[str, str], found: dict[str, object], text: str
) -> None:
    sms = (
        {"from": "447700900001", "to": "447700900000", "message_uuid": "1"} if headers else {"to": "447700900000"}
    )
    settings = Settings.model_validate({"signature_secret": "secret"})
    (message,) = parse(posted({**sms, **found}, **headers), settings).messages
    assert isinstance(message, HookMessage)
    assert message.text == text


@pytest.mark.parametrize(
    ("number", "total"), [("0", "2"), ("3", "2"), ("x", "2"), ("1", "999"), ("²", "2"), ("", "2")]
)
def test_a_part_that_cannot_be_is_named(number: str, total: str) -> None:
    sms = {"msisdn": "447700900001", "to": "447700900000", "messageId": "1", "text": "x", "concat": "true"}
    part = {"concat-ref": "1", "concat-part": number, "concat-total": total}
    with pytest.raises(InvalidRequestError, match="concat-"):
        parse(posted({**sms, **part}), Settings.model_validate({"signature_secret": "secret"}))


def test_a_short_sms_has_no_part() -> None:
    sms = {"msisdn": "447700900001", "to": "447700900000", "messageId": "1", "text": "x", "concat": "false"}
    part = {"concat-ref": "1", "concat-part": "2", "concat-total": "2", "concat": "true"}
    settings = Settings.model_validate({"signature_secret": "secret"})
    parts = [parse(posted(found), settings).messages[0] for found in (sms, {**sms, **part})]
    assert [getattr(one, "part", None) for one in parts] == [None, SmsPart(reference="1", number=2, total=2)]
