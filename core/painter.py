"""Writes down the visible text of a page as the HTML parser reads it."""

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple
from urllib.parse import urljoin

from core.colours import BLACK, WHITE, Colour, shows
from core.message import Link
from core.styles import PLAIN, Look, Shape, Sheet

_MOST_LINKS = 5_000
_SPACES = re.compile("[\t\n\r\f\v\xa0][ \t\n\r\f\v\xa0]*| [ \t\n\r\f\v\xa0]+")
_LINE_END = re.compile("\r\n?|\n")
_SPECK = re.compile(r"\s*[0-3](?:\.\d*)?\s*(?:px)?\s*")

_UNSEEN = frozenset(
    "script style title template noscript iframe noframes noembed datalist object audio video canvas xml".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre "
    "section summary table tbody tfoot thead tr ul".split()
)
_CELLS = frozenset({"td", "th", "button"})
_KEEPING_LINES = frozenset({"pre", "xmp", "textarea", "listing", "plaintext"})
_TYPED = frozenset({"", "text", "button", "submit", "reset", "email", "number", "tel", "url", "search"})


class _Gap(IntEnum):
    """What separates the next text from the one before."""

    NONE = 0
    SPACE = 1
    CELL = 2
    """A space that the start of a block does not widen."""
    LINE = 3


class _Light(NamedTuple):
    """What an element inherits that decides whether its text is seen."""

    gone: bool = False
    visible: bool = True
    tiny: bool = False
    ink: Colour = BLACK
    paper: Colour = WHITE
    keeps_lines: bool = False

    def under(self, look: Look) -> "_Light":
        """The light inside an element of that look."""
        return _Light(
            self.gone or look.gone,
            self.visible if look.visible is None else look.visible,
            self.tiny if look.tiny is None else look.tiny,
            look.ink or self.ink,
            look.paper or self.paper,
            self.keeps_lines if look.keeps_lines is None else look.keeps_lines,
        )

    def shows_pictures(self) -> bool:
        return self.visible and not self.gone

    def shows_text(self) -> bool:
        return self.visible and not (self.gone or self.tiny) and shows(self.ink, self.paper)


class _Anchor:
    """An `<a href>`: where its label stands, and whether anything of it was seen."""

    __slots__ = ("end", "href", "seen", "start")

    def __init__(self, href: str) -> None:
        self.href = href
        self.start = self.end = -1
        self.seen = False


class _Frame:
    """An open element."""

    __slots__ = ("anchor", "beside", "lays_row", "light", "lines", "shape", "shown", "start", "tag")

    def __init__(self, tag: str, light: _Light, shape: Shape) -> None:
        self.tag = tag
        self.light = light
        self.shown = light.shows_text()
        self.shape = shape
        self.lays_row = False
        self.anchor: _Anchor | None = None
        self.beside = False
        """The last child was a cell of one line."""
        self.start = self.lines = 0


