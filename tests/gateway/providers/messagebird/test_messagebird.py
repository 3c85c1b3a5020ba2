"""MessageBird's tokens, by the cases that its SDKs are tested with (webhook_signature_test_data.json)."""

from datetime import datetime

import pytest

from gateway.providers import HookRefusedError, HookRequest
from gateway.providers.messagebird import Settings, verify

SETTINGS = Settings.model_validate(
    {"signing_key": "36efdd1aace2e26cd490f0d951138253bef2f7c6d34d18981da781555cc4cebb"}
)
AT = datetime.fromisoformat("2021-07-05T12:00:00+02:00")
HEAD = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
BARE = (
    HEAD
    + "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiI1OWEyNDRkYy1lOWFkLTRl"
    "MjMtOTc3OC0zNzFmYWEyMzhmNzIiLCJ1cmxfaGFzaCI6IjBmMTE1ZGIwNjJiN2MwZGQwMzBiMTY4NzhjOTlkZWE1YzM1NGI0OWRjMzdiMzhlYj"
    "g4NDYxNzljNzc4M2U5ZDcifQ.6Fp0rVOsRr1fj9S2GidXAfkmPVofKr8_RTffC6G6r2E"
)
WITH_PAYLOAD = (
    HEAD
    + "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3OTIwMCwiZXhwIjoxNjI1NDc5MjYwLCJqdGkiOiI5M2U1NTAwNi1hMGU4LTQ1"
    "MjYtYTE5MC1mYTVmZjAwZWExMTYiLCJ1cmxfaGFzaCI6IjQxZjA1ZjBkZGQwYTIyYWIyMDlhYzQ2ZjQ3YzQ1NzJkOWNlZmEyNTdlZDc0YjI0MD"
    "A0YmFlNzUzZWNlNmMyNjAiLCJwYXlsb2FkX2hhc2giOiJkZmZkNjAyMWJiMmJkNWIwYWY2NzYyOTA4MDllYzNhNTMxOTFkZDgxYzdmNzBhNGIy"
    "ODY4OGEzNjIxODI5ODZmIn0._H--TOuYFLpeEH39-rg5E3IHVkjHozBcaKVWPRC5m9I"
)
EXPIRED = (
    HEAD
    + "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ3NTYwMCwiZXhwIjoxNjI1NDc1NjYwLCJqdGkiOiI1ZjAyZjUyMi02MDMwLTQ2"
    "YzgtYjVhMy0wMTI0NjQ3OGQ4YmMiLCJ1cmxfaGFzaCI6IjBmMTE1ZGIwNjJiN2MwZGQwMzBiMTY4NzhjOTlkZWE1YzM1NGI0OWRjMzdiMzhlYj"
    "g4NDYxNzljNzc4M2U5ZDcifQ.45MSST3B_2PsjNUeiuW54_vUQgVw4rBXrdWrOUEz3lM"
)
EARLY = (
    HEAD
    + "eyJpc3MiOiJNZXNzYWdlQmlyZCIsIm5iZiI6MTYyNTQ4MjgwMCwiZXhwIjoxNjI1NDgyODYwLCJqdGkiOiJmOWY4YzM4Mi0yNDQ5LTQz"
    "MTEtYjcyYi0xZGY3MTY4NzkzMWUiLCJ1cmxfaGFzaCI6IjBmMTE1ZGIwNjJiN2MwZGQwMzBiMTY4NzhjOTlkZWE1YzM1NGI0OWRjMzdiMzhlYj"
    "g4NDYxNzljNzc4M2U5ZDcifQ.ZELgDFNGhjZH9CffQKcq3sytBe2I0KciLxpBhcfstHQ"
)


def request(token: str, url: str = "https://example.com/", body: bytes = b"") -> HookRequest:
    headers = {"messagebird-signature-jwt": token}
    return HookRequest(method="POST", url=url, headers=headers, body=body, received_at=AT)


def test_its_valid_tokens_are_believed() -> None:
    verify(request(BARE), SETTINGS)
    verify(request(WITH_PAYLOAD, "https://example.com/path?bar=1&foo=2", b"Hello, World!"), SETTINGS)


@pytest.mark.parametrize(
    "wrong",
    [
        request(EARLY),
        request(EXPIRED),
        request(BARE, "https://example.com/path"),
        request(BARE, body=b"Hello, World!"),
        request(WITH_PAYLOAD, "https://example.com/path?bar=1&foo=2", b"Hello, World?"),
        request(WITH_PAYLOAD, "https://example.com/path?bar=1&foo=2"),
        request(WITH_PAYLOAD, "https://example.com/path?foo=2&bar=1", b"Hello, World!"),
        request(BARE[:-1]),
    ],
    ids=["early", "expired", "other URL", "payload added", "changed", "taken away", "query re-ordered", "cut"],
)
def test_its_invalid_ones_are_refused(wrong: HookRequest) -> None:
    with pytest.raises(HookRefusedError):
        verify(wrong, SETTINGS)
