"""Patterns for any of many words."""

from collections import defaultdict
from collections.abc import Iterable


def any_of(patterns: Iterable[str]) -> str:
    """A pattern for any of some, each with a letter or sign first: grouped by it, so other text fails at once."""
    by_first: defaultdict[str, list[str]] = defaultdict(list)
    for pattern in patterns:
        first = pattern[: 1 + pattern.startswith("\\")]
        by_first[first].append(pattern.removeprefix(first))
    return "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in by_first.items())
