"""What only calls do (https://www.twilio.com/docs/voice/twiml/transcription#statuscallbackurl)."""

import json
from urllib.parse import urlencode

import pytest

from core.errors import ConfigurationError, InvalidRequestError
from core.settings import HookSettings
from gateway.providers import Brought, HookMessage, HookRequest, configure
from gateway.providers.twilio_voice import Settings, parse

TOLD = {"account_sid": "AC1", "auth_token": "t"}
CALL = {"CallSid": f"CA{'0' * 32}", "AccountSid": "AC1", "From": "+15005550006", "To": "+15551230000"}
NUMBERS = "From=%2B15005550006&To=%2B15551230000"


def told(query: str = "", **form: str) -> Brought:
    request = HookRequest(
        url="https://a.example/hooks/voice",
        query=query,
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=urlencode({**CALL, **form}).encode(),
    )
    return parse(request, Settings.model_validate(TOLD))


def sentence(data: str, query: str = NUMBERS, **form: str) -> Brought:
    event = {"TranscriptionEvent": "transcription-content", "TranscriptionSid": "GT1", "SequenceId": "2"}
    return told(query, TranscriptionData=data, **{**event, **form})


@pytest.mark.parametrize(
    "form",
    [
        {"TranscriptionEvent": "transcription-started", "TranscriptionSid": "GT1"},
        {"TranscriptionText": "", "TranscriptionStatus": "failed", "TranscriptionSid": "TR1"},
        {"RecordingSid": "RE1", "RecordingUrl": "https://a.example/", "CallStatus": "in-progress"},
        {"CallStatus": "completed"},
    ],
    ids=["started", "failed", "recorded", "completed"],
)
def test_what_says_nothing_brings_nothing(form: dict[str, str]) -> None:
    assert told(**form).messages == ()


@pytest.mark.parametrize("event", ["transcription-stopped", "transcription-error"])
def test_the_end_of_a_transcription_is_told_with_its_place(event: str) -> None:
    ended = told(NUMBERS, TranscriptionEvent=event, TranscriptionSid="GT1", SequenceId="5")
    assert ended.messages == (
        HookMessage(
            sender="+15005550006",
            recipient="+15551230000",
            text="",
            external_id="GT1-5",
            call=CALL["CallSid"],
            sentence=5,
            over=True,
        ),
    )


def test_words_that_may_still_change_are_not_taken() -> None:
    said = json.dumps({"transcript": "Your code is 4 8 2"})
    assert sentence(said, Final="false").messages == ()
    assert len(sentence(said, Final="true").messages) == 1


@pytest.mark.parametrize("data", ["", "{", "[]", "{}", '{"transcript": 1.5}', "[" * 100_000])
def test_a_transcription_of_another_shape_is_named(data: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"TranscriptionData|transcript"):
        sentence(data)


def test_a_transcription_must_say_whose_call_it_was() -> None:
    """Twilio tells neither number with a live transcription: they are in the URL that otpgate gave it."""
    with pytest.raises(InvalidRequestError, match="From"):
        sentence(json.dumps({"transcript": "Your code is 4829"}), query="")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"language": "ja-JP"}, "number words"),
        ({"language": "english"}, "language"),
        ({"press": "call me"}, "press"),
    ],
)
def test_a_configuration_that_cannot_work_says_why(changed: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        configure({"in": HookSettings.model_validate({"provider": "twilio_voice", **TOLD, **changed})})
