"""Pages made to break their reader: each is rendered without an exception, in far less than two seconds."""

import itertools
import string
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.markup import render
from tests.bounds import within

_HANG = 2.0
_SIZE = 250_000


def _filled(piece: str) -> str:
    return piece * (_SIZE // len(piece)) + "482913"


def _names() -> str:
    letters = string.ascii_lowercase + string.digits
    return " ".join("a" + "".join(name) for name in itertools.product(letters, repeat=3))[:_SIZE]


HOSTILE: dict[str, Callable[[], str]] = {
    "50,000 comment starts": lambda: "<!--" * 50_000,
    "50,000 anchor starts": lambda: "<a" * 50_000,
    "50,000 end tag starts": lambda: "</" * 50_000,
    "anchors without an end": lambda: _filled("<a href=x>"),
    "anchors and paragraphs": lambda: _filled("<a href=x>b<p>"),
    "20,000 nested divs": lambda: "<div>" * 20_000 + "482913" + "</div>" * 20_000,
    "nested formatting": lambda: _filled("<b><i>"),
    "nested tables": lambda: _filled("<table><tr><td>"),
    "nested lists": lambda: _filled("<ul><li>"),
    "nested flex": lambda: _filled("<div style=display:flex>4"),
    "nested styles, each its own": lambda: "".join(f"<i style=font-size:{n}px>" for n in range(2, 12_000)),
    "end tags that match nothing": lambda: "<b>" * 2_900 + "</x>" * 60_000,
    "deep, then end tags that match nothing": lambda: "<b>" * 40_000 + "</x>" * 30_000,
    "paragraphs ended twice": lambda: _filled("<p></b></p></p>"),
    "one attribute many times": lambda: "<p " + "a " * 120_000 + ">482913",
    "many attributes": lambda: f"<p {_names()}>482913",
    "one attribute of 250 KB": lambda: f'<p style="{"a:b;" * 60_000}">482913',
    "a style of many colons": lambda: f'<p style="{"color:" * 40_000}">482913',
    "a class of many names": lambda: f'<style>.a{{color:red}}</style><p class="{"a " * 120_000}">482913',
    "many classes, many rules": lambda: (
        "<style>" + "".join(f".a{n}{{color:red}}" for n in range(8_000)) + "</style>"
        + "".join(f"<p class=a{n}>b" for n in range(8_000))
    ),
    "one selector of 250 KB": lambda: f"<style>{'a ' * 120_000}{{display:none}}</style>482913",
    "120,000 selectors": lambda: f"<style>{'a,' * 120_000}b{{display:none}}</style>482913",
    "a style sheet without braces": lambda: f"<style>{'a' * _SIZE}</style>482913",
    "a style sheet of braces": lambda: f"<style>{'{' * 100_000}{'}' * 100_000}</style>482913",
    "a style sheet of comments": lambda: f"<style>{'/*' * 120_000}</style>482913",
    "a style sheet after all else": lambda: _filled("<p class=x>a</p>") + "<style>.x{display:none}</style>",
    "style after style": lambda: _filled("a<style>.x{display:none}</style>"),
    "style sheets that never end": lambda: _filled("<style>"),
    "lengths of many digits": lambda: f'<p style="font-size:{"9" * 200_000}px">482913',
    "colours of many blanks": lambda: f'<p style="color:rgb({" " * 200_000}">482913',
    "a font of many numbers": lambda: f'<p style="font:{"1 " * 100_000}x">482913',
    "ampersands": lambda: _filled("&"),
    "entities": lambda: _filled("&#x1;&nosuch;&amp;"),
    "angle brackets": lambda: _filled("<"),
    "declarations": lambda: _filled("<!"),
    "instructions": lambda: _filled("<?"),
    "character data": lambda: _filled("<![CDATA["),
    "scripts": lambda: _filled("<script>"),
    "selections": lambda: _filled("<select><option>"),
    "forms": lambda: _filled("<form><p>"),
    "definitions": lambda: _filled("<dd><dt>"),
    "rows without tables": lambda: _filled("<tr><td>4"),
    "pictures": lambda: _filled("<img alt=4>"),
    "bases": lambda: _filled("<base href=//[><a href=b>c</a>"),
    "line breaks": lambda: _filled("<br>4"),
    "fixed lines": lambda: "<pre>" + _filled("4\n"),
    "blanks": lambda: _filled(" \t\xa0\n"),
    "data without an end": lambda: "data:" * 200_000,
    "style sheets without an end": lambda: "<style>" * 200_000,
    "10 MB": lambda: "<p>4</p>" * 1_250_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_rendered_in_time(name: str) -> None:
    html = HOSTILE[name]()
    with within(_HANG):
        page = render(html)
    assert len(page.text) <= 2 * _SIZE
    assert len(page.links) <= 5_000


def test_500_nested_tables_are_read_to_the_bottom() -> None:
    closed = "<table><tr><td>" * 500 + "482913" + "</td></tr></table>" * 500
    assert render(closed).text == "482913"
    assert render("<div><table><tr><td><font>" * 500 + "482913").text == "482913"


def test_what_stands_above_too_deep_a_nesting_is_kept() -> None:
    assert render("<p>482913</p>" + "<b>" * 80_000).text == "482913"


_PIECES = st.sampled_from(
    ["<div>", "</div>", "<a href=x>", "</a>", "<td>", "</td></tr>", "<style>", ".x{display:none", "}", "</style>",
     "<p class=x style='", "font-size:", "0", "px;", "color:", "#fff", "rgb(", "'>", "<img alt='", "<!--", "-->",
     "<br>", "<pre>", "\n", "&nbsp;", "&#0;", "&#xd800;", "<input value=", "<base href='", "http://[", "\0", "é",
     "<svg><style>", "<math>", "<![CDATA[", "]]>", "<?xml encoding='utf-16'?>", "<plaintext>", "\ud800", "4"]
)  # fmt: skip


@settings(max_examples=300)
@given(html=st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=60).map("".join)))
def test_any_text_is_rendered(html: str) -> None:
    page = render(html)
    page.text.encode()
    for link in page.links:
        link.href.encode()
        assert page.text[link.start : link.end] == link.label
        assert 0 <= link.start <= link.end <= len(page.text)


def test_a_base_that_is_too_long_to_repeat_in_every_link_is_left_out() -> None:
    page = render(f'<base href="https://a.example/{"a" * 100_000}/">' + '<a href="b">c</a> ' * 5_000)
    assert {link.href for link in page.links} == {"b"}
