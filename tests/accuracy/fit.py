"""Fits the weights of `core/extract/weights.py`: `python -m tests.accuracy.fit [--jsonl FILE] [--mails LABELS]`.

A conditional logit: the probability of each candidate against every other one and against there being
none, as `verdict.probability` says it. The hand-set weights of `prior.py` hold each weight back with
strength `--prior`, and no weight changes its side: a reason for never becomes one against. The weights of
`core/extract/learned.weights`, of classes in places and of single words, start at nothing and are held to it.

The words of the languages were gathered from these same messages, so every word of them is known, which no
new message can be counted on. Each message is therefore read five times: as it is, and four times with some of
its words forgotten, so that the weights learn to do with less.
"""

import argparse
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from core.extract import extract, learned, weights
from core.extract.context import Scene
from core.extract.link_view import LinkView
from core.extract.result import Candidate, Kind, Reason
from core.extract.view import View
from core.extract.words import Hit, Lexicon
from tests.accuracy import cases, prior
from tests.accuracy.cases import Case

_ROOT = Path(__file__).resolve().parents[2]
_READINGS = 5
_QUIET = frozenset(
    {"chat", "spam", "premium", "bank", "bank-alert", "balance", "bill", "debit", "credit", "loan", "mobile-money",
     "telecom", "topup", "utility"}
)  # fmt: skip
"""Tags of what fills a phone."""
_WANTED = 3
"""How often these count, for false alarms are wanted there more rarely than elsewhere."""
_FORGOTTEN = 0.12
"""Share of a message's different words that a reading after the first does without."""
_ROUNDS = 400
_FARTHEST = 60.0
_STRENGTH = 0.7
"""How strongly a weight set by hand is held to it."""
_PRIOR = {Kind.CODE: prior.CODE, Kind.LINK: prior.LINK}
_HELD = {Kind.CODE: 3.0, Kind.LINK: 1.5}
"""How strongly a learned weight is held to nothing: chosen by leaving folders out in turn."""
_KNOWN = 4
"""Messages in which a word or a class in its place must stand for it to be weighed."""
_SLIGHT = 0.04
"""Learned weights below it are left out: they change no answer."""
_WIDEST = 110
_JOINT = "_"
"""For a space within an entry, while lines are broken between them: no name holds one."""
_HEAD = "# What classes of words in places, and single words, weigh: fitted by tests/accuracy/fit.py.\n"

_Seen = TypeVar("_Seen", View, LinkView)
Weights = dict[str, float]
Numbers = NDArray[np.float64]


class Fitted(NamedTuple):
    """The weights of the reasons set by hand, and the learned ones."""

    by_hand: Weights
    learned: Weights


class Sample(NamedTuple):
    """The reasons of each candidate of one message, which one is right, -1 for none, and how often it counts."""

    reasons: list[list[str]]
    right: int
    times: int


Samples = list[Sample]


def is_quiet(case: Case) -> bool:
    """Whether it is of what fills a phone."""
    return not _QUIET.isdisjoint(case.tags)


def _sample(found: list[Candidate], case: Case) -> Sample:
    values = [candidate.value for candidate in found]
    right = values.index(case.value) if case.value in values else -1
    times = _WANTED if case.kind == "none" and is_quiet(case) else 1
    return Sample([[reason.name for reason in candidate.reasons] for candidate in found], right, times)


@contextmanager
def telling_all() -> Iterator[None]:
    """For a while, every class in its place and every single word is a reason of its own, of no weight."""
    whole = learned.of_code, learned.of_link, learned.of_message

    def of_code(view: View) -> Iterator[Reason]:
        return _each(view, learned.CIRCUMSTANCES, learned.OF_CODES)

    def of_link(view: LinkView) -> Iterator[Reason]:
        return _each(view, learned.LINK_CIRCUMSTANCES, learned.OF_LINKS)

    def of_message(kind: Kind, subject: Scene, text: Scene) -> tuple[Reason, ...]:  # noqa: ARG001 - as it is called
        places = learned.places(subject, text)
        return tuple(r for place, scene in places for r in _nothing(place, learned.single(scene)))

    learned.of_code, learned.of_link, learned.of_message = of_code, of_link, of_message
    try:
        yield
    finally:
        learned.of_code, learned.of_link, learned.of_message = whole


