"""What an element's declarations say of its text: seen or not, and where it stands among its neighbours."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

from core.markup.colours import BLACK, HIDDEN_INK, SOME_INK, SOME_PAPER, WHITE, Colour, colour, ground, shows

_LENGTH = re.compile(r"\s{0,9}([-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))(px|pt|em|rem|ex|ch|%|in|cm|mm|pc|v[wh])?")
_SHORTHAND_SIZE = re.compile(r"(?:^|\s)(\d{0,9}\.?\d{1,9}(?:px|pt|em|rem|ex|%|in|cm|mm|pc|v[wh])?)(?=[\s/]|$)")
_FAR = -999.0
_FAINT = 0.1
_RELATIVE = frozenset({"em", "ex", "ch", "%"})
_UNSET = frozenset({"", "inherit", "currentcolor", "initial", "unset"})
_INTEGER = re.compile(r"\d{1,6}")
_NO_SCALE = re.compile(r"scale[xy]?\(0(?:\.0*)?[,)]")
_HIDING = frozenset(
    {"display", "opacity", "overflow", "max-height", "clip", "clip-path", "transform", "text-indent", "position"}
    | {"margin-left", "margin-top"}
)
_CLIPPED = ("inset(50%", "inset(100%", "circle(0", "polygon(00,00")


class Shape(Enum):
    """How an element stands among its neighbours."""

    INLINE = 1
    BLOCK = 2
    """On lines of its own."""
    CELL = 3
    """Beside the cell before it: a table cell, a float, a flex item, a block laid in line."""


_SHAPES = {
    **dict.fromkeys(("block", "flex", "grid", "list-item", "table", "table-row", "flow-root"), Shape.BLOCK),
    **dict.fromkeys(("inline", "contents"), Shape.INLINE),
    "table-cell": Shape.CELL,
}
_IN_LINE = frozenset({"inline-block", "inline-table", "inline-flex", "inline-grid"})
_KEEPS_LINES = {
    **dict.fromkeys(("normal", "nowrap"), False),
    **dict.fromkeys(("pre", "pre-wrap", "pre-line", "break-spaces"), True),
}
_VISIBLE = {"hidden": False, "collapse": False, "visible": True}


# Looks and lights are not frozen: a mail may need thousands, and freezing doubles the cost of each.
@dataclass(kw_only=True, slots=True, eq=False)
class Look:
    """What an element's tag and style decide; None where they leave it to the parent."""

    shape: Shape = Shape.INLINE
    gone: bool = False
    """Takes its content away, and nothing inside can bring it back."""
    visible: bool | None = None
    tiny: bool | None = None
    ink: Colour | None = None
    paper: Colour | None = None
    keeps_lines: bool | None = None
    lays_row: bool = False
    leaves_light: bool = field(init=False)
    """It changes nothing about whether text is seen."""
    is_quiet: bool = field(init=False)
    """And the text in it goes on with the text around it."""

    def __post_init__(self) -> None:
        given = (self.gone, self.visible, self.tiny, self.ink, self.paper, self.keeps_lines)
        self.leaves_light = given == (False, None, None, None, None, None)
        self.is_quiet = self.leaves_light and self.shape is Shape.INLINE


@dataclass(kw_only=True, slots=True, eq=False)
class Light:
    """In what light an element's content is seen, as inherited from all its ancestors."""

    gone: bool = False
    visible: bool = True
    tiny: bool = False
    ink: Colour = BLACK
    paper: Colour = WHITE
    keeps_lines: bool = False
    shows_pictures: bool = True
    shows_text: bool = True


@lru_cache(maxsize=2000)
def light_inside(light: Light, look: Look) -> Light:
    """The light inside an element of a look that changes the one around it; kept, for mails repeat their looks."""
    gone = light.gone or look.gone
    visible = light.visible if look.visible is None else look.visible
    tiny = light.tiny if look.tiny is None else look.tiny
    ink, paper = look.ink or light.ink, look.paper or light.paper
    pictures = visible and not gone
    return Light(
        gone=gone,
        visible=visible,
        tiny=tiny,
        ink=ink,
        paper=paper,
        keeps_lines=light.keeps_lines if look.keeps_lines is None else look.keeps_lines,
        shows_pictures=pictures,
        shows_text=pictures and not tiny and shows(ink, paper),
    )


_kept = lru_cache(maxsize=2000)(Look)
"""One look of its kind, so that the light inside it is found again."""


def look_of(css: Mapping[str, str], natural: Shape) -> Look:
    """The look that these declarations, the last declared last, give an element of that natural shape."""
    given: dict[str, Any] = {field: decide(css) for names, field, decide in _DECIDERS if not names.isdisjoint(css)}
    return _kept(shape=natural if _SHAPING.isdisjoint(css) else _shape(css, natural), **given)


def _shape(css: Mapping[str, str], natural: Shape) -> Shape:
    display = css.get("display", "")
    if css.get("float", "") in {"left", "right"} or (display in _IN_LINE and natural is Shape.BLOCK):
        return Shape.CELL
    return _SHAPES.get(display, natural)


