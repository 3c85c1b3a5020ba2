"""What phones and some providers tell only in part: whose SMS it is, that they are silent, that it is sealed."""

import json

import jwt
import pytest

from core.errors import ConfigurationError
from core.settings import HookSettings
from gateway.providers import Hook, HookMessage, HookRefusedError, HookRequest, configure
from gateway.webhooks.sims import number_of, slot_in

KEY = "a-key-of-more-than-thirty-two-bytes"
SIMS = ["+15551230000", "+15551230001"]


def hook(provider: str, **settings: object) -> Hook:
    return configure({"in": HookSettings.model_validate({"provider": provider, **settings})})["in"]


def recipients(one: Hook, told: object) -> list[str]:
    request = HookRequest(url="https://a.example/", headers={}, body=json.dumps(told).encode())
    brought = one.provider.parse(request, one.settings).messages
    return [message.recipient for message in brought if isinstance(message, HookMessage)]


def received(**payload: object) -> dict[str, object]:
    return {"event": "sms:received", "id": "1", "payload": {"message": "x", "phoneNumber": "Acme", **payload}}


@pytest.mark.parametrize(
    ("payload", "sims", "whose"),
    [
        ({"simNumber": 2}, SIMS, SIMS[1]),
        ({"simNumber": 2, "recipient": "+15550000000"}, SIMS, "+15550000000"),
        ({"simNumber": 1, "recipient": "+15550000000"}, SIMS[:1], "+15550000000"),
        ({"simNumber": 2, "recipient": "Unknown"}, ["", SIMS[1]], SIMS[1]),
        ({"simNumber": 3, "recipient": "+15550000000"}, SIMS, "+15550000000"),
        ({"simNumber": None, "recipient": "+15550000000"}, [], "+15550000000"),
        ({"simNumber": None, "recipient": None}, SIMS[:1], SIMS[0]),
        ({}, SIMS[:1], SIMS[0]),
    ],
)
def test_the_settings_say_which_number_a_sim_has(payload: dict[str, object], sims: list[str], whose: str) -> None:
    assert recipients(hook("smsgate", signing_key=KEY, sim_numbers=sims), received(**payload)) == [whose]


@pytest.mark.parametrize(
    ("payload", "sims", "whose"),
    [
        ({}, SIMS, "SIM of an untold slot"),
        ({"simNumber": 3}, SIMS, "SIM 3"),
        ({"simNumber": 3}, SIMS[:1], "SIM 3"),
        ({"simNumber": 1}, ["", SIMS[1]], "SIM 1"),
        ({"recipient": None, "simNumber": None}, SIMS, "SIM of an untold slot"),
    ],
)
def test_a_phone_that_does_not_say_whose_it_is_brings_what_is_to_be_set(
    payload: dict[str, object], sims: list[str], whose: str
) -> None:
    """Its SMS is signed: it is kept, as a mail for an unknown recipient is."""
    told = recipients(hook("smsgate", signing_key=KEY, sim_numbers=sims), received(**payload))
    assert told == [f"{whose}, not in sim_numbers"]


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"subject": "Acme", "body": "Code 482913"}, "Acme\nCode 482913"),
        ({"subject": None, "body": "Code 482913"}, "Code 482913"),
        ({"subject": None, "body": None}, ""),
    ],
)
def test_the_words_of_a_picture_message_are_read(told: dict[str, object], text: str) -> None:
    """MmsDownloadedPayload.kt of the app."""
    payload = {"sender": "22395", "phoneNumber": "22395", "recipient": SIMS[0], "attachments": [], **told}
    smsgate = hook("smsgate", signing_key=KEY)
    body = json.dumps({"event": "mms:downloaded", "id": "1", "payload": payload}).encode()
    (message,) = smsgate.provider.parse(
        HookRequest(url="https://a.example/", headers={}, body=body), smsgate.settings
    ).messages
    assert isinstance(message, HookMessage)
    assert (message.text, message.recipient) == (text, SIMS[0])


@pytest.mark.parametrize(
    ("told", "alive"), [(True, True), ("ok", True), (1, True), (False, False), (0, False), ("false", False)]
)
def test_a_heartbeat_that_says_that_nobody_is_there_is_no_sign_of_life(*, told: object, alive: bool) -> None:
    table = {"secret": KEY, "text": "$.text", "number": SIMS[0], "heartbeat": "$.alive"}
    mapped = hook("mapped", **table)
    request = HookRequest(url="https://a.example/", headers={}, body=json.dumps({"alive": told}).encode())
    brought = mapped.provider.parse(request, mapped.settings)
    assert (brought.messages, brought.alive) == ((), alive)


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("SIM1_China Mobile", 1),
        ("sim2", 2),
        ("2", 2),
        ("卡1", 1),
        ("SIM 2 - Orange", 2),
        ("Orange", None),
        ("", None),
    ],
)
def test_a_slot_is_read_however_the_app_names_it(text: str, slot: int | None) -> None:
    assert slot_in(text) == slot


def test_without_settings_the_phone_is_believed() -> None:
    assert number_of(1, (), "+15551230000") == "+15551230000"


def test_a_channel_of_birds_without_a_number_is_named() -> None:
    body = {"sender": {"contact": {"identifierValue": "Acme"}}, "body": {"type": "text", "text": {"text": "x"}}}
    told = {"event": "sms.inbound", "payload": {"id": "1", "channelId": "614208aa", **body}}
    assert recipients(hook("bird", signing_key=KEY), told) == ["channelId 614208aa, not in channels"]
    assert recipients(hook("bird", signing_key=KEY, channels={"614208aa": SIMS[0]}), told) == SIMS[:1]


