"""Plivo's signatures, by the vector that its own SDKs are tested with, and which of several counts."""

import pytest

from gateway.providers import HookRefusedError, HookRequest
from gateway.providers.plivo import Settings, parse, verify

SIGNATURE = "ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc="
"""plivo-ruby, spec/signature_spec.rb: V2 of https://answer.url with nonce 12345 and token my_auth_token."""
SETTINGS = Settings.model_validate({"auth_token": "my_auth_token"})


def request(**headers: str) -> HookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HookRequest(
        url="https://answer.url",
        headers={"content-type": "application/x-www-form-urlencoded", **named},
        body=b"From=1&To=2&Text=x&MessageUUID=1",
    )


def test_its_vector_is_believed() -> None:
    for header in ("x_plivo_signature_v2", "x_plivo_signature_ma_v2"):
        verify(request(**{header: SIGNATURE, "x_plivo_signature_v2_nonce": "12345"}), SETTINGS)


@pytest.mark.parametrize("changed", [{"nonce": "12346"}, {"token": "my_auth_tokens"}, {"allow_v2": False}])
def test_it_is_refused_for_another_nonce_or_token_or_where_v2_is_not_allowed(changed: dict[str, object]) -> None:
    told: dict[str, object] = {"auth_token": changed.get("token", "my_auth_token")}
    settings = Settings.model_validate({**told, "allow_v2": changed.get("allow_v2", True)})
    nonce = str(changed.get("nonce", "12345"))
    with pytest.raises(HookRefusedError):
        verify(request(x_plivo_signature_v2=SIGNATURE, x_plivo_signature_v2_nonce=nonce), settings)


def test_a_right_v2_saves_no_wrong_v3() -> None:
    """V2 does not cover the body: whoever changed it could else just leave V3 wrong."""
    both = {"x_plivo_signature_v2": SIGNATURE, "x_plivo_signature_v2_nonce": "12345"}
    with pytest.raises(HookRefusedError):
        verify(request(**both, x_plivo_signature_v3="AAAA", x_plivo_signature_v3_nonce="1"), SETTINGS)


def test_a_delivery_report_brings_nothing() -> None:
    report = HookRequest(url="https://answer.url", headers={}, body=b"From=1&To=2&Status=sent&MessageUUID=1")
    assert parse(report, SETTINGS).messages == ()
