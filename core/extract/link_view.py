"""What scoring sees of one link: all its places, its labels, its address."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from operator import itemgetter
from string import ascii_lowercase, ascii_uppercase, digits
from urllib.parse import unquote

from core.extract import words
from core.extract.links import SIGNS_IN, Spot, address_words
from core.extract.spoken import NOTHING, Names

_STRONG_TOKEN = re.compile(r"[A-Za-z0-9_~.-]{16,}")
_SIGNS = f"{digits}{ascii_uppercase}{ascii_lowercase}".encode()
_CLASSES = bytes.maketrans(_SIGNS, b"0" * 10 + b"A" * 26 + b"a" * 26)
_CHANGES = tuple(map(bytes, permutations(b"0Aa", 2)))
_TINY_TOKEN = re.compile(
    r"(?<=[/= ])(?=[A-Za-z]{0,2}[0-9])(?=[0-9]{0,2}[A-Za-z])(?!v[0-9])[A-Za-z0-9]{2,3}(?![\w-])"
)
_PATH_WORD = re.compile(r"[a-z]{4,20}")
_PATH_WORDS = 8
_WEAK_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{4,}(?![A-Za-z0-9_-])")
_COUNTING = re.compile(r"([?&;])(?:utm_[a-z]{1,20}|mc_[a-z]{2,5}|[a-z]{1,4}clid|_hs[a-z]{1,6})=[^&#]*")
_NAMED = re.compile(
    r"~[\w.-]{1,60}|(?<=[?&;])[\w.-]{1,60}=(?=[^=&#])"
    r"|(?<![A-Za-z0-9_-])[A-Za-z_-]{1,60}[0-9]{0,4}\.(?:s?html?|aspx?|php[0-9]?|jspx?|cgi|cfm|pl)(?![A-Za-z0-9])"
)
"""Of an address a person's folder, names of parameters, and that of a page, as in `/~ann7/index2.html?ref1=`."""
_SAYING = frozenset({"verify", "login", "reset", "notme", "aside"})


# Link views are not frozen: a mail may have hundreds of links, and freezing doubles the cost of each.
@dataclass(kw_only=True, slots=True, eq=False)
class LinkView:
    """All that scoring may look at for one link: every spot of the same href together."""

    spots: tuple[Spot, ...]
    host: str
    path: str
    query: str
    address: str
    """Path and query, a space before each."""
    marks: frozenset[str]
    about: Names
    """The word classes of the subject."""
    label_names: Names
    """The word classes of its labels."""
    around_names: Names
    """Those of the sentences around it, where its own label does not say what it does."""
    near_names: Names
    """Those of all that stands near."""
    before_names: Names
    """Those of the words right before it."""
    address_names: Names
    """What the words of its path mean in whatever language."""
    says_to_sign_in: bool
    """Whether its address says verify, sign in, reset or the like."""
    has_strong_token: bool
    """Whether something long and random stands in it."""
    short_tokens: tuple[str, ...]
    """Where nothing long and random stands in it: what is no plain word."""


@dataclass(frozen=True, slots=True)
class LinkFeature:
    """One fixed phrase, and when it holds; its weight is in `weights`."""

    name: str
    holds: Callable[[LinkView], object]


def view_of(spots: tuple[Spot, ...], marks: frozenset[str], about: Names) -> LinkView:
    """Gather what is known of one href."""
    host, path, query = address_words(spots[0].href)
    address = f" {path} {query}"
    tail = _tail(spots[0].href)
    has_strong_token = any(map(_is_random, _STRONG_TOKEN.findall(tail)))
    return LinkView(
        spots=spots,
        host=host,
        path=path,
        query=query,
        address=address,
        marks=marks,
        about=about,
        label_names=_all([spot.names for spot in spots if spot.anchored]),
        around_names=_all([spot.around for spot in spots if spot.names.isdisjoint(_SAYING)]),
        near_names=_all([spot.near for spot in spots]),
        before_names=_all([spot.before for spot in spots]),
        address_names=NOTHING.union(*map(words.lexicon().classes, _PATH_WORD.findall(path)[:_PATH_WORDS])),
        says_to_sign_in=SIGNS_IN.search(address) is not None,
        has_strong_token=has_strong_token,
        short_tokens=() if has_strong_token else _short_tokens(tail),
    )


def _all(names: list[Names]) -> Names:
    return names[0] if len(names) == 1 else NOTHING.union(*names)


def _tail(href: str) -> str:
    """What stands after the host, percent signs decoded, without names and what only counts who clicked."""
    written = unquote(href.split("://", 1)[-1].partition("/")[2])
    return _NAMED.sub(" ", _COUNTING.sub(itemgetter(1), written))


def _short_tokens(tail: str) -> tuple[str, ...]:
    found = _WEAK_TOKEN.findall(tail)
    odd = [m for m in found if any(map(str.isdigit, m)) or (m != m.lower() and m != m.title())]
    return tuple(odd + _TINY_TOKEN.findall(tail))


def _is_random(text: str) -> bool:
    """Letters of either case and digits changing places often, as in a random token and not in dashed words."""
    classes = text.encode().translate(_CLASSES)
    return sum(map(classes.count, _CHANGES)) * 5 >= len(text)
