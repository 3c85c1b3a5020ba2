"""Learned weights: what is read from their file, and what reasons they make."""

from importlib import resources

from core.extract import extract, learned
from core.extract.context import Scene
from core.extract.result import Kind, Reason
from core.message import Channel, Content


def scene(text: str) -> Scene:
    return Scene(text)


def test_a_line_gives_the_weights_of_one_place() -> None:
    found = learned.read("# a remark\ncode / how it is written: 6 digits 0.70, word -0.20\n")
    assert found[Kind.CODE][""]["how it is written"] == {"6 digits": 0.7, "word": -0.2}


def test_a_line_with_a_circumstance_gives_what_weighs_in_it_alone() -> None:
    found = learned.read("link / in a mail / what its label speaks of: verify 0.31\n")
    assert found[Kind.LINK]["in a mail"]["what its label speaks of"] == {"verify": 0.31}
    assert not found[Kind.LINK][""]


def test_the_file_names_only_places_and_circumstances_that_are_looked_at() -> None:
    found = learned.read((resources.files("core.extract") / learned.FILE).read_text("utf-8"))
    words = {learned.WORDS, learned.SUBJECT_WORDS}
    assert found[Kind.CODE].keys() <= {"", *learned.CIRCUMSTANCES}
    assert found[Kind.LINK].keys() <= {"", *learned.LINK_CIRCUMSTANCES}
    assert {place for weights in found[Kind.CODE].values() for place in weights} <= {*learned.OF_CODES, *words}
    assert {place for weights in found[Kind.LINK].values() for place in weights} <= {*learned.OF_LINKS, *words}


def test_no_word_of_the_file_holds_a_digit_so_no_code_or_number_is_kept_in_it() -> None:
    found = learned.read((resources.files("core.extract") / learned.FILE).read_text("utf-8"))
    words = {
        word
        for by_circumstance in found.values()
        for place in (learned.WORDS, learned.SUBJECT_WORDS)
        for word in by_circumstance[""].get(place, {})
    }
    assert words
    assert not any(char.isdigit() for word in words for char in word)


def test_the_words_of_a_text_count_once_each() -> None:
    assert learned.single(scene("Login, login now 4417")) == {"login", "now"}


def test_where_no_spaces_part_words_two_letters_stand_for_one() -> None:
    assert learned.single(scene("登录验证码 4417")) == {"登录", "录验", "验证", "证码"}


def test_single_words_make_one_reason_for_the_text_and_one_for_the_subject() -> None:
    reasons = learned.of_message(Kind.CODE, scene("expired account login"), scene("login code account expired"))
    assert all(isinstance(reason, Reason) for reason in reasons)
    assert {reason.name for reason in reasons} <= {learned.WORDS, learned.SUBJECT_WORDS}


def test_reasons_name_places_and_never_words_of_the_message() -> None:
    content = Content(channel=Channel.SMS, sender="Lumen", text="Your Lumen sign-in code is 482913, Zebrafinch.")
    found = extract(content)
    named = " ".join(reason.name for candidate in found.candidates for reason in candidate.reasons)
    assert "zebrafinch" not in named.lower()
