"""HTML to the text a person would see, and its links."""

import re
from dataclasses import dataclass, field
from typing import Any, cast

from lxml import etree

from core.markup.painter import Painter
from core.markup.styles import Sheet
from core.message import Link

LONGEST = 256 * 1024
"""Characters of HTML that are read."""
_LONGEST_SHEET = 32 * 1024
_DEEPEST = 3_000
_CHUNK = 16 * 1024
_DATA_URI = re.compile(r"data:[^\"'\s<>]{1000,}")
_SHEET_ENDS = re.compile("</style", re.IGNORECASE)
_SHEET_BEGINS = re.compile("<style", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Page:
    """The visible text of an HTML body, a line per block, and its anchors with their place in that text."""

    text: str = field(repr=False)
    links: tuple[Link, ...] = field(default=(), repr=False)


def render(html: str) -> Page:
    """Render at most 256 KB of HTML, pictures and long style sheets inside it not counted.

    Hidden elements are left out (FACTS 24).
    """
    if len(html) > LONGEST:
        html = _with_short_sheets(_DATA_URI.sub("data:", html.replace("\r\n", "\n")))[:LONGEST]
    html = html.replace("\0", " ")
    painter = _paint(html, Sheet())
    if painter.late_rules:  # a <style> stood below something that it may hide
        painter = _paint(html, painter.sheet)
    text = painter.text()
    return Page(text=text, links=painter.links(text))


def _with_short_sheets(html: str) -> str:
    """The start of each style sheet is enough to know what its first rules hide."""
    kept, at = [], 0
    while (opened := _SHEET_BEGINS.search(html, at)) and (closed := _SHEET_ENDS.search(html, opened.end())):
        kept.append(html[at : min(closed.start(), opened.start() + _LONGEST_SHEET)])
        at = closed.start()
    return "".join([*kept, html[at:]])


def _paint(html: str, sheet: Sheet) -> Painter:
    """A painter that lxml has told of each tag and text; no tree is built, so nothing nests (FACTS 21)."""
    painter = Painter(sheet)
    parser = etree.HTMLParser(target=cast("Any", painter), encoding="utf-8", no_network=True, huge_tree=False)
    try:
        for start in range(0, len(html), _CHUNK):
            parser.feed(html[start : start + _CHUNK].encode("utf-8", "replace"))
            if painter.depth > _DEEPEST:
                break  # an end tag without a start costs libxml2 a walk over all open elements
        parser.close()
    except etree.LxmlError:
        pass  # there was no element in it: what was painted stands
    return painter
