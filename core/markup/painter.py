"""Writes down the visible text of a page as the HTML parser reads it."""

import re
from collections.abc import Mapping
from inspect import signature
from urllib.parse import urljoin

from core.markup.frames import Anchor, Frame
from core.markup.looks import Light, Look, Shape, light_inside
from core.markup.styles import Sheet
from core.message import Link

_MOST_LINKS, _LONGEST_BASE = 5_000, 500  # each link repeats the base
_LINE_END = re.compile("\r\n?|\n")
_SPECK = re.compile(r"\s*[0-3](?:\.\d*)?\s*(?:px)?\s*")
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ASCII_BLANKS = " \t\n\r\f\v"
_BLANKS = " \t\n\r\f\v\xa0"

_SPECIAL = frozenset({"a", "area", "base", "br", "img", "input"})
_TYPED = frozenset({"", "text", "button", "submit", "reset", "email", "number", "tel", "url", "search"})

_PAGE, _DAYLIGHT = Look(shape=Shape.BLOCK), Light()
_INLINE, _BLOCK, _BESIDE = Shape.INLINE, Shape.BLOCK, Shape.CELL  # asked of each element: a name costs less

# What separates the next text from the one before; a cell's space is not widened by a block's start.
_NOTHING, _SPACE, _CELL, _LINE = range(4)


