"""Attacks on the webhook of a running gateway (FACTS 31)."""

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import httpx
import pytest

from tests.abuse.attacking import CODE, Under
from tests.running import NEXT_TOKEN, PUBLIC_URL, Gateway, twilio_form, twilio_signature

See = Callable[[str], None]
NUMBER = "+15551239999"
URL = f"{PUBLIC_URL}/hooks/sms"


@pytest.fixture(scope="module")
def listed(under: Under) -> Gateway:
    """A gateway that takes SMS for one number of the account."""
    return under.attack(hook=f'numbers = ["{NUMBER}"]')


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(timeout=20) as client:
        yield client


def forgeries() -> dict[str, tuple[str, bytes, dict[str, str]]]:
    """Requests that nobody signed like this: path, body and headers of each."""
    form = twilio_form(NUMBER, f"Your code is {CODE}")
    right, body = twilio_signature(form), urlencode(form).encode()
    recut = {name + value[:1]: value[1:] if name == "Body" else value for name, value in form.items()}
    other = twilio_form(NUMBER, CODE) | {"AccountSid": "ACsomebodyelse"}
    dropped = {name: value for name, value in form.items() if name != "FromCity"}
    moved = twilio_form("+15550000001", CODE)

    def signed(path: str, content: bytes, signature: str, kind: str = "") -> tuple[str, bytes, dict[str, str]]:
        kind = kind or "application/x-www-form-urlencoded"
        return path, content, {"X-Twilio-Signature": signature, "Content-Type": kind}

    return {
        "no signature": ("/hooks/sms", body, {"Content-Type": "application/x-www-form-urlencoded"}),
        "a wrong signature": signed("/hooks/sms", body, right[:-4] + "AAA="),
        "a signature that is no ASCII": signed("/hooks/sms", body, "\u00e4\u00f6"),
        "signed for http": signed("/hooks/sms", body, twilio_signature(form, URL.replace("https", "http"))),
        "signed with a slash at the end": signed("/hooks/sms", body, twilio_signature(form, URL + "/")),
        "another query": signed("/hooks/sms?x=1", body, right),
        "a changed text": signed("/hooks/sms", body.replace(CODE.encode(), b"111111"), right),
        "a parameter left out": signed("/hooks/sms", urlencode(dropped).encode() + b"&x=1", right),
        "parameters cut anew": signed("/hooks/sms", urlencode(recut).encode(), right),
        "JSON without bodySHA256": signed(
            "/hooks/sms", json.dumps(form).encode(), twilio_signature({}), "application/json"
        ),
        "another account": signed("/hooks/sms", urlencode(other).encode(), twilio_signature(other)),
        "a number that is not listed": signed("/hooks/sms", urlencode(moved).encode(), twilio_signature(moved)),
    }


@pytest.mark.parametrize("forgery", list(forgeries()))
def test_webhook(listed: Gateway, web: httpx.Client, see: See, forgery: str) -> None:
    """403, and nothing stored."""
    path, body, headers = forgeries()[forgery]
    sent = {name.encode(): value.encode() for name, value in headers.items()}
    answer = web.post(listed.url + path, content=body, headers=sent)
    see(f"{answer.status_code}, {_kept(listed)} stored")
    assert answer.status_code == 403
    assert _kept(listed) == 0


def _kept(gateway: Gateway) -> int:
    return len(gateway.api.get("/v1/messages", params={"identifier": NUMBER}).json()["messages"])


def test_what_is_signed_well_is_believed(listed: Gateway, see: See) -> None:
    """With each of two tokens while they rotate: 200."""
    codes = []
    for token in (None, NEXT_TOKEN):
        form = twilio_form(NUMBER, f"Your code is {CODE}")
        signature = twilio_signature(form, token=token) if token else twilio_signature(form)
        codes.append(listed.hook(form, signature).status_code)
    see(str(codes))
    assert codes == [200, 200]
