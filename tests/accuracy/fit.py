"""Fits the weights of `core/extract/weights.py`: `python -m tests.accuracy.fit [--jsonl FILE] [--mails LABELS]`.

A conditional logit: the probability of each candidate against every other one and against there being
none, as `verdict.probability` says it. The hand-set weights of `prior.py` hold each weight back with
strength `--prior`, and no weight changes its side: a reason for never becomes one against.
"""

import argparse
import math
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from core.extract import extract, weights
from core.extract.result import Candidate, Kind
from tests.accuracy import cases, prior
from tests.accuracy.cases import Case

_ROOT = Path(__file__).resolve().parents[2]
_ROUNDS = 250
_STEP = 0.05


class Sample(NamedTuple):
    """The reasons of each candidate of one message, and which one is right; -1 for none."""

    reasons: list[list[str]]
    right: int


Weights = dict[str, float]


def _sample(found: list[Candidate], value: str | None) -> Sample:
    values = [candidate.value for candidate in found]
    right = values.index(value) if value in values else -1
    return Sample([[reason.name for reason in candidate.reasons] for candidate in found], right)


def samples(found: Iterator[Case]) -> tuple[list[Sample], list[Sample]]:
    """The samples for codes and those for links; a message whose value is no candidate teaches nothing."""
    codes, links = [], []
    for case in found:
        if "disputed" in case.tags:
            continue
        candidates = extract(case.read().content).candidates
        of_codes = _sample([c for c in candidates if c.kind is Kind.CODE], case.value)
        of_links = _sample([c for c in candidates if c.kind is Kind.LINK], case.value)
        if case.kind != "code" or of_codes.right >= 0:
            codes.append(of_codes)
        if case.kind == "none" or of_links.right >= 0:
            links.append(of_links)
    return codes, links


def _slope(found: list[Sample], now: Weights, before: Weights, strength: float) -> Weights:
    """How the loss grows with each weight."""
    slope = {name: strength * (now[name] - before[name]) for name in now}
    for sample in found:
        scores = [sum(now[name] for name in names) for names in sample.reasons]
        peak = max(0.0, *scores) if scores else 0.0
        shares = [math.exp(score - peak) for score in scores]
        total = sum(shares) + math.exp(-peak)
        for index, names in enumerate(sample.reasons):
            error = shares[index] / total - (index == sample.right)
            for name in names:
                slope[name] += error
    return slope


def fit(found: list[Sample], before: Weights, strength: float) -> Weights:
    """The weights under which the samples are likeliest, by Adam's method of descent."""
    now, mean, square = dict(before), dict.fromkeys(before, 0.0), dict.fromkeys(before, 0.0)
    for turn in range(1, _ROUNDS + 1):
        slope = _slope(found, now, before, strength)
        for name, value in slope.items():
            mean[name] = 0.9 * mean[name] + 0.1 * value
            square[name] = 0.99 * square[name] + 0.01 * value**2
            pace = _STEP * (1 - 0.9 * turn / _ROUNDS)
            change = pace * (mean[name] / (1 - 0.9**turn)) / (math.sqrt(square[name] / (1 - 0.99**turn)) + 1e-8)
            side = math.copysign(1, before[name])
            now[name] = side * max(0.0, side * (now[name] - change))
    return now


def _written(name: str, said: str, fitted: Weights) -> str:
    lines = "".join(f'    "{reason}": {weight:.2f},\n' for reason, weight in fitted.items())
    return f'{name}: dict[str, float] = {{\n{lines}}}\n"""{said}"""\n'


def main() -> None:
    """Fit on the tuned corpus, the messages written for fitting, and what is named; write the weights."""
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy.fit")
    parser.add_argument("--jsonl", type=Path, action="append", default=[])
    parser.add_argument("--mails", type=Path, action="append", default=[])
    parser.add_argument("--prior", type=float, default=1.0)
    asked = parser.parse_args()
    weights.CODE.update(prior.CODE)  # a reason that weighed nothing so far gets its chance again
    weights.LINK.update(prior.LINK)
    codes, links = samples(
        chain(
            cases.of_folder(_ROOT / "tests" / "corpus" / "tuned"),
            cases.of_lines(_ROOT / "tests" / "accuracy" / "fitting.txt"),
            *map(cases.of_jsonl, asked.jsonl),
            *map(cases.of_labels, asked.mails),
        )
    )
    tables = [
        _written("CODE", "For and against a candidate code.", fit(codes, prior.CODE, asked.prior)),
        _written("LINK", "For and against a link.", fit(links, prior.LINK, asked.prior)),
    ]
    head = f'"""{(weights.__doc__ or "").strip()}"""\n\n'
    Path(weights.__file__).write_text(head + "\n".join(tables), "utf-8")


if __name__ == "__main__":
    main()
