"""What every provider must do, held by requests in their recorded shape: tests/gateway/providers/NAME/*.json.

A new provider is held to it as soon as its file is there: one without a recorded request fails here.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

import gateway.providers
from core.errors import InvalidRequestError
from core.settings import HookSettings
from gateway.providers import Hook, HookMessage, HookRefusedError, HookRequest, configure

HERE = Path(__file__).parent
PROVIDERS = sorted(
    file.stem
    for folder in gateway.providers.__path__
    for file in Path(folder).glob("*.py")
    if file.stem != "__init__"
)
RECORDED = sorted(HERE.glob("*/*.json"))


@dataclasses.dataclass(frozen=True)
class Case:
    """A recorded request, the settings that believe it, and what it brings."""

    provider: str
    recorded: dict[str, Any]

    def hook(self, **settings: object) -> Hook:
        table = HookSettings.model_validate({"provider": self.provider, **self.recorded["settings"], **settings})
        return configure({"in": table})["in"]

    def request(self, *, signature: str | None = None, body: bytes | None = None, url: str = "") -> HookRequest:
        signature = self.recorded["signatures"][0] if signature is None else signature
        headers = {**self.recorded["headers"], self.recorded["signature_header"]: signature}
        return HookRequest(
            url=url or self.recorded["url"],
            headers={name: value for name, value in headers.items() if value},
            body=self.recorded["body"].encode() if body is None else body,
        )


@pytest.fixture(params=RECORDED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def case(request: pytest.FixtureRequest) -> Case:
    file: Path = request.param
    return Case(file.parent.name, json.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_has_a_recorded_request(provider: str) -> None:
    assert provider in {file.parent.name for file in RECORDED}


def test_a_signed_request_brings_its_messages(case: Case) -> None:
    expected = [HookMessage(**message) for message in case.recorded["messages"]]
    assert case.hook().receive(case.request()) == expected


def test_each_of_several_secrets_is_accepted_while_rotating(case: Case) -> None:
    assert len(case.recorded["signatures"]) > 1
    for signature in case.recorded["signatures"]:
        assert case.hook().receive(case.request(signature=signature))


def test_a_missing_signature_is_refused(case: Case) -> None:
    with pytest.raises(HookRefusedError):
        case.hook().receive(case.request(signature=""))


@pytest.mark.parametrize("signature", ["0", "é", "\udcff", "=" * 28, "x" * 100_000])
def test_a_wrong_signature_is_refused_whatever_it_is_made_of(case: Case, signature: str) -> None:
    with pytest.raises(HookRefusedError):
        case.hook().receive(case.request(signature=signature))


def test_every_changed_byte_of_the_body_is_refused(case: Case) -> None:
    body = bytearray(case.recorded["body"].encode())
    for place in range(0, len(body), 7):
        tampered = bytes(body[:place]) + bytes([body[place] ^ 1]) + bytes(body[place + 1 :])
        with pytest.raises((HookRefusedError, InvalidRequestError)):
            case.hook().receive(case.request(body=tampered))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{}", b"&" * 1000, b"a=1&" * 1000, b"\x00"])
def test_any_bytes_may_come_in_and_are_refused(case: Case, body: bytes) -> None:
    with pytest.raises((HookRefusedError, InvalidRequestError)):
        case.hook().receive(case.request(body=body))


def test_the_url_that_was_signed_is_the_configured_one(case: Case) -> None:
    url = case.recorded["url"]
    for other in (url.replace("https:", "http:"), url + "/", url.replace("otp.", "evil."), url + "?a=1"):
        with pytest.raises(HookRefusedError):
            case.hook().receive(case.request(url=other))


def test_a_missing_field_of_a_believed_request_is_named(case: Case) -> None:
    pairs = parse_qsl(case.recorded["body"], keep_blank_values=True)
    for missing in case.recorded["required"]:
        body = urlencode([pair for pair in pairs if pair[0] != missing]).encode()
        with pytest.raises(InvalidRequestError, match=missing):
            case.hook().provider.parse(case.request(body=body), case.hook().settings)


def test_no_repr_shows_a_secret_a_body_or_a_text(case: Case) -> None:
    hook, request = case.hook(), case.request()
    shown = f"{hook!r} {request!r} {hook.receive(request)!r}"
    for secret in (*case.recorded["secrets"], case.recorded["body"], "482913"):
        assert secret not in shown


def test_an_empty_secret_is_no_configuration(case: Case) -> None:
    blank = {
        name: [""] if isinstance(value, list) else ""
        for name, value in case.recorded["settings"].items()
        if set(case.recorded["secrets"]) & set(value if isinstance(value, list) else [value])
    }
    with pytest.raises(Exception, match="in"):
        case.hook(**blank)
