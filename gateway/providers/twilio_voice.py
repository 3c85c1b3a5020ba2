"""Calls that speak a code to a Twilio number: answered, transcribed, and read (https://www.twilio.com/docs/voice/twiml).

One URL does all: as "A call comes in" it answers with TwiML that has the call transcribed, and the transcription
comes back to it, live (https://www.twilio.com/docs/voice/twiml/transcription), sentence by sentence, or a minute
later, of a recording (https://www.twilio.com/docs/voice/twiml/record#transcribe).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlencode

from pydantic import AfterValidator, Field
from twilio.twiml.voice_response import Start, VoiceResponse

from core.errors import InvalidRequestError
from gateway.providers import Answer, Brought, HookMessage, HookRefusedError, HookRequest, ProviderSettings
from gateway.webhooks.fields import text_at, word_at
from gateway.webhooks.proof import Secrets
from gateway.webhooks.spoken import LANGUAGES, in_digits
from gateway.webhooks.twilio_form import signed_form

_CALL_SID = re.compile(r"CA[0-9a-f]{32}")
_PLACE = re.compile(r"[0-9]{1,9}")
_LISTEN_SECONDS = 60
_ENDS = frozenset({"transcription-stopped", "transcription-error"})


def _known(language: str) -> str:
    if language.partition("-")[0] not in LANGUAGES:
        raise ValueError(f"should begin with one of {', '.join(LANGUAGES)}: no other number words are known")
    return language


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "twilio_voice"`."""

    signs_url: ClassVar[bool] = True

    account_sid: str = Field(pattern=r"^AC[0-9a-zA-Z]{1,64}$")
    auth_token: Secrets
    language: Annotated[str, AfterValidator(_known)] = Field(default="en-US", pattern=r"^[a-z]{2}-[A-Z]{2}$")
    transcribe: Literal["live", "recording"] = "live"
    press: str = Field(default="", pattern=r"^[0-9*#w]{0,32}$")


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless Twilio signed the request for this account, and for a call of it."""
    form = signed_form(request, settings.auth_token, settings.account_sid)
    if not all(_CALL_SID.fullmatch(sid) for sid in form.get("CallSid", [""])):
        raise HookRefusedError("no CallSid of Twilio's")


def parse(request: HookRequest, settings: Settings) -> Brought:
    """What the voice said, with its numbers in digits; for a call that comes in, TwiML that listens to it."""
    form = {name: values[0] for name, values in request.form().items()}
    if "TranscriptionText" in form:
        return _of_recording(form, settings)
    if "TranscriptionEvent" in form:
        return _of_live(form, request, settings)
    if form.get("CallStatus") in {"ringing", "in-progress"} and "RecordingSid" not in form:
        return Brought(answer=_twiml(_listening(request, form, settings)))
    word_at(form, "CallSid")
    return Brought(answer=_twiml(VoiceResponse()))


def _of_recording(form: Mapping[str, str], settings: Settings) -> Brought:
    if form.get("TranscriptionStatus") != "completed":
        return Brought()
    message = _said(form, form, form["TranscriptionText"], word_at(form, "TranscriptionSid"), settings)
    return Brought(messages=(message,))


def _of_live(form: Mapping[str, str], request: HookRequest, settings: Settings) -> Brought:
    """A sentence, once its words are final, or the end; whose, is in the URL, where `_listening` put it."""
    event, over = form["TranscriptionEvent"], form["TranscriptionEvent"] in _ENDS
    if form.get("Final") == "false" or not (over or event == "transcription-content"):
        return Brought()
    words = "" if over else text_at(_data(form), "transcript")
    numbers = {name: values[0] for name, values in request.parameters().items()}
    place = word_at(form, "SequenceId")
    if not _PLACE.fullmatch(place):
        raise InvalidRequestError("SequenceId should be a whole number")
    said_id = f"{word_at(form, 'TranscriptionSid')}-{place}"
    message = _said(form, numbers, words, said_id, settings)
    return Brought(messages=(replace(message, sentence=int(place), over=over),))


def _data(form: Mapping[str, str]) -> object:
    try:
        found: object = json.loads(word_at(form, "TranscriptionData"))
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("TranscriptionData should be JSON") from error
    return found


def _said(
    form: Mapping[str, str], numbers: Mapping[str, str], words: str, said_id: str, settings: Settings
) -> HookMessage:
    return HookMessage(
        sender=word_at(numbers, "From"),
        recipient=word_at(numbers, "To"),
        text=in_digits(words, settings.language.partition("-")[0]),
        external_id=said_id,
        call=word_at(form, "CallSid"),
    )


def _listening(request: HookRequest, form: Mapping[str, str], settings: Settings) -> VoiceResponse:
    numbers = {name: word_at(form, name) for name in ("From", "To")}
    here = request.url.partition("?")[0]
    back = f"{here}?{urlencode(numbers)}"
    call = VoiceResponse()
    if settings.transcribe == "live":
        start = Start()
        start.transcription(status_callback_url=back, track="inbound_track", language_code=settings.language)
        call.append(start)
    if settings.press:
        call.play(digits=settings.press)
    if settings.transcribe == "live":
        call.pause(length=_LISTEN_SECONDS)
    else:
        call.record(
            transcribe=True, transcribe_callback=here, action=here, max_length=_LISTEN_SECONDS, play_beep=False
        )
    return call


def _twiml(call: VoiceResponse) -> Answer:
    return Answer(text=str(call), content_type="text/xml")
