"""What scoring sees of one link: all its places, its labels, its address."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from core.extract import words
from core.extract.links import GOOD_PATH, Spot, address_words
from core.extract.words import NOTHING, Names

_STRONG_TOKEN = re.compile(r"[A-Za-z0-9_~.-]{16,}")
_RUN, _BLOCK = re.compile("[0-9]+|[A-Z]+|[a-z]+"), re.compile("[0-9A-Za-z]+")
_TINY_TOKEN = re.compile(
    r"(?<=[/=])(?=[A-Za-z]{0,2}[0-9])(?=[0-9]{0,2}[A-Za-z])(?!v[0-9])[A-Za-z0-9]{2,3}(?![\w-])"
)
_PATH_WORD = re.compile(r"[a-z]{4,20}")
_PATH_WORDS = 8
_WEAK_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{4,}(?![A-Za-z0-9_-])")
_COUNTING = re.compile(r"(?<=[?&;])(?:utm_[a-z]{1,20}|mc_[a-z]{2,5}|[a-z]{1,4}clid|_hs[a-z]{1,6})=[^&#]*")
_SAYING = frozenset({"verify", "login", "reset", "notme", "aside"})


@dataclass(frozen=True, kw_only=True)
class LinkView:
    """All that scoring may look at for one link: every spot of the same href together."""

    spots: tuple[Spot, ...]
    host: str
    path: str
    query: str
    marks: frozenset[str]
    about: Names
    """The word classes of the subject."""

    @property
    def href(self) -> str:
        """The link itself."""
        return self.spots[0].href

    @cached_property
    def label_names(self) -> Names:
        """The word classes of its labels."""
        return NOTHING.union(*(spot.names for spot in self.spots if spot.anchored))

    @cached_property
    def around_names(self) -> Names:
        """Those of the sentences around it, where its own label does not say what it does."""
        return NOTHING.union(*(spot.around for spot in self.spots if spot.names.isdisjoint(_SAYING)))

    @cached_property
    def near_names(self) -> Names:
        """Those of all that stands near."""
        return NOTHING.union(*(spot.near for spot in self.spots))

    @cached_property
    def before_names(self) -> Names:
        """Those of the words right before it."""
        return NOTHING.union(*(spot.before for spot in self.spots))

    @cached_property
    def says_to_sign_in(self) -> bool:
        """Whether its address says verify, sign in, reset or the like."""
        return GOOD_PATH.search(f"{self.path} {self.query}") is not None

    @cached_property
    def has_strong_token(self) -> bool:
        """Whether something long and random stands in it: several features ask."""
        return any(_is_random(match) for match in _STRONG_TOKEN.findall(_tail(self.href)))

    @cached_property
    def short_tokens(self) -> tuple[str, ...]:
        """Where nothing long and random stands in it: what is no plain word."""
        if self.has_strong_token:
            return ()
        found = _WEAK_TOKEN.findall(_tail(self.href))
        odd = [m for m in found if any(c.isdigit() for c in m) or (m != m.lower() and m != m.title())]
        return tuple(odd + _TINY_TOKEN.findall(_tail(self.href)))

    @cached_property
    def address_names(self) -> frozenset[str]:
        """What the words of its path mean in whatever language."""
        found = [words.lexicon().look_up(word) for word in _PATH_WORD.findall(self.path)[:_PATH_WORDS]]
        return frozenset(meaning.name for word in found for meaning in word.meanings)


@dataclass(frozen=True, slots=True)
class LinkFeature:
    """One fixed phrase, and when it holds; its weight is in `weights`."""

    name: str
    holds: Callable[[LinkView], object]


def view_of(spots: tuple[Spot, ...], marks: frozenset[str], about: Names) -> LinkView:
    """Gather what is known of one href."""
    host, path, query = address_words(spots[0].href)
    return LinkView(spots=spots, host=host, path=path, query=query, marks=marks, about=about)


def _tail(href: str) -> str:
    """What stands after the host, without what only counts who clicked."""
    return _COUNTING.sub("", href.split("://", 1)[-1].partition("/")[2])


def _is_random(text: str) -> bool:
    """Letters of either case and digits changing places often, as in a random token and not in dashed words."""
    changes = len(_RUN.findall(text)) - len(_BLOCK.findall(text))
    return changes * 5 >= len(text)
