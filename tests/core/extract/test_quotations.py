"""What quotation marks around a code tell: that it is set off, that somebody's words are quoted, or nothing."""

from time import perf_counter

import pytest

from core.extract import candidates, quotations
from core.extract.context import Scene
from core.extract.marks import Marker
from core.extract.quotations import Quotations
from core.extract.result import Part
from core.message import Channel, Content
from tests.core.extract.conftest import Find

ALONE, WHOLE, QUOTED, TOLD = "a quoted value", "quoted as a whole", "in a quotation", "told as a quotation"


def marks(text: str, value: str = "482913") -> set[str]:
    scene = Scene(text)
    span = next(span for span in candidates.find(scene.shown) if span.value == value)
    return set(Quotations(scene).marks(span))


def quoted(text: str) -> list[str]:
    return [text[start:end] for start, end in quotations.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        'He wrote "Your code is 482913, send it to me" and I did.',
        "Mum said 'Your code is 482913, don't lose it' on the phone.",
        "Mum said ‘Your code is 482913, don’t lose it’ on the phone.",
        "The caller read out “Your code is 482913” to us.",
        "Im Anruf hieß es: er schrieb „Ihr Code ist 482913“ und legte auf.",
        "W wiadomości napisał „Twój kod to 482913” i zniknął.",
        "Le faux conseiller a écrit « Votre code est 482913 » hier.",
        "Hun skrev »Din kode er 482913« i går.",
        "Han skrev ”Din kod är 482913” igår.",
        "Mon voisin a dit ‹Votre code est 482913› hier.",
        "骗子写道「您的验证码是482913」，请勿相信。",
        "店員が『あなたの認証コードは482913です』と言った。",
        "请勿回复收到“您的验证码为482913”之类短信",
    ],
)
def test_a_sentence_is_quoted_by_the_signs_of_any_language(text: str) -> None:
    assert marks(text) == {QUOTED, TOLD}


def test_a_code_may_open_the_quoted_sentence() -> None:
    assert marks('Ada laughed at "482913 is your Lumen code" all day.') == {QUOTED}


def test_a_quotation_may_go_over_lines() -> None:
    text = 'The message will look like this:\n"Lumen: your code is 482913.\nDo not share it."\nThen type it.'
    assert marks(text) == {QUOTED, TOLD}


def test_signs_far_apart_hold_nothing_together() -> None:
    assert not marks('We call it "Lumen.\n' + "So it goes.\n" * 9 + 'Your code is 482913." Bye')
    assert not marks('We call it "Lumen. ' + "So it goes. " * 60 + 'Your code is 482913." Bye')


def test_a_warning_before_it_tells_that_it_is_quoted() -> None:
    assert TOLD in marks('Beware of scam texts: "Your code is 482913, call us"')


@pytest.mark.parametrize(
    "around", ['"{}"', "'{}'", "‘{}’", "“{}”", "„{}“", "«{}»", "« {} »", "»{}«", "‹{}›", "「{}」"]
)
def test_a_value_by_itself_is_only_set_off(around: str) -> None:
    assert marks(f"Enter {around.format('482913')} to sign in.") == {ALONE}
    assert marks(f"Enter {around.format('KX4R9T')} to sign in.", "KX4R9T") == {ALONE}


def test_a_command_of_one_word_is_neither_set_off_nor_a_sentence() -> None:
    assert not marks('Reply with "LOGIN 482913" to go on.')


@pytest.mark.parametrize(
    "head",
    ["", "Lumen: ", "SMS from Lumen: ", "SMS from Lumen\n", "+44 7700 900321 (10:42): ", "[voicemail 0:14] "],
)
def test_a_message_quoted_as_a_whole_is_the_message(head: str) -> None:
    assert marks(f'{head}"Your code is 482913. It is valid for 5 minutes."') == {WHOLE}


@pytest.mark.parametrize("head", ["He wrote: ", "For example: ", "Beware: ", "I got this sms: "])
def test_a_heading_that_says_who_said_it_makes_it_a_quotation(head: str) -> None:
    assert QUOTED in marks(f'{head}"Your code is 482913."')


@pytest.mark.parametrize(
    "text",
    [
        "It's Bob's code 482913, don't use the others'",
        "Give 'em 482913 and the dogs' bones",
        "In '24 the code 482913 was the boys' one",
        "Nu 't is code 482913 met 's avonds'",
        'A 24" screen, code 482913, and a 12" one',
        "C’est l’heure, le code 482913 n’est plus là",
        "O‘zbek kodi 482913 bo‘ldi",
        "« Lumen » dit : code 482913, pas « Ardent »",
        "„Lumen“ hat den Code 482913, „Ardent“ nicht",
        'צה"ל שלח קוד 482913 לדו"ח',
    ],
)
def test_apostrophes_inches_and_other_quotations_hold_nothing(text: str) -> None:
    assert not marks(text)


def test_an_apostrophe_within_a_quotation_does_not_end_it() -> None:
    assert quoted("He said 'it's mine' twice") == ["'it's mine'"]


def test_a_quotation_within_another_is_found_too() -> None:
    assert marks("He wrote \"Ann says your code is '482913', right?\" to us.") == {ALONE, QUOTED, TOLD}


def test_the_marks_of_a_candidate_hold_those_of_its_quotations() -> None:
    content = Content(channel=Channel.SMS, text='He wrote "Your code is 482913" to us.')
    scene = Scene(content.text)
    spans = candidates.find(scene.shown)
    assert QUOTED in Marker(scene, spans, content, Part.TEXT, "").marks(spans[0])


@pytest.mark.parametrize("text", ['"Your Lumen code is 482913"', 'Your Lumen code is "482913"'])
def test_the_code_is_found_within_signs_as_without(find_in_sms: Find, text: str) -> None:
    assert find_in_sms(text).value == "482913"


@pytest.mark.parametrize("sign", list("\"'’‘‚“”„«»‹›「『"))
@pytest.mark.parametrize("shape", ["{0}", "{0}a ", "a{0}", " {0}a{0}", "{0} "])
def test_time_grows_with_the_length_alone(sign: str, shape: str) -> None:
    begun = perf_counter()
    quotations.find((shape.format(sign) * 20_000)[:60_000])
    assert perf_counter() - begun < 2