class Painter:
    """What lxml calls a parser target: told of each tag and text, it keeps what a person would see.

    `late_rules` says that a `<style>` came after some text.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.late_rules = False
        self._frames = [_Frame("", _Light(), Shape.BLOCK)]
        self._heard: list[str] = []
        self._written: list[str] = []
        self._length = self._lines = 0
        self._gap = _Gap.NONE
        self._base = ""
        self._open: list[_Anchor] = []
        self._anchors: list[_Anchor] = []

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return len(self._frames)

    def text(self) -> str:
        """The visible text so far, a line per block."""
        return "".join(self._written)

    def links(self) -> tuple[Link, ...]:
        """The anchors of which something is seen, in the order of their start tags."""
        text = self.text()
        return tuple(
            Link(label=text[a.start : a.end], href=a.href, start=a.start, end=a.end)
            for a in self._anchors
            if a.seen
        )

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        self._flush()
        parent = self._frames[-1]
        look = self.sheet.look(tag, attributes)
        frame = _Frame(tag, parent.light if look is PLAIN else parent.light.under(look), Shape.NATURAL)
        self._frames.append(frame)
        if tag in _UNSEEN:
            frame.light = frame.light._replace(gone=True)
            frame.shown = False
        elif tag in _KEEPING_LINES and look.keeps_lines is None:
            frame.light = frame.light._replace(keeps_lines=True)
        frame.lays_row = look.lays_row
        frame.shape = _shape(tag, look.shape, in_row=parent.lays_row)
        if frame.light.shows_pictures():
            self._enter(frame, parent)
            self._special(frame, attributes)

    def data(self, text: str) -> None:
        """A piece of text, or of what a `<style>` holds."""
        self._heard.append(text)

    def end(self, tag: str) -> None:  # noqa: ARG002 -- lxml's signature; its calls are balanced
        """The innermost open element closes."""
        self._flush()
        frame = self._frames.pop()
        if frame.anchor:
            self._close(frame.anchor)
        if not frame.light.shows_pictures():
            return
        if frame.shape is Shape.BLOCK:
            self._break()
        elif frame.shape is Shape.CELL:
            self._frames[-1].beside = self._lines <= frame.lines
            self._gap = _Gap.SPACE if self._gap is _Gap.CELL else self._gap

    def close(self) -> None:
        """The document ends."""
        self._flush()

    def _enter(self, frame: _Frame, parent: _Frame) -> None:
        """Make room for an element according to how it stands among its neighbours."""
        if frame.shape is Shape.BLOCK:
            self._break()
            parent.beside = False
        elif frame.shape is Shape.CELL and self._length > parent.start:
            self._gap = _Gap.CELL if parent.beside else _Gap.LINE
        frame.start = self._length
        frame.lines = self._lines + (self._gap is _Gap.LINE and self._length > 0)

    def _special(self, frame: _Frame, attributes: Mapping[str, str]) -> None:
        tag = frame.tag
        if tag == "br":
            self._gap = _Gap.LINE
            self._frames[-2].beside = False
        elif tag in {"a", "area"} and "href" in attributes:
            self._anchor(frame, attributes)
        elif tag == "img":
            self._picture(attributes)
        elif tag == "input" and frame.shown:
            self._input(attributes)
        elif tag == "base" and not self._base:
            self._base = attributes.get("href", "").strip()

    def _anchor(self, frame: _Frame, attributes: Mapping[str, str]) -> None:
        if len(self._anchors) >= _MOST_LINKS:
            return
        frame.anchor = _Anchor(_resolved(self._base, attributes["href"].strip(" \t\n\r\f\v")))
        # A ground of its own makes an anchor without text a button.
        frame.anchor.seen = frame.tag == "area" or "background" in attributes.get("style", "")
        self._open.append(frame.anchor)
        self._anchors.append(frame.anchor)

    def _picture(self, attributes: Mapping[str, str]) -> None:
        if any(_SPECK.fullmatch(attributes.get(side, "")) for side in ("width", "height")):
            return
        for anchor in self._open:
            anchor.seen = True
        self._apart(attributes.get("alt", ""))

    def _input(self, attributes: Mapping[str, str]) -> None:
        if attributes.get("type", "").lower() in _TYPED:
            self._apart(attributes.get("value", ""))

    def _close(self, anchor: _Anchor) -> None:
        self._open.remove(anchor)
        if anchor.start < 0:
            anchor.start = self._length
        anchor.end = self._length

    def _break(self) -> None:
        if self._gap is not _Gap.CELL:
            self._gap = _Gap.LINE

    def _flush(self) -> None:
        if not self._heard:
            return
        text = "".join(self._heard)
        self._heard.clear()
        frame = self._frames[-1]
        if frame.tag == "style":
            self.late_rules |= self.sheet.add(text) and self._length > 0
        elif frame.shown and frame.light.keeps_lines:
            self._write_lines(text)
        elif frame.shown:
            self._write(_SPACES.sub(" ", text))

    def _write_lines(self, text: str) -> None:
        for index, line in enumerate(_LINE_END.split(text)):
            if index:
                self._gap = _Gap.LINE
            self._write(_SPACES.sub(" ", line))

    def _apart(self, text: str) -> None:
        """Write text that stands apart from its neighbours."""
        words = " ".join(text.split())
        if words:
            self._write(f" {words} ")

    def _write(self, text: str) -> None:
        """Write text whose runs of white space are single spaces."""
        words = text.strip(" ")
        if text[:1] == " ":
            self._gap = max(self._gap, _Gap.SPACE)
        if not words:
            return
        if self._gap and self._length:
            self._written.append("\n" if self._gap is _Gap.LINE else " ")
            self._lines += self._gap is _Gap.LINE
            self._length += 1
        for anchor in self._open:
            anchor.seen = True
            if anchor.start < 0:
                anchor.start = self._length
        self._written.append(words)
        self._length += len(words)
        self._gap = _Gap.SPACE if text[-1] == " " else _Gap.NONE


def _shape(tag: str, asked: Shape, *, in_row: bool) -> Shape:
    natural = Shape.BLOCK if tag in _BLOCKS else Shape.CELL if tag in _CELLS else Shape.INLINE
    if asked is Shape.IN_LINE:
        return Shape.CELL if natural is Shape.BLOCK else natural
    shape = natural if asked is Shape.NATURAL else asked
    return Shape.CELL if in_row and shape is Shape.BLOCK else shape


def _resolved(base: str, href: str) -> str:
    """The href against `<base href>`, where there is one and the href is relative; else exactly as written."""
    if not base or re.match(r"[a-z][a-z0-9+.-]*:", href, re.IGNORECASE):
        return href
    try:
        return urljoin(base, href)
    except ValueError:
        return href
