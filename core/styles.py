"""What a mail's CSS says about whether, and where, an element's text is seen.

Only what decides that is read: inline styles, presentational attributes, and the rules of
`<style>` whose selector is one tag, class or id, outside any at-rule.
"""

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from core.colours import HIDDEN_INK, LINK_BLUE, SOME_INK, SOME_PAPER, Colour, colour

Declarations = dict[str, tuple[str, bool]]
"""Property -> value and whether it is `!important`."""

_PROPERTY = re.compile(
    r"(?:^|[;\s])(display|visibility|opacity|font(?:-size)?|color|background(?:-color|-image)?|position|left|top"
    r"|overflow|(?:max-)?(?:height|width)|text-indent|margin(?:-left|-top)?|clip(?:-path)?|white-space|float"
    r"|transform|flex-(?:direction|flow))\s{0,9}:([^;!]*)(!\s{0,9}important)?",
    re.IGNORECASE,
)
_SIMPLE = re.compile(r"([a-z][\w:-]*)?([.#][\w-]+)?")
_LAST_COMPOUND = re.compile(r"(?:[^\s>+~.#:]*)([.#][\w-]+)[^\s>+~]*$|(?:^|[\s>+~])([a-z][\w-]*)[^\s>+~]*$")
_LENGTH = re.compile(r"\s*([-+]?\d{0,9}(?:\.\d{0,9})?)(px|pt|em|rem|ex|ch|%|in|cm|mm|pc|v[wh])?")
_SHORTHAND_SIZE = re.compile(r"(?:^|\s)(\d*\.?\d+)(px|pt|em|rem|ex|%|in|cm|mm|pc|v[wh])?(?=[\s/]|$)")
_MOST_RULES = 5_000
_FAR = -999.0
_FAINT = 0.1
_BLOCKS = frozenset({"block", "flex", "grid", "list-item", "table", "table-row", "flow-root", "table-caption"})
_IN_LINE = frozenset({"inline-block", "inline-table", "inline-flex", "inline-grid"})


class Shape(IntEnum):
    """How an element stands among its neighbours."""

    NATURAL = 0
    """As its tag says."""
    INLINE = 1
    BLOCK = 2
    CELL = 3
    """Beside the cell before it: a table cell, a float, a flex item, a block laid in line."""
    IN_LINE = 4
    """Laid in line: a block becomes a cell, a span stays what it is."""


class Look(NamedTuple):
    """What an element's own style decides; None where it leaves it to the parent."""

    gone: bool = False
    """Takes its content away, and nothing inside can bring it back."""
    shape: Shape = Shape.NATURAL
    visible: bool | None = None
    tiny: bool | None = None
    ink: Colour | None = None
    paper: Colour | None = None
    keeps_lines: bool | None = None
    lays_row: bool = False


PLAIN = Look()