def _each(
    view: _Seen,
    circumstances: Mapping[str, Callable[[_Seen], object]],
    places: Mapping[str, Callable[[_Seen], Iterable[str]]],
) -> Iterator[Reason]:
    """Every class in its place, by itself and in each circumstance that holds."""
    for before in ("", *(f"{name} / " for name, holds in circumstances.items() if holds(view))):
        for place, said in places.items():
            yield from _nothing(before + place, said(view))


def _nothing(place: str, said: Iterable[str]) -> Iterator[Reason]:
    return (Reason(name=sys.intern(f"{place}: {name}"), weight=0.0) for name in said)


@contextmanager
def _forgetful(share: float, seed: int) -> Iterator[None]:
    """For a while, every text is read with a share of its different words unknown."""
    whole, chance = Lexicon.find, random.Random(seed)  # noqa: S311 - no secret comes of it

    def find(self: Lexicon, text: str) -> list[Hit]:
        hits = whole(self, text)
        known = {word: chance.random() >= share for word in dict.fromkeys(text[h.start : h.end] for h in hits)}
        return [hit for hit in hits if known[text[hit.start : hit.end]]]

    Lexicon.find = find  # type: ignore[method-assign]
    try:
        yield
    finally:
        Lexicon.find = whole  # type: ignore[method-assign]


def samples(found: Iterable[Case]) -> tuple[Samples, Samples]:
    """The samples for codes and those for links; a message whose value is no candidate teaches nothing."""
    codes, links = [], []
    for case in found:
        candidates = extract(case.read().content).candidates
        of_codes = _sample([c for c in candidates if c.kind is Kind.CODE], case)
        of_links = _sample([c for c in candidates if c.kind is Kind.LINK], case)
        if case.kind != "code" or of_codes.right >= 0:
            codes.append(of_codes)
        if case.kind == "none" or of_links.right >= 0:
            links.append(of_links)
    return codes, links


def readings(found: list[Case], count: int = _READINGS) -> dict[Kind, list[Samples]]:
    """The samples of every reading of the messages."""
    with telling_all():
        made = [samples(found)]
        for seed in range(1, count):
            with _forgetful(_FORGOTTEN, seed):
                made.append(samples(found))
    return {Kind.CODE: [codes for codes, _ in made], Kind.LINK: [links for _, links in made]}


def _loss(read: list[Samples], names: list[str]) -> Callable[[Numbers], tuple[float, Numbers]]:
    """How unlikely some weights make the samples of a reading, and how that grows with each weight."""
    found = [*chain.from_iterable(read)]
    place = {name: index for index, name in enumerate(names)}
    rows = [[place[n] for n in reasons if n in place] for sample in found for reasons in sample.reasons]
    owner = np.array([index for index, sample in enumerate(found) for _ in sample.reasons], dtype=np.int64)
    right = np.array([at == s.right for s in found for at in range(len(s.reasons))], dtype=bool)
    times = np.array([sample.times for sample in found])
    columns = np.array([column for row in rows for column in row], dtype=np.int32)
    ends = np.cumsum([0, *map(len, rows)])
    held = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), len(names)))
    turned = held.T.tocsr()

    def loss(now: Numbers) -> tuple[float, Numbers]:
        scores = np.clip(held @ now, -_FARTHEST, _FARTHEST)
        shares = np.exp(scores)
        total = 1 + np.bincount(owner, shares, len(found))
        unlikely = float(times @ np.log(total) - times[owner[right]] @ scores[right])
        return unlikely / len(read), turned @ ((shares / total[owner] - right) * times[owner]) / len(read)

    return loss


