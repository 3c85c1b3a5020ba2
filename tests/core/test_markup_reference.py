"""The painter against a reference: BeautifulSoup's tree of the same page, read in the plainest way.

The reference shares no code with `core.markup`. It knows the tree before it reads it, asks
BeautifulSoup's own selectors which rules meet which elements, and builds the text bottom-up.
It stands here whole, above 250 lines, as tests import nothing from each other.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag
from hypothesis import given, settings
from hypothesis import strategies as st

from core.markup import LONGEST, render
from core.mime import Mail, read

_UNSEEN = """audio canvas datalist iframe noembed noframes noscript object script style template title video
    xml"""
_BLOCKS = """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol
    optgroup option p plaintext pre section summary table tbody tfoot thead tr ul xmp"""
_KEEPING = {"listing", "plaintext", "pre", "textarea", "xmp"}
_NAMED = {
    "white": "ffffff",
    "black": "000000",
    "navy": "000080",
    "red": "ff0000",
    "gray": "808080",
    "blue": "0000ff",
}
_SPACE = "[ \t\r\f\v\xa0]"
Css = dict[str, str]


def reference(html: str) -> str:
    """The visible text of a page, a line per block."""
    soup = BeautifulSoup(html.replace("\0", " "), "lxml")
    seen = _Seen(rules=_rules(soup))
    lines = seen.children(soup, _Above()).split("\n")
    tidy = (re.sub(f"{_SPACE}+", " ", line).strip(" ") for line in lines)
    return "\n".join(line for line in tidy if line)


def _rules(soup: BeautifulSoup) -> dict[int, list[tuple[int, Css]]]:
    """For each element by its id(), the rules that meet it, each with its weight."""
    css = "\n".join(style.get_text() for style in soup.find_all("style"))
    css = re.sub(r"(?s)/\*.*?(\*/|\Z)|<!--|-->", "", css)
    css = re.sub(r"@[^{};]*(;|\{([^{}]*\{[^{}]*\})*[^{}]*\}?)", "", css)
    met: dict[int, list[tuple[int, Css]]] = {}
    for selectors, body in re.findall(r"([^{}]*)\{([^{}]*)\}", css):
        for selector in selectors.split(","):
            simple = re.fullmatch(r"\s*([a-zA-Z]\w*)?([.#][\w-]+)?\s*", selector)
            if simple and selector.strip():
                weight = {"": 0, ".": 1, "#": 2}[(simple.group(2) or "")[:1]]
                for tag in soup.select(selector):
                    met.setdefault(id(tag), []).append((weight, _declared(body)))
            elif "background" in body:
                for tag in soup.select(re.split(r"[\s>+~]", selector.strip())[-1]):
                    met.setdefault(id(tag), []).append((-1, {"background": "url()"}))
    return met


def _declared(css: str) -> Css:
    found: Css = {}
    for declaration in css.lower().split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip()
        if not found.get(name, "").endswith("!important") or "!important" in value:
            found.pop(name, None)
            found[name] = re.sub(r"\s*!\s*important", "!important", value.strip())
    return found


class _Above:
    """What an element inherits."""

    def __init__(self) -> None:
        self.gone = self.tiny = self.keeps = False
        self.visible = True
        self.ink: str | None = "000000"
        self.paper: str | None = "ffffff"

    @property
    def text_shows(self) -> bool:
        return not self.gone and not self.tiny and self.visible and not _alike(self.ink, self.paper)

    def inside(self, tag: Tag, css: Css) -> "_Above":
        below = _Above()
        below.gone = self.gone or _gone(tag, css)
        below.visible = {"hidden": False, "visible": True}.get(css.get("visibility", ""), self.visible)
        below.tiny = self._tiny(css)
        below.keeps = css["white-space"].startswith("pre") if "white-space" in css else self.keeps
        ink = css.get("color", "inherit")
        below.ink = self.ink if ink == "inherit" else _colour(ink)
        below.paper = self.paper
        grounds = [value for name, value in css.items() if name.startswith("background")]
        if grounds and "none" not in grounds[-1] and "transparent" not in grounds[-1]:
            below.paper = self.paper if _is_thin(grounds[-1]) else _colour(grounds[-1])
        if any("url(" in ground or "gradient" in ground for ground in grounds):
            below.paper = None
        return below

    def _tiny(self, css: Css) -> bool:
        if "font-size" not in css:
            return self.tiny
        match = re.match(r"([\d.]+)(em|%)?", css["font-size"])
        if match and float(match.group(1)) and match.group(2):
            return self.tiny
        return bool(match) and float(match.group(1) if match else 9) <= 1


def _gone(tag: Tag, css: Css) -> bool:
    def length(name: str) -> float:
        match = re.match(r"-?[\d.]+", css.get(name, ""))
        return float(match.group()) if match else 9999

    if (
        tag.name in _UNSEEN.split()
        or css.get("display") == "none"
        or length("max-height") == 0
        or length("opacity") < 0.1
    ):
        return True
    if css.get("overflow") == "hidden" and min(length(name) for name in ("height", "width", "max-width")) <= 1:
        return True
    off = css.get("position") in {"absolute", "fixed"} and min(length("left"), length("top")) < -900
    return off or length("text-indent") < -900


def _colour(value: str) -> str | None:
    """Six hexadecimal digits; "" for a see-through colour, None for one that is not known."""
    if "transparent" in value or re.search(r"rgba\(.*,\s*0\s*\)", value):
        return ""
    numbers = re.search(r"rgba?\(\s*(\d+)[,\s]+(\d+)[,\s]+(\d+)", value)
    if numbers:
        return "".join(f"{int(number):02x}" for number in numbers.groups())
    for word in value.split():
        match = re.fullmatch(r"#?([0-9a-f]{6}|[0-9a-f]{3})", word)
        if match:
            return match.group(1) if len(match.group(1)) == 6 else "".join(c * 2 for c in match.group(1))
        if word in _NAMED:
            return _NAMED[word]
    return None


def _is_thin(value: str) -> bool:
    """Whether a ground lets what is under it show."""
    alpha = re.search(r"rgba\(.*,\s*(0?\.?\d*)\s*\)", value)
    return bool(alpha) and float(alpha.group(1) if alpha else 1) < 0.5


def _alike(ink: str | None, paper: str | None) -> bool:
    if not ink or paper is None:
        return ink == ""
    return all(abs(int(ink[at : at + 2], 16) - int(paper[at : at + 2], 16)) <= 10 for at in (0, 2, 4))


class _Seen:
    """Reads a tree bottom-up; in what it returns, a line feed is the end of a line that a person sees."""

    def __init__(self, rules: dict[int, list[tuple[int, Css]]]) -> None:
        self._rules = rules

    def children(self, tag: Tag, above: _Above, *, in_row: bool = False) -> str:
        text, beside = "", None
        for child in tag.children:
            shape, inner = self._child(child, above)
            if shape == "block" and in_row:
                shape = "cell"
            if shape == "cell" and beside is not None:
                text = text.rstrip(" \t\r\f\v\xa0\n") + (" " if beside else "\n")
                inner = inner.lstrip(" \t\r\f\v\xa0\n")
            text += f"\n{inner}\n" if shape == "block" else inner
            if shape == "cell" and inner.strip(" \t\r\f\v\xa0\n"):
                beside = "\n" not in inner.strip(" \t\r\f\v\xa0\n")
            elif shape in {"block", "break"}:
                beside = None
        return text

    def _child(self, child: PageElement, above: _Above) -> tuple[str, str]:
        """The shape of a node (inline, block, cell) and its text."""
        if isinstance(child, Tag):
            css = self._css(child)
            inside = above.inside(child, css)
            if inside.gone or not inside.visible:
                return "gone", self.children(child, inside) if not inside.gone else ""
            return self._element(child, inside, css)
        if type(child) is not NavigableString or not above.text_shows:
            return "inline", ""
        return "inline", child if above.keeps else child.replace("\n", " ")

    def _element(self, tag: Tag, above: _Above, css: Css) -> tuple[str, str]:
        if tag.name == "br":
            return "break", "\n"
        if tag.name == "img":
            sides = [str(tag.get(side, "")) for side in ("width", "height")]
            tiny = any(re.fullmatch(r"[0-3](px)?", side) for side in sides)
            return _shape(tag, css), "" if tiny else f" {' '.join(str(tag.get('alt', '')).split())} "
        if tag.name == "input":
            shown = above.text_shows and str(tag.get("type", "")).lower() in {"", "text", "submit", "button"}
            return "inline", f" {' '.join(str(tag.get('value', '')).split())} " if shown else ""
        row = "flex" in css.get("display", "") and "column" not in css.get("flex-direction", "")
        return _shape(tag, css), self.children(tag, above, in_row=row)

    def _css(self, tag: Tag) -> Css:
        css: Css = {"color": "#0000ee"} if tag.name == "a" and tag.attrs else {}
        css |= {"white-space": "pre"} if tag.name in _KEEPING else {}
        for attribute, name in (("bgcolor", "background-color"), ("color", "color"), ("text", "color")):
            css |= {name: str(tag[attribute]).lower()} if attribute in tag.attrs else {}
        css |= {"background-image": "url()"} if "background" in tag.attrs else {}
        css |= {"font-size": "medium"} if "size" in tag.attrs else {}
        css |= {"display": "none"} if "hidden" in tag.attrs else {}
        met = sorted(self._rules.get(id(tag), []), key=lambda rule: rule[0])
        for _, declared in [*met, (3, _declared(str(tag.get("style", ""))))]:
            for name, value in declared.items():
                if "!important" in value or "!important" not in css.get(name, ""):
                    css.pop(name, None)
                    css[name] = value
        return {name: value.removesuffix("!important").strip() for name, value in css.items()}


def _shape(tag: Tag, css: Css) -> str:
    display = css.get("display", "")
    natural = (
        "block" if tag.name in _BLOCKS.split() else "cell" if tag.name in {"td", "th", "button"} else "inline"
    )
    if css.get("float") in {"left", "right"} or display == "table-cell":
        return "cell"
    if display.startswith("inline-"):
        return "cell" if natural == "block" else natural
    if display in {"block", "flex", "table", "list-item", "table-row"}:
        return "block"
    return "inline" if display == "inline" else natural


def _mails(mail: Mail) -> list[Mail]:
    return [mail, *(inner for attached in mail.attached for inner in _mails(attached))]


@pytest.fixture(autouse=True)
def _room_for_recursion() -> Iterator[None]:
    """The reference recurses; some mails nest 2,500 elements."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(before)


