"""Where the generic webhook finds its fields, and what it says when they are not there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from core.errors import InvalidRequestError
from core.settings import HookSettings
from gateway.providers import HookRefusedError, HookRequest, configure
from gateway.providers.mapped import Settings, parse
from gateway.webhooks.mapping import Path, body_of, found_at, texts_at

PATHS = TypeAdapter(Path)
TOLD = {"secret": "s3cret", "text": "$.payload.message", "number": "+15551230000"}


def posted(body: str, content_type: str = "application/json", **headers: str) -> HookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HookRequest(
        url="https://a.example/", headers={"content-type": content_type, **named}, body=body.encode()
    )


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.payload.message", "hi"),
        ("$['payload']['a b']", 7),
        ("$.list[0].x", "first"),
        ("$.list[-1].x", "last"),
        ("plain", "yes"),
        ("$.payload.nothing", None),
        ("$.list[9].x", None),
        ("nothing", None),
    ],
)
def test_a_path_leads_to_its_value(path: str, found: object) -> None:
    body = {"payload": {"message": "hi", "a b": 7}, "list": [{"x": "first"}, {"x": "last"}], "plain": "yes"}
    assert found_at(body, PATHS.validate_python(path)) == found


@pytest.mark.parametrize("path", ["$..message", "$.list[*].x", "$.a[", "$.list[?@.x]", "$.a | $.b", "$.a[0:2]"])
def test_a_path_that_is_none_or_may_lead_to_several_is_no_configuration(path: str) -> None:
    with pytest.raises(ValidationError, match=r"\$\.payload\.message"):
        PATHS.validate_python(path)


def test_everything_that_is_not_found_is_named_at_once() -> None:
    with pytest.raises(InvalidRequestError, match=r"text \(\$\.a\), sender \(from\)"):
        texts_at({"b": 1}, {"text": "$.a", "sender": "from", "id": "b"})


@pytest.mark.parametrize("value", [{}, [], True, 1.5, None])
def test_what_is_no_text_counts_as_not_found(value: object) -> None:
    with pytest.raises(InvalidRequestError, match=r"text \(\$\.a\)"):
        texts_at({"a": value}, {"text": "$.a"})


def test_forms_of_both_kinds_are_read() -> None:
    multipart = '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nYour code is 1234 ü\r\n--b--\r\n'
    assert body_of(posted(multipart, "multipart/form-data; boundary=b")) == {"text": "Your code is 1234 ü"}
    form = "text=Your+code+is+1234+%C3%BC"
    assert body_of(posted(form, "application/x-www-form-urlencoded")) == {"text": "Your code is 1234 ü"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_is_read_or_named_as_wrong(body: object) -> None:
    settings = Settings.model_validate(TOLD)
    with pytest.raises(InvalidRequestError, match=r"text|JSON"):
        parse(posted(json.dumps(body)), settings)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"number": ""}, "needs either recipient"),
        ({"recipient": "$.to"}, "needs either recipient"),
        ({"subject": "$.subject"}, 'channel = "email"'),
        ({"text": "$..x"}, "several values"),
        ({"secret": ""}, "empty"),
    ],
)
def test_a_configuration_that_cannot_work_says_why(changed: dict[str, str], said: str) -> None:
    with pytest.raises(Exception, match=said):
        configure({"in": HookSettings.model_validate({"provider": "mapped", **TOLD, **changed})})


def test_a_heartbeat_with_its_own_token_proves_life_and_nothing_else() -> None:
    hook = configure(
        {"in": HookSettings.model_validate({"provider": "mapped", **TOLD, "heartbeat_token": "alive"})}
    )
    beat = HookRequest(url="https://a.example/?heartbeat=alive", query="heartbeat=alive", headers={}, body=b"")
    assert hook["in"].receive(beat).messages == ()
    sms = HookRequest(
        url=beat.url, query=beat.query, headers={}, body=b'{"payload":{"message":"Your code is 666666"}}'
    )
    assert hook["in"].receive(sms).messages == ()
    for wrong in ("heartbeat=dead", "heartbeat=s3cret", "heartbeat=", ""):
        with pytest.raises(HookRefusedError):
            hook["in"].receive(HookRequest(url=beat.url, query=wrong, headers={}, body=b""))