def _learnable(read: Samples, before: Weights) -> list[str]:
    """The names beyond those set by hand that stand in enough messages."""
    seen = Counter(name for sample in read for name in {n for reasons in sample.reasons for n in reasons})
    return sorted(name for name, count in seen.items() if count >= _KNOWN and name not in before)


def fit(kind: Kind, read: list[Samples], strength: float = _STRENGTH) -> Fitted:
    """The weights of a kind under which the samples of its readings are likeliest."""
    before = _PRIOR[kind]
    more = _learnable(read[0], before)
    start = np.array([*before.values(), *(0.0 for _ in more)])
    stiff = np.array([*(strength for _ in before), *(_HELD[kind] for _ in more)])
    loss = _loss(read, [*before, *more])

    def held_back(now: Numbers) -> tuple[float, Numbers]:
        value, slope = loss(now)
        return value + float((stiff * (now - start) ** 2).sum()) / 2, slope + stiff * (now - start)

    sides = [(0, None) if weight > 0 else (None, 0) for weight in before.values()] + [(None, None)] * len(more)
    fitted = minimize(held_back, start, jac=True, method="L-BFGS-B", bounds=sides, options={"maxiter": _ROUNDS}).x
    numbers = list(map(float, fitted))
    return Fitted(dict(zip(before, numbers, strict=False)), dict(zip(more, numbers[len(before) :], strict=True)))


def _table(name: str, said: str, fitted: Weights) -> str:
    lines = "".join(f'    "{reason}": {weight:.2f},\n' for reason, weight in fitted.items())
    return f'{name}: dict[str, float] = {{\n{lines}}}\n"""{said}"""\n'


def lines(kind: Kind, fitted: Weights) -> Iterator[str]:
    """The learned weights as lines of `code / place: name weight, name weight`."""
    by_place: dict[str, list[str]] = defaultdict(list)
    for name, weight in fitted.items():
        place, _, said = name.partition(": ")
        by_place[place] += [f"{said} {weight:.2f}"] if abs(weight) >= _SLIGHT else []
    for place, entries in by_place.items():
        for line in wrap(
            ", ".join(entry.replace(" ", _JOINT) for entry in entries), _WIDEST, break_on_hyphens=False
        ):
            yield f"{kind.value} / {place}: {line.replace(_JOINT, ' ').removesuffix(',')}\n"


def main() -> None:
    """Fit on the tuned corpus, the messages written for fitting, and what is named; write the weights."""
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.fit")
    parser.add_argument("--jsonl", type=Path, action="append", default=[])
    parser.add_argument("--mails", type=Path, action="append", default=[])
    parser.add_argument("--prior", type=float, default=_STRENGTH)
    asked = parser.parse_args()
    weights.CODE.update(prior.CODE)  # a reason that weighed nothing so far gets its chance again
    weights.LINK.update(prior.LINK)
    found = chain(
        cases.of_folder(_ROOT / "tests" / "corpus" / "tuned"),
        cases.of_lines(_ROOT / "tests" / "accuracy" / "fitting.txt"),
        *map(cases.of_jsonl, asked.jsonl),
        *map(cases.of_labels, asked.mails),
    )
    undisputed = [case for case in found if "disputed" not in case.tags]
    of_codes, of_links = (fit(kind, read, asked.prior) for kind, read in readings(undisputed).items())
    tables = [
        _table("CODE", "For and against a candidate code.", of_codes.by_hand),
        _table("LINK", "For and against a link.", of_links.by_hand),
    ]
    head = f'"""{(weights.__doc__ or "").strip()}"""\n\n# Long: a table, a line a reason\n\n'
    Path(weights.__file__).write_text(head + "\n".join(tables), "utf-8")
    text = "".join([_HEAD, *lines(Kind.CODE, of_codes.learned), *lines(Kind.LINK, of_links.learned)])
    (Path(learned.__file__).parent / learned.FILE).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
