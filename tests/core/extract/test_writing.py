"""How letters and digits are written: random letters, spelled digits, dates to be filled in, abbreviations."""

import pytest

from core.extract import candidates, sentences, words, writing
from core.extract.context import Scene
from core.extract.folding import plain
from core.extract.letter_runs import are_strange
from core.extract.spelling import is_unpronounceable


def _shapes(text: str) -> dict[str, str]:
    return {span.value: span.shape for span in candidates.find(text)}


@pytest.mark.parametrize("value", ["mofqer", "mfwkze", "ZGQMAB", "mfkd-ruwa", "XKPLMT", "bqzard"])
def test_random_letters_are_strange(value: str) -> None:
    assert are_strange(value)


@pytest.mark.parametrize("value", ["another", "TRAVEL", "Bestätigung", "password", "Lumen", "ab", ""])
def test_words_and_names_are_not_strange(value: str) -> None:
    assert not are_strange(plain(value))


def test_abbreviations_of_computing_are_not_random_letters() -> None:
    assert not is_unpronounceable("HTTPS")
    assert is_unpronounceable("HTTPX")


@pytest.mark.parametrize(("text", "is_range"), [("Open 14-18.", True), ("Code 41-18.", False), ("1418", False)])
def test_two_numbers_that_rise_may_say_from_when_to_when(text: str, *, is_range: bool) -> None:
    scene = Scene(text)
    span = candidates.find(scene.shown)[0]
    assert writing.marks(scene, span, "", 0)["from and to"] is is_range


def test_small_letters_are_looked_at_only_after_what_asks_for_them() -> None:
    text = "Type mofqer, not qzvrk."
    assert [span.value for span in candidates.asked_for(text, [len("Type")])] == ["mofqer"]


def test_a_word_after_what_asks_is_no_code() -> None:
    assert not list(candidates.asked_for("Use another device.", [len("Use")]))


def test_a_date_to_be_filled_in_is_no_code() -> None:
    assert "DDMMYYYY" not in _shapes("Your password is your birthday as DDMMYYYY.")
    assert "MMYYKX" in _shapes("Your code is MMYYKX.")


def test_stars_between_digits_spell_a_code_and_no_service_number() -> None:
    assert _shapes("Your code is 4*8*2*9")["4829"] == "spelled"
    assert "1904" not in _shapes("Dial *1*9*0*4#")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Your PIN for mobile no. is 4829. Bye.", 2),
        ("Do not share it with anyone. no. 4829 is yours.", 2),
        ("We say no. Then we leave.", 2),
    ],
    ids=["before a small letter", "before a number", "before a new sentence"],
)
def test_a_full_stop_after_an_abbreviation_ends_no_sentence(text: str, count: int) -> None:
    hits = words.lexicon().find(plain(text))
    assert len(sentences.ends(text, plain(text), hits)) == count
