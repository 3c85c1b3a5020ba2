"""A code that a voice reads out is found as if it had been written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.extract import extract
from core.message import Channel, Content
from gateway.webhooks.spoken import in_digits, to_read

SAID = {
    "your code is four eight two nine one three": "your code is 482913",
    "Your code is four, eight, two, nine, one, three.": "Your code is 482913.",
    "Your code is four-eight-two-nine-one-three": "Your code is 482913",
    "Your code is 4 8 2 9 1 3. 4 8 2 9 1 3.": "Your code is 482913.",
    "code forty eight twenty nine thirteen": "code 482913",
    "code is oh four two double five nine": "code is 042559",
    "code is zero zero four two triple five": "code is 0042555",
    "your pin is four eight to nine one three": "your pin is 482913",
    "Your Google verification code is 4. 8. 2. 9. 1. 3.": "Your Google verification code is 482913.",
    "Four eight two. Nine one three.": "482913.",
    "It is 482-913. It ends in 10 minutes.": "It is 482913. It ends in 10 minutes.",
    "your code is 4 8 2 9 1 3. 10 minutes left": "your code is 482913. 10 minutes left",
}
UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@pytest.mark.parametrize("said", SAID)
def test_digits_that_are_read_out_one_by_one_or_in_groups_become_a_code(said: str) -> None:
    assert in_digits(said) == SAID[said]


@pytest.mark.parametrize(
    "said", ["Press one to repeat, two for help.", "", "It is for you.", "Hello.", "Your code is 482913.", "oh no"]
)
def test_what_is_no_code_stays_as_it_is_said(said: str) -> None:
    assert in_digits(said) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Ihr Code lautet vier acht zwei neun eins drei"),
        ("fr", "votre code est quatre huit deux neuf un trois"),
        ("es", "tu código es cuatro ocho dos nueve uno tres"),
        ("it", "il tuo codice è quattro otto due nove uno tre"),
    ],
)
def test_other_languages_are_read_too(language: str, said: str) -> None:
    assert "482913" in in_digits(said, language)


@given(st.text(alphabet="0123456789", min_size=4, max_size=8), st.sampled_from([" ", ", ", "-", ". "]))
def test_every_code_is_found_however_it_is_parted(code: str, between: str) -> None:
    said = f"Hello, your verification code is {between.join(UNITS[int(digit)] for digit in code)}. Goodbye."
    half = len(code) // 2
    repeated = len(code) == 8 and code[:half] == code[half:]
    assert f" {code[:half] if repeated else code}." in in_digits(said)


def test_the_code_of_a_call_is_extracted() -> None:
    said = in_digits(
        "Hello. Your Acme code is four eight two, nine one three. Again: four eight two, nine one three."
    )
    content = Content(channel=Channel.SMS, sender="+15005550006", text=said)
    assert extract(content, threshold=0.5).value == "482913"


@given(st.text(max_size=300))
def test_any_words_may_come_in(said: str) -> None:
    assert isinstance(in_digits(said), str)


def call(*sentences: str) -> dict[int, str]:
    """A call's sentences by their places: the first event of a transcription is its start."""
    return dict(enumerate(sentences, start=2))


@pytest.mark.parametrize(
    ("sentences", "joined"),
    [
        (("Your code is 331.", "857. Goodbye."), "Your code is 331857. Goodbye."),
        (("Your code is 3318.", "57 again."), "Your code is 331857 again."),
        (("It is 33.", "18.", "57."), "It is 331857."),
        (("It is 3.", "3.", "18.", "", "57."), "It is 331857."),
        (("It is 4829-", "-1337."), "It is 48291337."),
        (("Your code is 482913.", "1 more time"), "Your code is 482913.\n1 more time"),
        (("Your code is 4829.", "1 more time"), "Your code is 4829.\n1 more time"),
        (("Your code is 4829.", "10 minutes left."), "Your code is 4829.\n10 minutes left."),
        (("Ihr Code ist 4829.", "10 Minuten gültig."), "Ihr Code ist 4829.\n10 Minuten gültig."),
        (("Your code is 482913.", "482913."), "Your code is 482913.\n482913."),
        (("Your code is 4829.", "4829."), "Your code is 4829.\n4829."),
        (("To hear it, press 1.", "482913."), "To hear it, press 1.\n482913."),
        (("Your code is 482.", "482913."), "Your code is 482.\n482913."),
    ],
)
def test_a_code_that_a_pause_cuts_is_whole_again_and_nothing_else_is_joined(
    sentences: tuple[str, ...], joined: str
) -> None:
    assert to_read(call(*sentences), over=True)[0] == joined


@pytest.mark.parametrize("cut", range(1, 6))
def test_half_a_code_is_not_read_before_the_rest_has_come(cut: int) -> None:
    code = "331857"
    half, rest = f"Your code is {code[:cut]}.", f"{code[cut:]}. Goodbye."
    assert to_read(call(half), over=False) == []
    assert to_read(call(half, rest), over=False) == [f"Your code is {code}. Goodbye."]


def test_a_short_code_is_read_once_the_voice_goes_on_or_the_call_is_over() -> None:
    said, read = "Your code is 4829.", ["Your code is 4829.\nGoodbye.", "Your code is 4829."]
    assert to_read(call(said), over=False) == []
    assert to_read(call(said, "Goodbye."), over=False) == read
    assert to_read(call(said), over=True) == [said]


def test_a_number_at_the_end_holds_up_no_code_before_it() -> None:
    assert to_read(call("Your code is 482913. To repeat, press 1."), over=False) == [
        "Your code is 482913. To repeat, press …"
    ]


def test_a_number_before_a_sentence_that_has_not_come_is_held_back() -> None:
    """Requests may overtake each other."""
    said = {2: "Your code is 3318.", 4: "Goodbye."}
    assert to_read(said, over=False) == ["Your code is …\nGoodbye."]
    assert to_read({**said, 3: "57."}, over=False)[0] == "Your code is 331857.\nGoodbye."
    assert to_read(said, over=True)[0] == "Your code is 3318.\nGoodbye."


def test_what_is_said_again_is_read_by_itself() -> None:
    wrong, right = "Your code is 489913.", "Again, your code is 482913."
    assert to_read(call(wrong, right), over=False) == [f"{wrong}\n{right}", wrong, right]


def test_of_a_call_that_says_nothing_nothing_is_read() -> None:
    assert to_read({}, over=True) == to_read(call("", " "), over=True) == []


@given(st.lists(st.text(max_size=50), max_size=5))
def test_whatever_a_voice_says_no_word_of_it_is_lost(sentences: list[str]) -> None:
    letters = [c for sentence in sentences for c in sentence if c.isalnum()]
    said = "".join(to_read(call(*sentences), over=True)[:1])
    assert [c for c in said if c.isalnum()] == letters


@given(st.lists(st.text(alphabet="0123456789 ,.-\nab", max_size=30), max_size=6), st.sets(st.integers(2, 7)))
def test_whatever_sentences_come_in_whichever_order_they_are_read(sentences: list[str], missing: set[int]) -> None:
    there = {place: words for place, words in call(*sentences).items() if place not in missing}
    for over in (False, True):
        assert all(isinstance(text, str) for text in to_read(there, over=over))
