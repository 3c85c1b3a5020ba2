"""Finds the links of a message and says which one signs in, verifies, confirms or resets."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from operator import itemgetter
from urllib.parse import unquote, urlsplit

from core.extract.alternatives import any_of
from core.extract.context import Scene
from core.extract.folding import plain
from core.extract.spoken import NOTHING, Names
from core.message import Link

LIMIT = 300
_URL = re.compile(r"(?i:https?://)[!#-;=?-~à-ɏЀ-ӿ]{3,4000}")
_DOMAIN_END = re.compile(r"\.[A-Za-z]{2,15}/")
_SCHEMELESS = re.compile(r"(?<![\w.@/:-])(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,15}/[!#-;=?-~]{2,500}")
_WRAPPED = re.compile(r"<\s?(https?://[!#-;=?-~]{20,1000}(?:\n[!#-;=?-~]{1,1000}){1,6})>")
_SIGNING_IN = r"""
verif\w{0,8} confirm\w{0,8} activat\w{0,6} validat\w{0,6} auth\w{0,12} log-?in\w{0,4} sign-?in\w{0,4} sign-?up
magic\w{0,8} passwordless reset\w{0,10} otp otl token ott onetime one-time once session\w{0,2} callback enroll?
register\w{0,4} invit\w{0,8} recover\w{0,4} set-?password change-?password password welcome
email-?confirm\w{0,8} unlock
"""
SIGNS_IN = re.compile(rf"[^a-z](?:{any_of(_SIGNING_IN.split())})(?![a-z])")
"""Words of addresses that sign in, verify, confirm or reset; of a lower-case address with a space before it."""
_TELLING = frozenset({"verify", "login", "reset"})
_BESIDE = 40
_LONGEST_LABEL = 1000
"""Characters of a label that are looked at: anchors may stand in anchors, and each repeats what it holds."""
_TAIL = ".,;:!?'*»”’"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:(?![0-9]{1,5}(?:/|$))")
"""A scheme, and not a host with a port."""
_REFUSED = re.compile(r"[\\\x00-\x20\x7f]")


# Spots are not frozen: a mail may have hundreds, and freezing doubles the cost of each.
@dataclass(kw_only=True, slots=True, eq=False)
class Spot:
    """One place where a link stands: offsets in the given text, the words of its label, the words around."""

    href: str = field(repr=False)
    start: int
    end: int
    plain: tuple[int, int]
    """Its offsets in the folded text."""
    line: tuple[int, int]
    """Those of its line."""
    label: str = field(repr=False)
    """As texts are compared, without the space around it."""
    names: Names
    around: Names
    near: Names
    before: Names
    """Of the words right before it, on its own line."""
    anchored: bool
    quoted: bool
    """Below the line where older mail is quoted."""


def is_allowed(href: str) -> bool:
    """Whether a link may be handed out: http or https, a host, no user part, nothing that browsers misread."""
    if _REFUSED.search(href):
        return False
    try:
        parts = urlsplit(href if _SCHEME.match(href) else f"https://{href}")
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
    patterns = [_URL] if "://" in text else []
    patterns += [_SCHEMELESS] if _DOMAIN_END.search(text) else []
    found = [
        (m.start(1), m.end(1), m.group(1).replace("\n", "")) for m in (_WRAPPED.finditer(text) if patterns else ())
    ]
    for pattern in patterns:  # no two matches of one pattern share a character
        known = sorted(found)
        for match in pattern.finditer(text):
            url = _trim(match.group())
            if _over(known, match.start()) is None:
                found.append((match.start(), match.start() + len(url), url))
    return sorted(found)


def _over(places: list[tuple[int, int, str]], at: int) -> str | None:
    """The address of the last of some places, in order, to begin at `at` or before; None where it ends before."""
    index = bisect_right(places, at, key=itemgetter(0)) - 1
    return places[index][2] if index >= 0 and at < places[index][1] else None


def _spot(scene: Scene, href: str, span: tuple[int, int], label: str | None, aside: Names) -> Spot:
    start, end = scene.folded.at(span[0]), scene.folded.at(span[1])
    line = scene.line(start, end)
    around, near = scene.around(start, end, line, aside)
    return Spot(
        href=href,
        start=span[0],
        end=span[1],
        plain=(start, end),
        line=line,
        label=plain(label[:_LONGEST_LABEL]).strip() if label else "",
        names=scene.names_in(start, end) if label is not None else NOTHING,
        around=around,
        near=near,
        before=scene.names_in(max(line[0], start - _BESIDE), start),
        anchored=label is not None,
        quoted=scene.is_quoted(start),
    )


def _is_label_of_another(labels: list[tuple[int, int, str]], at: int, url: str) -> bool:
    """Whether a URL stands in the label of an anchor that leads elsewhere, as a shortened one does."""
    return _over(labels, at) not in {None, url}


def find(scene: Scene, anchors: tuple[Link, ...], aside: Names) -> list[Spot]:
    """Every allowed link of a text: its anchors, then the URLs that stand bare in it.

    Of more than `LIMIT`, those are kept whose label or address speaks of signing in.
    """
    places: list[tuple[str, tuple[int, int], str | None]] = [
        (link.href, (link.start, link.end), link.label) for link in anchors if is_allowed(link.href)
    ]
    labels = sorted((link.start, link.end, link.href) for link in anchors)
    places += [
        (url, (start, end), None)
        for start, end, url in _bare(scene.folded.given)
        if is_allowed(url) and not _is_label_of_another(labels, start, url)
    ]
    if len(places) > LIMIT:
        places.sort(key=lambda place: not _speaks(scene, *place))
    return [_spot(scene, href, span, label, aside) for href, span, label in places[:LIMIT]]


def _speaks(scene: Scene, href: str, span: tuple[int, int], label: str | None) -> bool:
    names = scene.names_in(scene.folded.at(span[0]), scene.folded.at(span[1])) if label else NOTHING
    return not names.isdisjoint(_TELLING) or SIGNS_IN.search(f" {href.lower()}") is not None


def address_words(href: str) -> tuple[str, str, str]:
    """A link's host, path and query, lower case, percent signs decoded."""
    parts = urlsplit(href if "://" in href[:8] else f"https://{href}")
    query = unquote(parts.query + " " + parts.fragment).lower().strip()
    return (parts.hostname or "").lower(), unquote(parts.path).lower(), query
