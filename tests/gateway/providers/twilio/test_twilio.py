"""What only Twilio's webhook must do (https://www.twilio.com/docs/usage/security#validating-requests)."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.running import NEXT_TOKEN, PUBLIC_URL, Gateway, twilio_form, twilio_signature


def codes(gateway: Gateway, number: str) -> list[str]:
    found = gateway.api.get("/v1/codes", params={"identifier": number}).json()["codes"]
    return [code["value"] for code in found]


def test_a_signed_sms_is_answered_with_empty_twiml_after_it_is_stored(gateway: Gateway, number: str) -> None:
    answer = gateway.sms(number, "Your code is 482913")
    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert answer.headers["content-type"].startswith("text/xml")
    assert gateway.latest(number)["code"]["value"] == "482913"


def test_a_picture_without_words_is_kept(gateway: Gateway, number: str) -> None:
    form = {name: value for name, value in twilio_form(number, "").items() if name != "Body"}
    with_picture = {**form, "NumMedia": "1", "MediaUrl0": "https://a.example/1.jpg"}
    answers = [gateway.hook(told, twilio_signature(told)) for told in (with_picture, {**form, "NumMedia": "0"})]
    assert [answer.status_code for answer in answers] == [200, 400]
    (kept,) = gateway.api.get("/v1/messages", params={"identifier": number}).json()["messages"]
    assert kept["kind"] == "none"


def test_it_is_polled_however_the_number_is_written(gateway: Gateway) -> None:
    """Of `+1 (555) 123-0000` nobody escaped the plus in the last ones: it arrives as a space."""
    gateway.sms("+15551230000", "Your code is 482914")
    for query in (
        "%2B15551230000",
        "%2B1%20(555)%20123-0000",
        "+15551230000",
        "+1+(555)+123-0000",
        "%201 555.123.0000",
    ):
        answer = gateway.api.get(f"/v1/codes/latest?identifier={query}")
        assert answer.json()["code"]["identifier"] == "+15551230000", query


def test_the_same_message_sid_fifty_times_at_once_is_one_code(gateway: Gateway, number: str) -> None:
    sid = f"SM{uuid.uuid4().hex}"
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: gateway.sms(number, "Your code is 482913", sid=sid), range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert codes(gateway, number) == ["482913"]


@pytest.mark.parametrize(
    "change",
    [
        {"Body": "Your code is 666666"},
        {"To": "+15559999999"},
        {"Added": "1"},
        {"ToCountry": None},
        {"Body": None, "BodyYour code is 482913": ""},
        {"From": "+1", "From5005550006": ""},
    ],
    ids=["changed", "redirected", "added", "dropped", "re-cut", "moved"],
)
def test_a_request_that_was_tampered_with_is_refused(
    gateway: Gateway, number: str, change: dict[str, str | None]
) -> None:
    form = twilio_form(number, "Your code is 482913")
    signature = twilio_signature(form)
    tampered = {name: value for name, value in {**form, **change}.items() if value is not None}
    answer = gateway.hook(tampered, signature)
    assert answer.status_code == 403 or (answer.status_code == 400 and "Body" in change)
    assert codes(gateway, number) == []


def test_each_of_two_tokens_is_accepted_while_rotating(gateway: Gateway, number: str) -> None:
    form = twilio_form(number, "Your code is 482913")
    assert gateway.hook(form, twilio_signature(form, token=NEXT_TOKEN)).status_code == 200
    other = twilio_form(number, "Your code is 482914")
    assert gateway.hook(other, twilio_signature(other, token="a-token-of-nobody")).status_code == 403


@pytest.mark.parametrize(
    "url",
    [
        f"http://{PUBLIC_URL[8:]}/hooks/sms",
        f"{PUBLIC_URL}/hooks/sms/",
        f"{PUBLIC_URL}/hooks/other",
        "https://evil.example/hooks/sms",
    ],
)
def test_a_signature_over_another_url_is_refused(gateway: Gateway, number: str, url: str) -> None:
    form = twilio_form(number, "Your code is 482913")
    assert gateway.hook(form, twilio_signature(form, url)).status_code == 403


def test_a_trailing_slash_and_a_query_are_fine_when_they_were_signed(gateway: Gateway, number: str) -> None:
    for place in ("/hooks/sms/", "/hooks/sms?a=b%20c&d=", "/hooks/sms#rc=5&rp=all"):
        form = twilio_form(number, "Your code is 482913")
        signed = f"{PUBLIC_URL}{place.partition('#')[0]}"
        assert gateway.hook(form, twilio_signature(form, signed), place).status_code == 200, place


def test_the_host_header_and_a_proxys_word_for_it_count_for_nothing(gateway: Gateway, number: str) -> None:
    form = twilio_form(number, "Your code is 482913")
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    for url, status in ((f"{PUBLIC_URL}/hooks/sms", 200), ("http://evil.example/hooks/sms", 403)):
        headers = {"X-Twilio-Signature": twilio_signature(form, url), **evil}
        assert httpx.post(f"{gateway.url}/hooks/sms", data=form, headers=headers).status_code == status


def test_a_request_that_is_no_form_is_refused(gateway: Gateway, number: str) -> None:
    form = twilio_form(number, "Your code is 482913")
    headers = {"X-Twilio-Signature": twilio_signature(form)}
    assert httpx.post(f"{gateway.url}/hooks/sms", json=form, headers=headers).status_code == 403
    assert httpx.post(f"{gateway.url}/hooks/sms", content=b"\xff=1", headers=headers).status_code == 403


@pytest.mark.parametrize("signature", ["", "0", "=" * 28, "caf\u00e9"])
def test_a_missing_or_odd_signature_is_refused(gateway: Gateway, number: str, signature: str) -> None:
    form = twilio_form(number, "Your code is 482913")
    headers = {"X-Twilio-Signature": signature.encode("latin-1")} if signature else {}
    assert httpx.post(f"{gateway.url}/hooks/sms", data=form, headers=headers).status_code == 403  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "field", [{"AccountSid": "ACsomebodyelse"}, {"MessageSid": "SM0"}, {"MessageSid": "SM" + "G" * 32}]
)
def test_a_signed_request_of_another_account_or_without_a_real_sid_is_refused(
    gateway: Gateway, number: str, field: dict[str, str]
) -> None:
    """Parameters sign alike however they are cut, so what they say is checked as well (FACTS 31)."""
    form = twilio_form(number, "Your code is 482913") | field
    assert gateway.hook(form, twilio_signature(form)).status_code == 403


def test_all_refusals_look_alike(gateway: Gateway, number: str) -> None:
    form = twilio_form(number, "Your code is 482913")
    foreign = form | {"AccountSid": "ACsomebodyelse"}
    answers = [gateway.hook(form, "wrong"), gateway.hook(foreign, twilio_signature(foreign))]
    assert answers[0].json() == answers[1].json()


def test_blank_fields_count_and_nothing_is_trimmed(gateway: Gateway, number: str) -> None:
    form = twilio_form(number, "  Your code is 482913  ") | {"Empty": ""}
    assert gateway.hook(form, twilio_signature(form)).status_code == 200
    trimmed = form | {"Body": form["Body"].strip()}
    assert gateway.hook(trimmed, twilio_signature(form)).status_code == 403
    dropped = {name: value for name, value in form.items() if name != "Empty"}
    assert gateway.hook(dropped, twilio_signature(form)).status_code == 403


def test_a_whatsapp_message_is_for_the_number_behind_its_prefix(gateway: Gateway, number: str) -> None:
    assert (
        gateway.sms(f"whatsapp:{number}", "Your code is 482913", sender="whatsapp:+15005550006").status_code == 200
    )
    assert gateway.latest(number)["code"]["sender"] == "+15005550006"


def test_a_hook_that_nobody_configured_is_not_found(gateway: Gateway) -> None:
    assert httpx.post(f"{gateway.url}/hooks/nothing").status_code == 404