@pytest.mark.parametrize(
    ("provider", "settings", "told"),
    [
        (
            "telnyx",
            {"public_key": "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="},
            {
                "data": {
                    "event_type": "message.received",
                    "payload": {
                        "id": "1",
                        "from": {"phone_number": "22395"},
                        "to": [{"phone_number": SIMS[0]}],
                        "text": None,
                        "media": [{"url": "x"}],
                    },
                }
            },
        ),
        (
            "bandwidth",
            {"user": "u", "password": KEY},
            [{"type": "message-received", "to": SIMS[0], "message": {"id": "1", "from": "22395", "media": ["x"]}}],
        ),
        (
            "bird",
            {"signing_key": KEY, "channels": {"c": SIMS[0]}},
            {
                "event": "sms.inbound",
                "payload": {
                    "id": "1",
                    "channelId": "c",
                    "sender": {"contact": {"identifierValue": "22395"}},
                    "body": {"type": "image", "image": {"images": [{"mediaUrl": "x"}]}},
                },
            },
        ),
    ],
)
def test_a_picture_without_words_is_kept(provider: str, settings: dict[str, object], told: object) -> None:
    """So that a run that waits hears that something came."""
    assert recipients(hook(provider, **settings), told) == SIMS[:1]


def test_the_words_beside_a_picture_of_birds_are_read() -> None:
    body = {"type": "image", "image": {"images": [{"mediaUrl": "x"}], "text": "Code 482913"}}
    sender = {"contact": {"identifierValue": "22395"}}
    told = {"event": "sms.inbound", "payload": {"id": "1", "channelId": "c", "sender": sender, "body": body}}
    bird = hook("bird", signing_key=KEY, channels={"c": SIMS[0]})
    request = HookRequest(url="https://a.example/", headers={}, body=json.dumps(told).encode())
    (message,) = bird.provider.parse(request, bird.settings).messages
    assert isinstance(message, HookMessage)
    assert message.text == "Code 482913"


def test_every_number_that_telnyx_names_gets_its_sms() -> None:
    to = [{"phone_number": number} for number in SIMS]
    payload = {"id": "1", "from": {"phone_number": "22395"}, "to": to, "text": "x"}
    key = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
    told = {"data": {"event_type": "message.received", "payload": payload}}
    assert recipients(hook("telnyx", public_key=key), told) == SIMS
    for wrong in ("", "AAAA", "not base64!", key[:-4]):
        with pytest.raises(ConfigurationError, match="public_key"):
            hook("telnyx", public_key=wrong)


def test_a_flow_of_messagebirds_may_leave_the_recipient_out() -> None:
    sms = {"id": "1", "originator": "Acme", "body": "x"}
    assert recipients(hook("messagebird", signing_key=KEY, number=SIMS[0]), sms) == SIMS[:1]


def event(kind: str, **data: object) -> HookRequest:
    return HookRequest(
        url="https://a.example/", headers={}, body=json.dumps({"type": kind, "data": data}).encode()
    )


@pytest.mark.parametrize(("kind", "alive"), [("phone.heartbeat.online", True), ("phone.heartbeat.offline", False)])
def test_httpsms_telling_that_the_phone_is_offline_is_no_sign_of_life(kind: str, alive: bool) -> None:  # noqa: FBT001
    httpsms = hook("httpsms", signing_key=KEY)
    assert httpsms.provider.parse(event(kind), httpsms.settings).alive is alive


def test_an_encrypted_sms_is_kept_as_words_that_say_what_to_turn_off() -> None:
    httpsms = hook("httpsms", signing_key=KEY)
    sms = {"contact": "Acme", "owner": SIMS[0], "message_id": "1", "encrypted": True, "content": "482913"}
    (kept,) = httpsms.provider.parse(event("message.phone.received", **sms), httpsms.settings).messages
    assert isinstance(kept, HookMessage)
    assert kept.text == "(encrypted: turn end-to-end encryption off in the app)"


def test_a_token_for_several_webhooks_is_taken_by_each() -> None:
    """RFC 7519, 4.1.3."""
    claims = {"aud": ["https://b.example/", "https://a.example/"], "iss": "api.httpsms.com", "exp": 600}
    bearing = {"authorization": f"Bearer {jwt.encode(claims, KEY, algorithm='HS256')}"}
    request = event("phone.heartbeat.online")
    assert (
        hook("httpsms", signing_key=KEY)
        .receive(HookRequest(url=request.url, headers=bearing, body=request.body))
        .alive
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://evil.example/"},
        {"aud": ["https://evil.example/", 1]},
        {"aud": []},
        {"iss": "evil"},
        {"aud": None},
        {"iat": "x"},
    ],
)
def test_a_token_for_another_webhook_or_of_another_sender_is_refused(changed: dict[str, object]) -> None:
    claims = {"aud": "https://a.example/", "iss": "api.httpsms.com", "iat": 0, "exp": 600}
    right, wrong = (jwt.encode(told, KEY, algorithm="HS256") for told in (claims, {**claims, **changed}))
    httpsms, request = hook("httpsms", signing_key=KEY), event("phone.heartbeat.online")
    for token in (right, wrong):
        signed = HookRequest(url=request.url, headers={"authorization": f"Bearer {token}"}, body=request.body)
        if token == right:
            httpsms.receive(signed)
        else:
            with pytest.raises(HookRefusedError):
                httpsms.receive(signed)
