"""CSS colours, as far as mail uses them, and whether text in one can be seen on another."""

import re
from colorsys import hls_to_rgb

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
LINK_BLUE = "#0000ee"
HIDDEN_INK: Colour = (-1, -1, -1)
"""Text that shows on no ground: `color: transparent`."""
SOME_INK: Colour = (-1000, -1000, -1000)
"""A colour that we cannot read: taken to be seen on any ground."""
SOME_PAPER: Colour = (-9000, -9000, -9000)
"""A ground that we cannot read, such as a picture: any text is taken to be seen on it."""

_CLOSE = 10
_UNSEEN = 0.1
"""Below this much of it a colour does not show."""
_THIN, _THICK = 0.5, 0.9
"""Of a ground: below the one it leaves what is under it much as it was, above the other it covers that."""
_HEX = re.compile(r"#?(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})")
_RGB = re.compile(r"rgba?\(\s*([\d.]+%?)[\s,]+([\d.]+%?)[\s,]+([\d.]+%?)(?:[\s,/]+([\d.]+%?))?")
_HSL = re.compile(r"hsla?\(\s*([\d.]+)(?:deg)?[\s,]+([\d.]+)%[\s,]+([\d.]+)%(?:[\s,/]+([\d.]+%?))?")
_NAMES: dict[str, Colour] = {
    "aqua": (0, 255, 255), "black": BLACK, "blue": (0, 0, 255), "darkgray": (169, 169, 169),
    "darkgrey": (169, 169, 169), "dimgray": (105, 105, 105), "fuchsia": (255, 0, 255),
    "ghostwhite": (248, 248, 255), "gray": (128, 128, 128), "green": (0, 128, 0), "grey": (128, 128, 128),
    "ivory": (255, 255, 240), "lightgray": (211, 211, 211), "lightgrey": (211, 211, 211), "lime": (0, 255, 0),
    "maroon": (128, 0, 0), "navy": (0, 0, 128), "olive": (128, 128, 0), "orange": (255, 165, 0),
    "purple": (128, 0, 128), "red": (255, 0, 0), "silver": (192, 192, 192), "snow": (255, 250, 250),
    "teal": (0, 128, 128), "white": WHITE, "whitesmoke": (245, 245, 245), "window": WHITE,
    "windowtext": BLACK, "yellow": (255, 255, 0),
}  # fmt: skip


def colour(value: str) -> Colour | None:
    """The first colour that a lower-case CSS value names (CSS Color 4); HIDDEN_INK where it is see-through."""
    named = _named(value)
    return named and (HIDDEN_INK if named[1] < _UNSEEN else named[0])


def ground(value: str) -> Colour | None:
    """Likewise of a background: None where what is under it shows through, SOME_PAPER where it is not known."""
    named = _named(value)
    if named is None or _THIN <= named[1] < _THICK:
        return SOME_PAPER
    return named[0] if named[1] >= _THICK else None


def _named(value: str) -> tuple[Colour, float] | None:
    """The first colour of a value, and how much of it shows, 0 to 1."""
    if "rgb" in value and (match := _RGB.search(value)):
        return _from_parts(match)
    if "hsl" in value and (match := _HSL.search(value)):
        return _from_hue(match)
    for word in value.split():
        if word in _NAMES:
            return _NAMES[word], 1.0
        if _HEX.fullmatch(word):
            return _from_hex(word.lstrip("#"))
    return None


def shows(ink: Colour, paper: Colour) -> bool:
    """Whether a person can tell text in `ink` from the `paper` under it."""
    if ink is HIDDEN_INK:
        return False
    differences = (abs(ink[0] - paper[0]), abs(ink[1] - paper[1]), abs(ink[2] - paper[2]))
    return max(differences) > _CLOSE


def _from_hex(digits: str) -> tuple[Colour, float]:
    if len(digits) < 6:  # noqa: PLR2004 -- #rgb and #rgba double each digit
        digits = "".join(digit * 2 for digit in digits)
    number = int(digits[:6], 16)
    return (number >> 16, number >> 8 & 255, number & 255), int(digits[6:] or "ff", 16) / 255


def _from_parts(match: re.Match[str]) -> tuple[Colour, float]:
    red, green, blue = (round(_number(match.group(n), 255.0)) for n in (1, 2, 3))
    return (red, green, blue), _number(match.group(4) or "1", 1.0)


def _from_hue(match: re.Match[str]) -> tuple[Colour, float]:
    hue, saturation, lightness = (
        min(_number(match.group(n), 1.0), most) for n, most in ((1, 360), (2, 100), (3, 100))
    )
    red, green, blue = (round(255 * part) for part in hls_to_rgb(hue / 360, lightness / 100, saturation / 100))
    return (red, green, blue), _number(match.group(4) or "1", 1.0)


def _number(text: str, whole: float) -> float:
    digits = text.rstrip("%")
    if digits.count(".") > 1 or not digits.strip("."):
        return 0.0
    return float(digits) * whole / 100 if text.endswith("%") else float(digits)