class Sheet:
    """The rules of a mail's `<style>` elements, and the looks that they and inline styles give."""

    def __init__(self) -> None:
        self._rules: dict[str, list[tuple[str, Declarations]]] = {}
        self._count = 0
        self._looks: dict[tuple[str | None, ...], Look] = {}

    def add(self, css: str) -> bool:
        """Take in the text of a `<style>`; whether any of its rules can hide or show something."""
        before = self._count
        for selectors, body in _rules(css):
            declarations = _declarations(body)
            if declarations and self._count < _MOST_RULES:
                for selector in selectors.split(","):
                    self._add_rule(selector.strip().lower(), declarations)
        self._looks.clear()
        return self._count > before

    def look(self, tag: str, attributes: Mapping[str, str]) -> Look:
        """The look of an element by its tag and attributes."""
        if not attributes and tag not in self._rules:
            return PLAIN
        get = attributes.get
        key = (tag, get("style"), get("class"), get("id"), get("bgcolor"), get("color"), get("text"),
               get("background"), get("hidden"), get("href") and "", get("size"))  # fmt: skip
        found = self._looks.get(key)
        if found is None:
            found = self._looks[key] = self._decide(tag, attributes)
        return found

    def _add_rule(self, selector: str, declarations: Declarations) -> None:
        self._count += 1
        simple = _SIMPLE.fullmatch(selector)
        if simple and selector:
            tag, name = simple.group(1) or "", simple.group(2) or ""
            self._rules.setdefault(name or tag, []).append((tag, declarations))
        elif last := _LAST_COMPOUND.search(selector[-200:]):
            # We cannot tell whom this rule meets; whoever it may meet stands on an unknown ground.
            if any(name.startswith("background") for name in declarations):
                key = last.group(1) or last.group(2)
                self._rules.setdefault(key, []).append(("", {"background": ("url()", False)}))

    def _decide(self, tag: str, attributes: Mapping[str, str]) -> Look:
        keys = [tag]
        keys += ["." + name for name in attributes.get("class", "").lower().split()[:50]]
        keys += ["#" + attributes["id"].lower()] if "id" in attributes else []
        merged = _presentational(tag, attributes)
        for key in keys:
            for only, declarations in self._rules.get(key, ()):
                if not only or only == tag:
                    _merge(merged, declarations)
        _merge(merged, _declarations(attributes.get("style", "")))
        return _look({name: value for name, (value, _) in merged.items()}, hidden="hidden" in attributes)


def _rules(css: str) -> list[tuple[str, str]]:
    """The (selectors, declarations) outside at-rules, in order."""
    found, depth, selectors = [], 0, ""
    for text, brace in re.findall(r"([^{}]*)([{}])", _without_comments(css)):
        if brace == "{":
            depth += 1
            selectors = text if depth == 1 else ""
        else:
            if depth == 1 and "@" not in selectors:
                found.append((selectors.rpartition(";")[2], text))
            depth = max(0, depth - 1)
    return found


def _without_comments(css: str) -> str:
    kept = []
    for index, piece in enumerate(css.replace("<!--", "").replace("-->", "").split("/*")):
        kept.append(piece.partition("*/")[2] if index else piece)
    return "".join(kept)


def _declarations(css: str) -> Declarations:
    merged: Declarations = {}
    for name, value, important in _PROPERTY.findall(css):
        _merge(merged, {name.lower(): (value.strip().lower(), bool(important))})
    return merged


def _merge(merged: Declarations, later: Declarations) -> None:
    for name, (value, important) in later.items():
        if important or not merged.get(name, ("", False))[1]:
            merged.pop(name, None)
            merged[name] = (value, important)


def _presentational(tag: str, attributes: Mapping[str, str]) -> Declarations:
    """What the attributes of HTML 3.2 say, as CSS (HTML, section 15.3)."""
    found: Declarations = {}
    if tag == "a" and "href" in attributes:
        found["color"] = (LINK_BLUE, False)
    for attribute, name in (("bgcolor", "background-color"), ("text", "color"), ("color", "color")):
        if attribute in attributes:
            found[name] = (attributes[attribute].strip().lower(), False)
    if "background" in attributes:
        found["background-image"] = ("url()", False)
    if tag == "font" and "size" in attributes:
        found["font-size"] = ("medium", False)
    return found


def _look(css: Mapping[str, str], *, hidden: bool) -> Look:
    if not css:
        return Look(gone=True) if hidden else PLAIN
    display = css.get("display", "")
    gone = display == "none" or (hidden and not display) or _is_emptied(css) or _is_off_screen(css)
    return Look(
        gone=gone,
        shape=_shape(display, css.get("float", "")),
        visible=_visible(css.get("visibility", "")),
        tiny=_is_tiny(css),
        ink=_ink(css.get("color", "")),
        paper=_paper(css),
        keeps_lines=_keeps_lines(css.get("white-space", "")),
        lays_row="flex" in display and "column" not in css.get("flex-direction", css.get("flex-flow", "")),
    )


