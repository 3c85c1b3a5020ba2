"""How a candidate stands: in a sentence of its own, in a link as well, named by a word."""

import pytest

from core.extract import candidates, extract, standing
from core.extract.context import Scene
from core.extract.link_standing import Company
from core.extract.link_view import view_of
from core.extract.links import find as find_links
from core.extract.marks import Marker
from core.extract.result import Part
from core.extract.spoken import NOTHING
from core.message import Channel, Content, Link


def marks(text: str, value: str, *links: str) -> set[str]:
    scene = Scene(text)
    content = Content(
        channel=Channel.EMAIL, text=text, links=tuple(Link(label="x", href=h, start=0, end=0) for h in links)
    )
    span = next(span for span in candidates.find(scene.shown) if span.value == value)
    tests = standing.marks(scene, span, standing.hrefs(scene, content))
    return {name for name, holds in tests.items() if holds}


def test_the_last_number_may_be_a_sentence_of_its_own() -> None:
    assert "a sentence of its own" in marks("A code is needed. Kind regards, Lumen. 7053", "7053")
    assert "a sentence of its own" not in marks("A code is needed. Yours is 7053", "7053")


def test_a_code_may_stand_in_a_link_as_well() -> None:
    assert "in a link" in marks("Enter 482913 or press.", "482913", "https://lumen.example/v?c=482913")
    assert "in a link" in marks("482913 or https://lumen.example/v/482913", "482913")
    assert "in a link" not in marks("Enter 482913 or press.", "482913", "https://lumen.example/v?c=1")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("password: kvist. Bye", "kvist"),
        ("password to the members' page:\nkvist\n", "kvist"),
        ("password: brisk-otter", "brisk-otter"),
    ],
    ids=["before a full stop", "on a line of its own", "two words with a dash"],
)
def test_a_word_after_a_colon_may_be_the_code(text: str, value: str) -> None:
    assert [span.value for span in candidates.named(text, [len("password")])] == [value]


def test_a_word_that_goes_on_is_no_code() -> None:
    assert not list(candidates.named("password: ask your bank for it", [len("password")]))


def test_a_word_may_be_a_prefix_glued_to_the_code() -> None:
    assert "330694" in {span.value for span in candidates.find("Kodhi yenyu i330694.")}


def test_a_date_between_a_number_and_its_end_parts_nothing() -> None:
    scene = Scene("Code 771204, sent at 10:14, has expired.")
    assert "old" in scene.sight(5, 11).after


def test_what_counts_who_clicked_is_no_token() -> None:
    scene = Scene("Sign in: https://lumen.example/login?utm_content=nav3&mc_cid=8f2c91be77")
    view = view_of(tuple(find_links(scene, (), NOTHING)), frozenset(), NOTHING)
    assert not view.has_strong_token
    assert not view.short_tokens


@pytest.mark.parametrize(
    "above",
    [
        "On Mon, Nov 23, 2026 at 8:15 AM, Lumen Support wrote:",
        "On Monday 23 November 2026 at 21:49 Lumen & Oar\nwrote:",
        "Am 23.11.26 um 10:00 schrieb Lumen:",
        "Le 23 nov. 2026 à 10:00, Lumen a écrit :",
        "2026年11月23日 21:49，Lumen 写道：",
        "23 नवंबर 2026 को 21:49 बजे Lumen ने लिखा:",
    ],
)
def test_a_code_below_the_line_that_says_who_wrote_it_is_the_older_one(above: str) -> None:
    text = f"Here is a new verification code: 118450\n\n{above}\nYour verification code is 663027.\n"
    assert extract(Content(channel=Channel.EMAIL, subject="Your code", text=text)).value == "118450"


@pytest.mark.parametrize(
    "armour",
    [
        "-----BEGIN PGP MESSAGE-----\n\nn+jgUxtw81LAO6zWobIAeKZ\n=0NQ6\n-----END PGP MESSAGE-----",
        "-----BEGIN CERTIFICATE-----\nMIIB 482913\n-----END CERTIFICATE-----",
    ],
)
def test_what_stands_in_armour_is_for_no_person_to_type(armour: str) -> None:
    found = candidates.find(Scene(f"The code is 700112.\n{armour}\nBye").shown)
    assert {span.value for span in found} == {"700112"}


def test_the_text_above_a_signature_in_armour_is_read() -> None:
    signed = (
        "-----BEGIN PGP SIGNED MESSAGE-----\n\nThe code is 700112.\n-----BEGIN PGP SIGNATURE-----\niQ 482913\n"
    )
    found = candidates.find(Scene(signed + "-----END PGP SIGNATURE-----\n").shown)
    assert {span.value for span in found if not span.value.isalpha()} == {"700112"}


@pytest.mark.parametrize(
    "href",
    [
        "https://lumen.example/~hannah782",
        "https://lumen.example/food/sr15.html",
        "https://lumen.example/offer?source1=abc&refcode1=def",
        "https://lumen.example/Golden%20Stream.htm",
    ],
    ids=["a person's folder", "a page", "the names of parameters", "a blank"],
)
def test_a_name_in_an_address_is_no_token(href: str) -> None:
    assert not _tokens(href)


@pytest.mark.parametrize("href", ["https://lumen.example/v/8fj3kd.html", "https://lumen.example/v?t1=8fj3kd"])
def test_a_token_in_a_page_or_a_parameter_is_one(href: str) -> None:
    assert _tokens(href)


def _tokens(href: str) -> tuple[str, ...]:
    (spot,) = find_links(Scene(href), (), NOTHING)
    view = view_of((spot,), frozenset(), NOTHING)
    return (*view.short_tokens, *(["long"] if view.has_strong_token else []))


def test_a_link_below_a_rule_may_be_a_footers() -> None:
    text = "https://a.example/1\n--------------\nhttps://b.example/2"
    by_href = {spot.href: [spot] for spot in find_links(Scene(text), (), NOTHING)}
    company = Company(Scene(text), "", by_href)
    below = {href for href, spots in by_href.items() if "below a rule" in company.marks(href, spots)}
    assert below == {"https://b.example/2"}


@pytest.mark.parametrize(
    ("text", "is_named"), [("mount it with rsize=482913", False), ("code=482913", True), ("Kodi = 482913", True)]
)
def test_an_equals_sign_in_a_setting_names_no_code(text: str, *, is_named: bool) -> None:
    scene = Scene(text)
    content = Content(channel=Channel.EMAIL, text=text)
    spans = candidates.find(scene.shown)
    span = next(span for span in spans if span.value == "482913")
    found = Marker(scene, spans, content, Part.TEXT, "").marks(span)
    assert ("colon" in found, "joined" in found) == (is_named, not is_named)


@pytest.mark.parametrize(
    ("href", "is_named"), [("http://192.0.2.7:8080/in?t=1", False), ("https://192.0.2.7.lumen.example/in", True)]
)
def test_a_host_may_have_no_name(href: str, *, is_named: bool) -> None:
    scene = Scene(href)
    spots = find_links(scene, (), NOTHING)
    assert ("a host without a name" not in Company(scene, "", {href: spots}).marks(href, spots)) is is_named
