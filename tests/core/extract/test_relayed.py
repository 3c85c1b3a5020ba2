"""A phone's forwarder names the first sender, the time and the SIM: the message is what comes after."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.extract.relayed import unwrapped
from core.message import Channel, Content
from tests.bounds import within

SAID = "Lumen: your code is 482913"


def sms(text: str) -> Content:
    return Content(channel=Channel.SMS, sender="+15550100177", text=text)


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("From: LUMEN\n", "LUMEN"),
        ("SMS from LUMEN (SIM1) 23/11/2026 20:06:41\n", "LUMEN"),
        ("Fwd from 57711 at 23/11 09:14: ", "57711"),
        ("FWD from +1 555-010-0144 (SIM2) 11/20/2026 07:14 PM: ", "+1 555-010-0144"),
        ("[SMS Forwarder] From: LUMEN (SIM1)\n2026-11-23 08:52:17\n", "LUMEN"),
        ("Von: Lumen Mobil / Empf.: 18.11.26 12:04 / Text: ", "Lumen Mobil"),
        ("Weitergeleitet von Lumen am 20.11.26 um 14:07: ", "Lumen"),
        ("From: 33991 To: +15550100177 Body: ", "33991"),
        ("From: LUMEN\nTo: +1 555-010-0177\nMessage: ", "LUMEN"),
        ("De: Lumen | Data: 03/11/26 21:44 | Msg: ", "Lumen"),
        ("От: LUMEN 20.11.2026 14:22:07\n", "LUMEN"),
        ("转发自 10690055501：", "10690055501"),
        ("短信转发助手\n来自：10690055501\n时间：2026-11-23 09:41:07\n内容：", "10690055501"),
        ("Received SMS from LUMEN (57711) on November 24, 2026 at 07:41AM: ", "LUMEN"),
        ("Text message from LUMEN (Mon, Nov 24 at 7:41 AM): ", "LUMEN"),
        ("New SMS from +15550100144 received at Nov 24, 7:41 PM: ", "+15550100144"),
        ("Incoming SMS from LUMEN on Tue Nov 24 2026 07:41:02 GMT+0000: ", "LUMEN"),
        ("You got an SMS from LUMEN: ", "LUMEN"),
        ("SMS von Lumen am 24. November 2026 um 07:41 Uhr: ", "Lumen"),
        ("SMS de Lumen le 24 nov. 2026 à 07h41 : ", "Lumen"),
        ("از: 500004417\nزمان: 1405/09/01 12:40\n---\n", "500004417"),
    ],
)
def test_what_a_forwarder_wrote_before_a_message_is_taken_off(header: str, sender: str) -> None:
    found = unwrapped(sms(header + SAID))
    assert (found.text, found.sender) == (SAID, sender)


def test_fields_of_json_give_the_sender_and_the_text() -> None:
    found = unwrapped(
        sms('{"sim":2,"sender":"LUMEN","body":"Lumen: your code is 482913","received":"2026-11-23"}')
    )
    assert (found.text, found.sender) == (SAID, "LUMEN")


@pytest.mark.parametrize(
    ("fields", "sender"),
    [
        ({"device": "pixel", "body": SAID, "from": "LUMEN"}, "LUMEN"),
        ({"sim": 1, "number": 57711, "to_number": "+15550100177", "messageBody": SAID}, "57711"),
        ({"sms": {"phoneNumber": "+15550100144", "message": SAID, "messageId": "7719042"}}, "+15550100144"),
        ({"время": "03.11 12:44", "от": "LUMEN", "текст": SAID}, "LUMEN"),
        ({"payload": SAID, "kind": "received"}, "+15550100177"),
        ({"text": SAID}, "+15550100177"),
    ],
)
def test_fields_of_json_are_told_by_their_names(fields: dict[str, object], sender: str) -> None:
    found = unwrapped(sms(json.dumps(fields)))
    assert (found.text, found.sender) == (SAID, sender)


@pytest.mark.parametrize("before", ["", "SMS: "], ids=["JSON", "almost JSON"])
def test_what_json_escapes_is_written_out_however_long_it_is(before: str) -> None:
    said = f'{"é" * 2500}\n"Lumen": https://lumen.example/in'
    written = json.dumps({"from": "LUMEN", "body": said}).replace("/", "\\/")
    found = unwrapped(sms(before + written))
    assert (found.text, found.sender) == (said, "LUMEN")


@pytest.mark.parametrize("filler", ['{"a":', 'aa:"', 'aa:"\\', "a", "aa ", "aa: ", "[", '"a"', "9", "\\u00"])
@pytest.mark.parametrize("size", [60_000, 600_000])
def test_no_text_that_is_almost_json_takes_long(filler: str, size: int) -> None:
    with within(2):
        unwrapped(sms("{" + filler * (size // len(filler)) + "}"))


def test_the_time_and_the_sim_below_a_message_are_taken_off() -> None:
    assert unwrapped(sms(f"来自：10690055501\n{SAID}\n卡槽：SIM2\n时间：2026-11-20 18:44:09")).text == SAID


def test_a_time_that_the_message_itself_ends_with_stays() -> None:
    assert unwrapped(sms(f"From: LUMEN\n{SAID}, until 18:30")).text == f"{SAID}, until 18:30"
    assert unwrapped(sms(f"From: LUMEN\n{SAID}. It ends at 9:20")).text == f"{SAID}. It ends at 9:20"


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        "SMS passcodes: 7719042",
        "New code: 817733. The one we sent at 9:41 no longer works.",
        "From 1 Dec fares change: see lumen.example",
        "New sign-in to Lumen from Firefox on Windows, Leeds, 21:08. Was this you?",
        "Kod SMS: 20264517. Dotyczy: dodanie odbiorcy",
        "حوالة محلية صادرة\nمن:2204*\nمبلغ: 1,500 ريال",
    ],
)
def test_a_message_that_no_forwarder_wrote_around_stays_as_it_is(text: str) -> None:
    assert unwrapped(sms(text)) == sms(text)


@given(st.text(alphabet='From: SMS fwd()[]|/>"\n0123456789.-来自：转发ab', max_size=300))
def test_no_text_is_lost_but_before_and_after_what_is_left(text: str) -> None:
    assert unwrapped(sms(text)).text in text


@pytest.mark.parametrize("filler", [" ", "11/11/", "1/1/11/11/", "at ", "sim 1 ", "(a) "])
def test_no_filler_between_the_sender_and_the_text_takes_long(filler: str) -> None:
    """Spaces took half a minute, and so would dates that can be parted in many ways."""
    with within(2):
        for header in ("SMS from ", "From: LUMEN "):
            unwrapped(sms(header + filler * (200 // len(filler)) + "x"))
