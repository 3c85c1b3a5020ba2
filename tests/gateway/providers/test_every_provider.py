"""What every provider must do, held by requests in their recorded shape: tests/gateway/providers/NAME/*.json.

A new provider is held to it as soon as its file is there: one without a recorded request fails here.
`recorded.py` says what such a file holds.
"""

import contextlib
import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gateway.providers
from core.errors import InvalidRequestError, TemporaryError
from gateway.providers import Brought, HookMessage, HookRefusedError
from tests.gateway.providers.recorded import ALL, Recorded
from tests.gateway.providers.scrambling import scrambled

ROOT = Path(__file__).parents[3]
PROVIDERS = sorted(
    file.stem
    for folder in gateway.providers.__path__
    for file in Path(folder).glob("*.py")
    if file.stem != "__init__"
)
REFUSED = (HookRefusedError, InvalidRequestError)


@pytest.fixture(params=ALL, ids=lambda file: f"{file.parent.name}-{file.stem}")
def case(request: pytest.FixtureRequest, served: str) -> Recorded:
    return Recorded(request.param, served)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_has_a_recorded_request(provider: str) -> None:
    assert provider in {file.parent.name for file in ALL}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_has_an_example_in_the_configuration_and_in_a_page(provider: str) -> None:
    table = f'provider = "{provider}"'
    assert table in (ROOT / "config.example.toml").read_text(encoding="utf-8")
    assert any(table in page.read_text(encoding="utf-8") for page in (ROOT / ".github" / "doors").glob("*.md"))


def test_a_signed_request_brings_its_messages(case: Recorded) -> None:
    case.check(case.hook().receive(case.request()))


def test_each_of_several_secrets_is_accepted_while_rotating(case: Recorded) -> None:
    assert len(case.signatures) > 1 or case.says_why_none_rotate
    for signature in case.signatures:
        case.check(case.hook().receive(case.request(signature=signature)))


def test_a_missing_signature_is_refused(case: Recorded) -> None:
    with pytest.raises(HookRefusedError):
        case.hook().receive(case.request(signature=""))


@pytest.mark.parametrize("signature", ["0", "é", "\udcff", "=" * 28, "x" * 100_000])
def test_a_wrong_signature_is_refused_whatever_it_is_made_of(case: Recorded, signature: str) -> None:
    with pytest.raises(REFUSED if case.signature_is_in_the_body else HookRefusedError):
        case.hook().receive(case.request(signature=signature))


def test_every_changed_byte_of_what_is_signed_is_refused(case: Recorded) -> None:
    if "body" not in case.covers:
        return
    body = case.request().body
    for place in range(0, len(body), max(7, len(body) // 200)):
        tampered = bytes(body[:place]) + bytes([body[place] ^ 1]) + bytes(body[place + 1 :])
        with pytest.raises(REFUSED):
            case.hook().receive(case.request(body=tampered))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{}", b"[]", b"&" * 1000, b"a=1&" * 1000, b"\x00"])
def test_any_bytes_may_come_in_and_are_refused(case: Recorded, body: bytes) -> None:
    if case.brings_nothing:
        return
    with pytest.raises(REFUSED):
        case.hook().receive(case.request(body=body, query=""))


def test_the_same_request_again_brings_the_very_same(case: Recorded) -> None:
    """So it adds nothing: a mail counts by its bytes, an SMS by its id."""
    first, again = (case.hook().receive(case.request()).messages for _ in range(2))
    assert first == again
    assert all(message.external_id for message in first if isinstance(message, HookMessage))


@settings(max_examples=5)
@given(data=st.data())
def test_whatever_stands_in_a_header_is_believed_or_refused(case: Recorded, data: st.DataObject) -> None:
    request = case.request()
    name = data.draw(st.sampled_from(sorted({*request.headers, "authorization"})))
    headers = {**request.headers, name: data.draw(st.text(max_size=60))}
    with contextlib.suppress(*REFUSED, TemporaryError):
        case.hook().receive(dataclasses.replace(request, headers=headers))


@settings(max_examples=8)
@given(data=st.data())
def test_whatever_stands_in_a_field_is_understood_or_named_as_wrong(case: Recorded, data: st.DataObject) -> None:
    request, hook = case.request(), case.hook()
    changed = dataclasses.replace(request, body=scrambled(request, data.draw))
    with contextlib.suppress(InvalidRequestError, TemporaryError):
        assert isinstance(hook.provider.parse(changed, hook.settings), Brought)
    with contextlib.suppress(*REFUSED, TemporaryError):
        hook.receive(changed)


@settings(max_examples=10)
@given(body=st.binary(max_size=300) | st.text(max_size=100).map(str.encode), query=st.text(max_size=50))
def test_whatever_a_believed_sender_sends_is_understood_or_named_as_wrong(
    case: Recorded, body: bytes, query: str
) -> None:
    request = case.request(body=body, query=query)
    with contextlib.suppress(InvalidRequestError):
        assert isinstance(case.hook().provider.parse(request, case.hook().settings), Brought)


def test_the_url_that_was_signed_is_the_configured_one(case: Recorded) -> None:
    if "url" not in case.covers:
        return
    assert case.hook().settings.signs_url
    url = case.request().url
    for other in (url.replace("https:", "http:"), url + "/", url.replace("otp.", "evil."), url + "?a=1"):
        with pytest.raises(HookRefusedError):
            case.hook().receive(case.request(url=other))


def test_what_was_signed_long_ago_or_for_later_is_refused(case: Recorded) -> None:
    if "time" not in case.covers:
        return
    for seconds in (-86_400, -600, case.late + 300, 2 * 86_400):
        with pytest.raises(HookRefusedError):
            case.hook().receive(case.request(seconds_later=seconds))


def test_what_comes_late_is_taken_as_long_as_its_sender_comes_back_with_it(case: Recorded) -> None:
    if "time" in case.covers:
        case.check(case.hook().receive(case.request(seconds_later=case.late - 60)))


def test_a_missing_field_of_a_believed_request_is_named(case: Recorded) -> None:
    for missing in case.required:
        with pytest.raises(InvalidRequestError, match=missing.rpartition(".")[2]):
            case.hook().provider.parse(case.without(missing), case.hook().settings)


def test_no_repr_shows_a_secret_a_body_or_a_text(case: Recorded) -> None:
    hook, request = case.hook(), case.request()
    shown = f"{hook!r} {request!r} {hook.receive(request)!r}"
    for secret in (*case.secrets, request.body.decode("utf-8", "replace") or "482913", "482913"):
        assert secret not in shown


def test_an_empty_secret_is_no_configuration(case: Recorded) -> None:
    for blank in case.settings_with_a_blank_secret():
        with pytest.raises(Exception, match=r"hooks\.in"):
            case.hook(**blank)
