"""Weighs candidates side by side: which features hold for each, and what they make together."""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import TypeVar

from core.extract.result import Reason

_Seen = TypeVar("_Seen")
_WEIGHT = attrgetter("weight")


Weighed = list[tuple[Callable[[_Seen], object], Reason]]
"""When a feature holds, and the reason that it is then."""
Judged = tuple[float, tuple[Reason, ...]]
"""The log-odds that a candidate is what the login needs, and every reason."""


def weighed(
    features: Iterable[tuple[str, Callable[[_Seen], object]]], weights: Mapping[str, float]
) -> Weighed[_Seen]:
    """Of features by their names every one that weighs something, with the reason that it is."""
    found = [(holds, Reason(name=name, weight=weights[name])) for name, holds in features]
    return [(holds, reason) for holds, reason in found if reason.weight]


def judge(
    views: list[_Seen],
    features: Weighed[_Seen],
    learned: Callable[[_Seen], Iterable[Reason]],
    wording: tuple[Reason, ...],
) -> list[Judged]:
    """What each candidate is judged to be; `wording` are the message's own reasons, which come last."""
    found: list[list[Reason]] = [[] for _ in views]
    asked = [(view, reasons.append) for view, reasons in zip(views, found, strict=True)]
    for holds, reason in features:  # all candidates are asked before the next: its code is at hand then
        for view, add in asked:
            if holds(view):
                add(reason)
    all_reasons = [(*own, *learned(view), *wording) for view, own in zip(views, found, strict=True)]
    return [(sum(map(_WEIGHT, reasons)), reasons) for reasons in all_reasons]
