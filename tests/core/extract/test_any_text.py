"""Any text: no exception, no hang, and answers that fit together, whatever comes in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.extract import extract
from core.extract.folding import Folded
from core.extract.result import Extracted, Kind
from core.message import Channel, Content, Link
from tests.bounds import within

LONG = 200_000
PIECES = st.sampled_from(
    [
        "Your code is ",
        "482913",
        " 4 8 2 ",
        "код",
        "验证码",
        "रमज",
        "\u200f",
        "\n",
        "https://a.example/",
        "@a.b #1",
        "-",
        "٤٨",
    ]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=30).map("".join))
HOSTILE = {
    "digits": "1" * LONG,
    "digits and spaces": "12 " * (LONG // 3),
    "digits and dashes": "1-" * (LONG // 2),
    "digits and dots": "1." * (LONG // 2),
    "letters": "a" * LONG,
    "capitals": "A" * LONG,
    "words": "code " * (LONG // 5),
    "codes": "code 482913 " * (LONG // 12),
    "dates": "1/1/20 " * (LONG // 7),
    "amounts": "1,000,000,000" * (LONG // 13),
    "masked": "x" * LONG + "1234",
    "stars": "*" * LONG,
    "addresses": "https://" * (LONG // 8),
    "mail addresses": "a@" * (LONG // 2),
    "domains": "a." * (LONG // 2) + "/",
    "angle brackets": "<https://" + "a\n" * (LONG // 2),
    "brackets in an address": "https://a.example/" + ")" * LONG,
    "Chinese": "验证" * (LONG // 2),
    "Arabic clitics": "و" * LONG,
    "zero width": "1\u200b" * (LONG // 2),
    "newlines": "\n" * LONG,
    "letter pairs": "A1-" * (LONG // 3),
    "origin-bound": "\n@a.example #" * (LONG // 13),
    "time of day": "1:1" * (LONG // 3),
    "phone": "+1 (2)" * (LONG // 6),
    "times": "12:34 " * (LONG // 6),
    "short addresses": "http://a.b/c " * (LONG // 13),
    "hours of a forwarder": "SMS from AB " + "am " * (LONG // 3),
    "dates of a forwarder": "SMS from AB " + "1/1/11/" * (LONG // 7),
    "hours below a forwarded text": "From: AB\nhello" + " am" * 26 + " x",
}


def _found(text: str, *links: Link) -> Extracted:
    return extract(Content(channel=Channel.EMAIL, subject=text[:500], text=text, links=links, alternative=text))


@settings(max_examples=150)
@given(TEXTS)
def test_any_text_gets_an_answer_that_fits_together(text: str) -> None:
    found = _found(text)
    assert (found.value is None) == (found.kind is Kind.NONE)
    assert 0 <= found.confidence <= 1
    assert found.kind is Kind.NONE or found.value in {candidate.value for candidate in found.candidates}


@settings(max_examples=150)
@given(TEXTS)
def test_candidates_stand_where_they_say(text: str) -> None:
    for candidate in extract(Content(channel=Channel.SMS, text=text)).candidates:
        assert 0 <= candidate.start < candidate.end <= len(text)
        if candidate.kind is Kind.CODE:
            digits = [char for char in Folded(text[candidate.start : candidate.end]).shown if char.isalnum()]
            assert [char for char in candidate.value if char.isalnum()] == digits[
                -len(candidate.value.replace("-", "")) :
            ]


@settings(max_examples=150)
@given(st.text(max_size=200))
def test_folding_keeps_the_two_readings_in_step_and_finds_the_way_back(text: str) -> None:
    folded = Folded(text)
    assert len(folded.shown) == len(folded.plain)
    for at in range(len(folded.shown)):
        start, end = folded.place(at, at + 1)
        assert 0 <= start < end <= len(text)


@settings(max_examples=80)
@given(st.text(max_size=100), st.text(max_size=60), st.integers(0, 200), st.integers(0, 200))
def test_any_anchor_is_borne_even_with_a_place_outside_the_text(
    text: str, href: str, start: int, end: int
) -> None:
    _found(text, Link(label=text[:20], href=href, start=start, end=end))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_no_more_than_two_seconds(name: str) -> None:
    with within(2):
        extract(Content(channel=Channel.SMS, text=HOSTILE[name]))


def test_letters_before_a_dash_are_sought_in_any_name_in_time() -> None:
    text = "code " + " ".join(f"AAAAB-{number}" for number in range(100_000, 100_300))
    with within(2):
        extract(Content(channel=Channel.EMAIL, sender_name=" ".join(["a" * 60] * 1500), text=text))


def test_anchors_in_anchors_take_no_more_than_two_seconds() -> None:
    text = "é code" * 20_000
    links = tuple(Link(label=text, href=f"https://a.example/{at}", start=at, end=len(text)) for at in range(300))
    with within(2):
        _found(text, *links)
