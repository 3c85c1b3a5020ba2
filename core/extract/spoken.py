"""The languages that a text is in, by its known words, and what a word means in them."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

_SHARE = 0.5
_SEVERAL = 3

Names = frozenset[str]
NOTHING: Names = frozenset()


class Meaning(NamedTuple):
    """A class, and the language file that gives a word that class."""

    name: str
    language: str


@lru_cache(maxsize=20_000)
def said(meanings: frozenset[Meaning], languages: tuple[str, ...]) -> Names:
    """What a word means in the likeliest spoken language that knows it, else in all others; kept for the next."""
    for language in languages:
        names = frozenset(meaning.name for meaning in meanings if meaning.language == language)
        if names:
            return NOTHING if "other" in names else names
    return _agreed(meanings)


def _agreed(meanings: frozenset[Meaning]) -> Names:
    """What a word means in all of several languages, as `kod` does: so it may in one more that nobody knew."""
    by_language: dict[str, set[str]] = defaultdict(set)
    for meaning in meanings:
        by_language[meaning.language].add(meaning.name)
    return frozenset(set.intersection(*by_language.values())) if len(by_language) >= _SEVERAL else NOTHING


def spoken(letters: Mapping[frozenset[Meaning], int]) -> list[str]:
    """The languages that a text may be in, likeliest first: those of most of its known words, and English.

    `letters` are the letters of its words by what they may mean.
    """
    weights: dict[str, float] = defaultdict(float)
    for meanings, count in letters.items():
        for language in (languages := _languages(meanings)):
            weights[language] += count / len(languages)
    best = max(weights.values(), default=0.0)
    likely = (language for language in weights if weights[language] >= best * _SHARE)
    ranked = sorted(likely, key=lambda name: (-weights[name], name))
    return ranked if "en" in ranked else [*ranked, "en"]


@lru_cache(maxsize=20_000)
def _languages(meanings: frozenset[Meaning]) -> frozenset[str]:
    return frozenset(meaning.language for meaning in meanings)