class Painter:
    """What lxml calls a parser target: told of each tag and text, it keeps what a person would see.

    `late_rules` says that a `<style>` came after something that it meets.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._look = sheet.look
        self.late_rules = False
        self._frames = [Frame("", _PAGE, _DAYLIGHT)]
        self._heard: list[str] = []
        self.data = self._heard.append
        """A piece of text, or of what a `<style>` holds."""
        self._written: list[str] = []
        self._length = self._lines = 0
        self._gap = _NOTHING
        self._base = ""
        self._empty: list[Frame] = []  # cells, still open, that nothing was written in
        self._open: list[Anchor] = []
        self._anchors: list[Anchor] = []

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return len(self._frames)

    def text(self) -> str:
        """The visible text so far, a line per block."""
        return "".join(self._written)

    def links(self, text: str) -> tuple[Link, ...]:
        """The anchors of which something is seen in that visible text, in the order of their start tags."""
        seen = [anchor for anchor in self._anchors if anchor.seen]
        return tuple([Link(label=text[a.start : a.end], href=a.href, start=a.start, end=a.end) for a in seen])

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        frames = self._frames
        parent = frames[-1]
        look = self._look(tag, attributes)
        light = parent.light if look.leaves_light else light_inside(parent.light, look)
        frame = Frame(tag, look, light)
        frames.append(frame)
        if look.is_quiet and tag not in _SPECIAL:
            frame.is_quiet = True
            return
        if self._heard:
            self._flush(parent)
        if light.shows_pictures:
            if look.shape is not _INLINE:
                self._enter(frame, parent)
            if tag in _SPECIAL:
                self._treat(frame, attributes)

    def end(self, tag: str) -> None:  # noqa: ARG002 -- lxml's signature; its calls are balanced
        """The innermost open element closes."""
        frame = self._frames.pop()
        if frame.is_quiet:
            return
        if self._heard:
            self._flush(frame)
        if frame.anchor:
            self._close(frame.anchor)
        shape = frame.shape
        if shape is not _INLINE and frame.light.shows_pictures:
            if shape is _BESIDE:
                self._leave_cell(frame)
            elif self._gap != _CELL:
                self._gap = _LINE

    def close(self) -> None:
        """The document ends."""
        if self._heard:
            self._flush(self._frames[-1])

    def _enter(self, frame: Frame, parent: Frame) -> None:
        """Make room for an element that is not inline."""
        if parent.look.lays_row:
            frame.shape = _BESIDE
        elif frame.shape is _BLOCK:
            if self._gap != _CELL:
                self._gap = _LINE
            parent.beside = None
            return
        self._empty.append(frame)
        if parent.beside is not None:
            frame.beside_last = parent.beside
            self._gap = _CELL if parent.beside else _LINE

    def _leave_cell(self, frame: Frame) -> None:
        if self._empty and self._empty[-1] is frame:
            self._empty.pop()
        else:
            self._frames[-1].beside = self._lines == frame.line
        if frame.beside_last and self._gap == _CELL:
            self._gap = _SPACE

    def _treat(self, frame: Frame, attributes: Mapping[str, str]) -> None:
        """Do what the tag asks for beyond its look."""
        match frame.tag:
            case "a" | "area":
                self._anchor(frame, attributes)
            case "img":
                self._picture(attributes)
            case "br":
                self._break_line()
            case "input":
                self._input(frame, attributes)
            case "base" if not self._base:
                self._base = attributes.get("href", "").strip(_ASCII_BLANKS)

    def _break_line(self) -> None:
        if self._gap != _CELL:
            self._gap = _LINE
        self._frames[-2].beside = None

    def _anchor(self, frame: Frame, attributes: Mapping[str, str]) -> None:
        if "href" not in attributes or len(self._anchors) >= _MOST_LINKS:
            return
        frame.anchor = Anchor(self._resolved(attributes["href"].strip(_ASCII_BLANKS)))
        # An area is part of a picture; an anchor with a ground of its own is a button even without text.
        painted = frame.light.shows_text and "background" in attributes.get("style", "")
        frame.anchor.seen = painted or frame.tag == "area"
        self._open.append(frame.anchor)
        self._anchors.append(frame.anchor)

    def _resolved(self, href: str) -> str:
        """The href against a `<base>` of usual length, where the href is relative; else exactly as written."""
        if not 0 < len(self._base) <= _LONGEST_BASE or _ABSOLUTE.match(href):
            return href
        try:
            return urljoin(self._base, href)
        except ValueError:
            return href

    def _picture(self, attributes: Mapping[str, str]) -> None:
        if _SPECK.fullmatch(attributes.get("width", "")) or _SPECK.fullmatch(attributes.get("height", "")):
            return
        for anchor in self._open:
            anchor.seen = True
        self._write_apart(attributes.get("alt", ""))

    def _input(self, frame: Frame, attributes: Mapping[str, str]) -> None:
        if frame.light.shows_text and attributes.get("type", "").lower() in _TYPED:
            self._write_apart(attributes.get("value", ""))

    def _close(self, anchor: Anchor) -> None:
        self._open.remove(anchor)
        if anchor.start < 0:
            anchor.start = self._length
        anchor.end = self._length

    def _flush(self, frame: Frame) -> None:
        """Take in what was heard inside an element."""
        text = "".join(self._heard)
        self._heard.clear()
        if self._gap > _SPACE and text.isspace() and text.isascii():
            return  # most of a table's text: blanks, where something wider separates already
        if frame.light.shows_text:
            if frame.light.keeps_lines:
                self._write_lines(text)
            else:
                self._write(text)
        elif frame.tag == "style":
            self.late_rules |= self.sheet.add(text)

    def _write_lines(self, text: str) -> None:
        for index, line in enumerate(_LINE_END.split(text)):
            if index and self._gap != _CELL:
                self._gap = _LINE
            if line:
                self._write(line)

    def _write_apart(self, text: str) -> None:
        """Write text that stands apart from its neighbours."""
        self._write(f" {text} ")

    def _write(self, text: str) -> None:
        """Put text at the end, its runs of white space collapsed, after what separates it from the last."""
        if text.isascii():
            words = " ".join(text.split())
        else:  # str.split would take thin spaces for white space too, and lose them
            words = b" ".join(text.replace("\xa0", " ").encode().split()).decode()
        if not self._gap and text[:1] in _BLANKS:
            self._gap = _SPACE
        if not words:
            return
        if self._gap and self._length:
            self._written.append("\n" if self._gap == _LINE else " ")
            self._lines += self._gap == _LINE
            self._length += 1
        while self._empty:
            self._empty.pop().line = self._lines
        for anchor in self._open:
            anchor.show(self._length)
        self._written.append(words)
        self._length += len(words)
        self._gap = _SPACE if text[-1] in _BLANKS else _NOTHING


# lxml asks for it at every parse, and finding it out takes as long as a tenth of a small page.
Painter.start.__signature__ = signature(Painter.start)  # type: ignore[attr-defined]
