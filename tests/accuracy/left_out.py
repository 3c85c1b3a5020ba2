"""Scores every message by weights that were fitted without it: `python -m tests.accuracy.left_out [--failures]`.

The folders of the tuned half make ten groups, left out of fitting in turn. The words of the languages were
gathered from these same messages, so this flatters: it tells which of two ways of reading is better, and the first
scores (HISTORY.md) tell how good it is.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from math import log
from pathlib import Path
from statistics import fmean

from core.extract import learned, link_scoring, scoring, weights
from core.extract.result import Kind
from core.message import Channel
from tests.accuracy import cases, fit, prior
from tests.accuracy.cases import Case
from tests.accuracy.fit import Fitted, Samples
from tests.accuracy.rivals import Answer
from tests.accuracy.tables import Result, groups, sure, table

_ROOT = Path(__file__).resolve().parents[2]
_TUNED = _ROOT / "tests" / "corpus" / "tuned"
_GROUPS = 10
_READINGS = 2
_CACHED = (learned._weights, learned._of_names, scoring._weighed, link_scoring._weighed)  # noqa: SLF001 - changed here


def in_groups(found: dict[str, list[Case]], count: int) -> list[list[str]]:
    """The folders in groups of about as many messages each, largest folders first."""
    made: list[list[str]] = [[] for _ in range(count)]
    for folder in sorted(found, key=lambda name: (-len(found[name]), name)):
        min(made, key=lambda group: sum(len(found[name]) for name in group)).append(folder)
    return [group for group in made if group]


@contextmanager
def weighed_by(of_codes: Fitted, of_links: Fitted) -> Iterator[None]:
    """For a while, extraction weighs by these."""
    whole = learned._all  # noqa: SLF001 - as above
    kept = dict(weights.CODE), dict(weights.LINK)
    text = "".join([*fit.lines(Kind.CODE, of_codes.learned), *fit.lines(Kind.LINK, of_links.learned)])
    now = learned.read(text)
    learned._all = lambda: now  # type: ignore[assignment] # noqa: SLF001 - as above
    weights.CODE.update(of_codes.by_hand)
    weights.LINK.update(of_links.by_hand)
    _forget()
    try:
        yield
    finally:
        learned._all = whole  # noqa: SLF001 - as above
        weights.CODE.update(kept[0])
        weights.LINK.update(kept[1])
        _forget()


def _forget() -> None:
    for kept in _CACHED:
        kept.cache_clear()


def _result(case: Case) -> Result:
    found = case.read().extracted
    return Result(case=case, answer=Answer(found.kind.value, found.value), confidence=found.confidence)


def left_out() -> Iterator[Result]:
    """What is answered to every undisputed message of the tuned half, by weights fitted on the others."""
    weights.CODE.update(prior.CODE)
    weights.LINK.update(prior.LINK)
    found: dict[str, list[Case]] = defaultdict(list)
    for path, case in zip(sorted(_TUNED.rglob("*.json")), cases.of_folder(_TUNED), strict=True):
        found[path.parent.name] += [case] if "disputed" not in case.tags else []
    always = [*cases.of_lines(_ROOT / "tests" / "accuracy" / "fitting.txt")]
    read = {name: fit.readings(own, _READINGS) for name, own in {**found, "": always}.items()}
    for group in in_groups(found, _GROUPS):
        others = [of_kinds for name, of_kinds in read.items() if name not in group]
        fitted = [
            fit.fit(kind, _joined([of_kinds[kind] for of_kinds in others])) for kind in (Kind.CODE, Kind.LINK)
        ]
        with weighed_by(*fitted):
            yield from (_result(case) for name in group for case in found[name])


def _joined(read: list[list[Samples]]) -> list[Samples]:
    """The readings of all folders as those of one."""
    return [[*chain.from_iterable(once)] for once in zip(*read, strict=True)]


def _kind(case: Case) -> str:
    return "email" if case.message.channel is Channel.EMAIL else "SMS"


def _groups_of(case: Case) -> list[str]:
    """What a case counts for: its channel, and whether it fills phones."""
    return [_kind(case), *(["alerts and private texts"] if case.kind == "none" and fit.is_quiet(case) else [])]


def doubt(found: list[Result]) -> float:
    """How unlikely the right answers were taken to be: the mean of -ln of the confidence that each was given."""
    given = (r.confidence if r.is_right else 1 - r.confidence for r in found)
    return -fmean(log(max(share, 1e-6)) for share in given)


def main() -> None:
    """Print the scores, and by name what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.left_out")
    parser.add_argument("--failures", action="store_true")
    asked = parser.parse_args()
    found = [*left_out()]
    told = [
        table("left out", [("all", found), *groups(found, _groups_of)]),
        sure(found),
        f"doubt {doubt(found):.5f}",
    ]
    if asked.failures:
        told += [
            f"- {r.case.name}: {r.case.kind}, answered {r.answer.kind}, {r.confidence:.2f}"
            for r in found
            if not r.is_right
        ]
    print(*told, sep="\n\n")  # noqa: T201 - a program that prints


if __name__ == "__main__":
    main()
