"""Strangers' text on a page: every character of it as text, nothing of it as markup or as direction."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.web.console.visible import pieces, plain, shown

TEXT = st.text(st.characters(codec="utf-8"), max_size=300) | st.text("<>&\"'\u202e\u2066\x00a", max_size=50)
SPANS = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60), st.integers(1, 9)), max_size=9)


@given(TEXT)
def test_no_tag_and_no_turning_character_of_a_text_reaches_the_page(text: str) -> None:
    page = str(plain(text))
    assert set(re.findall(r"<[^>]*>", page)) <= {"</span>", *re.findall(r'<span class="control" [^>]*>', page)}
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f]", page)


@given(st.text("abc<>&\"' \n", max_size=200))
def test_what_is_harmless_reads_as_it_was_written(text: str) -> None:
    assert html.unescape(str(plain(text))) == text


def test_what_turns_text_around_is_named() -> None:
    assert "RLO" in plain("\u202egnp.exe")
    assert "right-to-left override" in plain("\u202egnp.exe")


def test_a_long_text_is_cut_and_says_by_how_much() -> None:
    assert "(999,700 more characters)" in shown("x" * 1_000_000)
    assert len(shown("x" * 1_000_000)) < 400


@given(st.text(max_size=60), SPANS)
def test_pieces_are_the_whole_text_and_each_rank_stands_where_it_was_found(
    text: str, spans: list[tuple[int, int, int]]
) -> None:
    runs = pieces(text, spans)
    assert "".join(run.text for run in runs) == text
    at = 0
    for run in runs:
        for place in range(at, at + len(run.text)):
            over = [r for s, e, r in spans if 0 <= s <= place < e <= len(text)]
            assert run.rank == min(over, default=0) or (text[place].isspace() and run.rank == 0)
        at += len(run.text)