def _length(value: str) -> tuple[float | None, str]:
    """The number and unit at the start of a value; None where there is no number."""
    match = _LENGTH.match(value)
    return (float(match.group(1)), match.group(2) or "") if match else (None, "")


def _last(css: Mapping[str, str], one: str, other: str) -> str:
    """The name of the last declared of two, of which at least one is declared."""
    if one in css and other in css:
        return next(name for name in reversed(list(css)) if name in {one, other})
    return one if one in css else other


def _is_tiny(css: Mapping[str, str]) -> bool | None:
    """Whether text is at most one pixel or point high; None where that is the parent's to say."""
    size = css[_last(css, "font", "font-size")]
    if " " in size:
        found = _SHORTHAND_SIZE.search(size)
        size = found.group(1) if found else "inherit"
    number, unit = _length(size)
    if number is None:
        return None if size in {"inherit", "smaller", "larger", "unset"} else False
    if number == 0:
        return True
    return None if unit in _RELATIVE else number <= 1 and unit in {"", "px", "pt"}


def _is_out_of_sight(css: Mapping[str, str]) -> bool:
    if css.keys().isdisjoint(_HIDING):
        return False
    return (
        css.get("display") == "none"
        or _is_faint(css)
        or _is_emptied(css)
        or _is_clipped(css)
        or _is_off_screen(css)
    )


def _is_faint(css: Mapping[str, str]) -> bool:
    opacity, unit = _length(css.get("opacity", ""))
    return opacity is not None and opacity < (_FAINT * 100 if unit == "%" else _FAINT)


def _is_emptied(css: Mapping[str, str]) -> bool:
    """Nothing of the box is left to see, as it has no height or no width."""
    overflow = css.get("overflow", "")
    if "hidden" in overflow or "clip" in overflow:
        return any(_at_most(css, name, 1) for name in ("height", "width", "max-height", "max-width"))
    return _at_most(css, "max-height", 0)


def _at_most(css: Mapping[str, str], name: str, limit: float) -> bool:
    if name not in css:
        return False
    number, unit = _length(css[name])
    return number is not None and number <= limit and (number <= 0 or unit in {"", "px", "pt"})


def _is_clipped(css: Mapping[str, str]) -> bool:
    sides = [int(side) for side in _INTEGER.findall(css.get("clip", ""))]
    if sides and max(sides) <= 1 and _is_positioned(css):
        return True
    path, scale = (css.get(name, "").replace(" ", "") for name in ("clip-path", "transform"))
    return path.startswith(_CLIPPED) or bool(_NO_SCALE.search(scale))


def _is_positioned(css: Mapping[str, str]) -> bool:
    return css.get("position", "") in {"absolute", "fixed", "relative"}


def _is_off_screen(css: Mapping[str, str]) -> bool:
    if any(_at_most(css, name, _FAR) for name in ("text-indent", "margin-left", "margin-top")):
        return True
    return _is_positioned(css) and any(_at_most(css, name, _FAR) for name in ("left", "top"))


def _ink(css: Mapping[str, str]) -> Colour | None:
    value = css["color"]
    if value in _UNSET:
        return None
    if "text" in {css.get("background-clip"), css.get("-webkit-background-clip")}:
        return SOME_INK  # the letters are cut out of the ground: its picture or gradient fills them
    return HIDDEN_INK if value == "transparent" else colour(value) or SOME_INK


def _paper(css: Mapping[str, str]) -> Colour | None:
    """The ground that an element lays under its text; an image or a gradient is an unknown one."""
    grounds = [css[name] for name in _GROUNDS if name in css]
    if any("url(" in ground or "gradient" in ground for ground in grounds):
        return SOME_PAPER
    last = css.get(_last(css, "background", "background-color"), "")
    if last in _UNSET or "none" in last or "transparent" in last:
        return None
    return ground(last)


def _lays_row(css: Mapping[str, str]) -> bool:
    return "flex" in css["display"] and "column" not in css.get("flex-direction", css.get("flex-flow", ""))


_SHAPING = frozenset({"display", "float"})
_GROUNDS = ("background", "background-color", "background-image")
_DECIDERS: tuple[tuple[frozenset[str], str, Callable[[Mapping[str, str]], object]], ...] = (
    (frozenset({"color"}), "ink", _ink),
    (frozenset(_GROUNDS), "paper", _paper),
    (frozenset({"font", "font-size"}), "tiny", _is_tiny),
    (_HIDING, "gone", _is_out_of_sight),
    (frozenset({"visibility"}), "visible", lambda css: _VISIBLE.get(css["visibility"])),
    (frozenset({"white-space"}), "keeps_lines", lambda css: _KEEPS_LINES.get(css["white-space"])),
    (frozenset({"display"}), "lays_row", _lays_row),
)
"""Which properties have a say in which field of a look, and how it is decided."""