_FOLDERS = sorted({p.parent for p in (Path(__file__).parents[1] / "corpus").rglob("*.eml")})


@pytest.mark.parametrize("folder", _FOLDERS, ids=lambda folder: folder.name)
def test_the_mails_of_the_corpus_read_as_by_the_reference(folder: Path) -> None:
    for path in sorted(folder.glob("*.eml")):
        for mail in _mails(read(path.read_bytes())):
            if mail.html and len(mail.html) <= LONGEST:
                assert render(mail.html).text == reference(mail.html), path.name


_STYLES = """
display:none display:block display:inline-block display:flex display:inline float:left visibility:hidden
visibility:visible font-size:0 font-size:12px font-size:2em color:#fff color:#000;background:#fff background:#fff
background:url(x) max-height:0 white-space:pre white-space:normal opacity:0 display:none!important
"""
_STYLE_SHEETS = [
    "<style>.x{display:none}</style>",
    "<style>#y{font-size:0} b{color:white} p.x{visibility:hidden}</style>",
    "<style>@media print{.x{display:none}} .x,td{background:#000}</style>",
    "<style>div .x{background:#000} .x{color:#fff !important}</style>",
]
_TEXTS = st.sampled_from([*"48 \n", "a b", " c ", "&nbsp;", "&eacute;", "&#8201;", "<br>", "<!-- c -->", "<hr>"])
_VOIDS = st.sampled_from(["<img alt='Logo'>", "<img alt=x width=1>", "<input value=5>", *_STYLE_SHEETS])
_TAGS = "a b blockquote button div h1 li p pre s span table td textarea th title tr ul"
_ATTRIBUTES = ["", "", "", "href=x", "class=x", "id=y", "hidden", "bgcolor=#000000", "color=#ffffff", "size=2"]


@st.composite
def _elements(draw: st.DrawFn, children: st.SearchStrategy[list[str]]) -> str:
    tag, attribute = draw(st.sampled_from(_TAGS.split())), draw(st.sampled_from(_ATTRIBUTES))
    style = draw(st.one_of(st.just(""), st.sampled_from(_STYLES.split()).map(lambda css: f'style="{css}"')))
    return f"<{tag} {attribute} {style}>{''.join(draw(children))}</{tag}>"


def _row(digits: list[str]) -> str:
    return f"<table><tr><td>{'</td> <td>'.join(digits)}</td></tr></table>"


_CONTENTS = st.recursive(
    st.one_of(_TEXTS, _VOIDS),
    lambda inner: st.one_of(
        _elements(st.lists(inner, max_size=4)), st.lists(inner, min_size=2, max_size=3).map(_row)
    ),
    max_leaves=12,
)
_BROKEN = st.sampled_from([f"<{end}{tag}>" for tag in _TAGS.split() for end in ("", "/")])


@settings(max_examples=200)
@given(html=st.lists(st.one_of(_CONTENTS, _CONTENTS, _BROKEN), max_size=8).map("".join))
def test_any_page_reads_as_by_the_reference(html: str) -> None:
    assert render(html).text == reference(html)
