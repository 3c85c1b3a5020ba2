"""Finds the links of a message and says which one signs in, verifies, confirms or resets."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from core.extract.context import Scene
from core.extract.words import NOTHING, Names
from core.message import Link

LIMIT = 300
_URL = re.compile(r"(?i:https?://)[!#-;=?-~à-ɏЀ-ӿ]{3,4000}")
_SCHEMELESS = re.compile(
    r"(?<![\w.@/:-])(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,15}/[!#-;=?-~]{2,500}"
)
_WRAPPED = re.compile(r"<\s?(https?://[!#-;=?-~]{20,1000}(?:\n[!#-;=?-~]{1,1000}){1,6})>")
_TAIL = ".,;:!?'*»”’"
_REFUSED = re.compile(r"[\\\x00-\x20\x7f]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """One place where a link stands: offsets in the given text, the words of its label, the words around."""

    href: str = field(repr=False)
    start: int
    end: int
    label: str = field(repr=False)
    names: Names
    around: Names
    near: Names
    anchored: bool


def is_allowed(href: str) -> bool:
    """Whether a link may be handed out: http or https, a host, no user part, no character that browsers read otherwise."""
    if _REFUSED.search(href):
        return False
    try:
        parts = urlsplit(href if "://" in href[:8] else f"https://{href}")
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


def _trim(url: str) -> str:
    """A URL without the punctuation of the sentence around it."""
    url = url.rstrip(_TAIL)
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(_TAIL)
    while url.endswith("]") and url.count("]") > url.count("["):
        url = url[:-1].rstrip(_TAIL)
    return url


def _bare(text: str) -> list[tuple[int, int, str]]:
    """Every URL that stands in a text, with its place and its value; wrapped ones are joined."""
    found = [(m.start(1), m.end(1), m.group(1).replace("\n", "")) for m in _WRAPPED.finditer(text)]
    taken = {start for start, _, _ in found}
    for pattern in (_URL, _SCHEMELESS):
        for match in pattern.finditer(text):
            url = _trim(match.group())
            if match.start() not in taken and not any(s <= match.start() < e for s, e, _ in found):
                found.append((match.start(), match.start() + len(url), url))
    return sorted(found)[:LIMIT]


def _spot(scene: Scene, href: str, span: tuple[int, int], label: str | None, aside: Names) -> Spot:
    start, end = scene.folded.at(span[0]), scene.folded.at(span[1])
    sight = scene.sight(start, max(start, end), aside)
    return Spot(
        href=href,
        start=span[0],
        end=span[1],
        label=label or "",
        names=scene.names_in(start, end) if label is not None else NOTHING,
        around=sight.sentence,
        near=sight.near,
        anchored=label is not None,
    )


def find(scene: Scene, anchors: tuple[Link, ...], aside: Names) -> list[Spot]:
    """Every allowed link of a text: its anchors, then the URLs that stand bare in it."""
    spots = [
        _spot(scene, link.href, (link.start, link.end), link.label, aside)
        for link in anchors[:LIMIT]
        if is_allowed(link.href)
    ]
    spots += [
        _spot(scene, url, (start, end), None, aside) for start, end, url in _bare(scene.folded.given) if is_allowed(url)
    ]
    return spots


def address_words(href: str) -> tuple[str, str, str]:
    """A link's host, path and query, lower case, percent signs decoded."""
    parts = urlsplit(href if "://" in href[:8] else f"https://{href}")
    query = unquote(parts.query + " " + parts.fragment).lower().strip()
    return (parts.hostname or "").lower(), unquote(parts.path).lower(), query