def _shape(display: str, floats: str) -> Shape:
    if floats in {"left", "right"} or display == "table-cell":
        return Shape.CELL
    if display in _IN_LINE:
        return Shape.IN_LINE
    if display in _BLOCKS:
        return Shape.BLOCK
    return Shape.INLINE if display in {"inline", "contents"} else Shape.NATURAL


def _visible(value: str) -> bool | None:
    return {"hidden": False, "collapse": False, "visible": True}.get(value)


def _keeps_lines(value: str) -> bool | None:
    return value.startswith(("pre", "break")) if value in _WHITE_SPACE else None


_WHITE_SPACE = frozenset({"normal", "nowrap", "pre", "pre-wrap", "pre-line", "break-spaces"})


def _is_tiny(css: Mapping[str, str]) -> bool | None:
    """Whether text is at most one pixel or point high; None where the size is relative to the parent's."""
    size = css.get("font-size", "")
    for name in reversed(css):
        if name == "font":
            match = _SHORTHAND_SIZE.search(css["font"])
            size = match.group().strip() if match else size
        if name in {"font", "font-size"}:
            break
    if not size or size in {"inherit", "smaller", "larger"}:
        return None
    number, unit = _length(size)
    if number is None or number > 1:
        return None if unit in {"em", "%", "ex"} else False
    return True if number == 0 or unit in {"", "px", "pt"} else (None if unit in {"em", "%", "ex"} else False)


def _length(value: str) -> tuple[float | None, str]:
    match = _LENGTH.match(value)
    number = match.group(1) if match else ""
    if not match or not any(digit.isdigit() for digit in number):
        return None, ""
    return float(number), match.group(2) or ""


def _at_most(css: Mapping[str, str], name: str, limit: float) -> bool:
    number, unit = _length(css.get(name, ""))
    return number is not None and number <= limit and (number <= 0 or unit in {"", "px", "pt"})


def _is_emptied(css: Mapping[str, str]) -> bool:
    """Nothing of the box is left to see: faint, clipped, or without height or width."""
    opacity, unit = _length(css.get("opacity", ""))
    if opacity is not None and opacity < (_FAINT * 100 if unit == "%" else _FAINT):
        return True
    if "scale(0" in css.get("transform", "").replace(" ", "").replace("0.", "."):
        return True
    if "hidden" in css.get("overflow", "") or "clip" in css.get("overflow", ""):
        return any(_at_most(css, name, 1) for name in ("height", "width", "max-height", "max-width"))
    return _at_most(css, "max-height", 0) or _is_clipped(css)


def _is_clipped(css: Mapping[str, str]) -> bool:
    clip = css.get("clip", "")
    numbers = [float(n) for n in re.findall(r"\d{1,6}", clip)]
    if clip.startswith("rect") and numbers and max(numbers) <= 1 and _is_positioned(css):
        return True
    path = css.get("clip-path", "").replace(" ", "")
    return path.startswith(("inset(50%", "inset(100%", "circle(0", "polygon(00,00"))


def _is_positioned(css: Mapping[str, str]) -> bool:
    return css.get("position", "") in {"absolute", "fixed", "relative"}


def _is_off_screen(css: Mapping[str, str]) -> bool:
    if any(_at_most(css, name, _FAR) for name in ("text-indent", "margin-left", "margin-top", "margin")):
        return True
    return _is_positioned(css) and any(_at_most(css, name, _FAR) for name in ("left", "top"))


def _ink(value: str) -> Colour | None:
    if value in {"", "inherit", "currentcolor", "initial", "unset"}:
        return None
    return HIDDEN_INK if value == "transparent" else colour(value) or SOME_INK


def _paper(css: Mapping[str, str]) -> Colour | None:
    """The ground that an element lays under its text; an image or a gradient is an unknown one."""
    value = " ".join(css[name] for name in css if name.startswith("background"))
    if "url(" in value or "gradient" in value:
        return SOME_PAPER
    last = next((css[name] for name in reversed(css) if name in {"background", "background-color"}), "")
    if last in {"", "none", "transparent", "inherit", "initial", "unset"}:
        return None
    return colour(last) or SOME_PAPER
