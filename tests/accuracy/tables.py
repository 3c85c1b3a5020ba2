"""Scores counted by group, and shown as Markdown tables."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.accuracy.cases import Case
from tests.accuracy.rivals import Answer

KINDS = {"code": "exact code", "link": "exact link", "none": "false alarm"}


@dataclass(frozen=True, kw_only=True)
class Result:
    """One case and what one extractor answered, how sure it was."""

    case: Case
    answer: Answer
    confidence: float = 1.0

    @property
    def is_right(self) -> bool:
        """Whether kind and value are both as labelled."""
        return self.answer == (self.case.kind, self.case.value)


def _share(results: list[Result], kind: str) -> str:
    """Right of all for codes and links, wrong of all for messages that hold nothing."""
    of_kind = [result for result in results if result.case.kind == kind]
    if not of_kind:
        return "-"
    right = sum(result.is_right for result in of_kind)
    counted = len(of_kind) - right if kind == "none" else right
    return f"{100 * counted / len(of_kind):.1f} % ({counted}/{len(of_kind)})"


def table(title: str, rows: Iterable[tuple[str, list[Result]]]) -> str:
    """A Markdown table with a line for each group of results."""
    lines = [f"| {title} | {' | '.join(KINDS.values())} |", "|---|---|---|---|"]
    lines += [f"| {name} | {' | '.join(_share(results, kind) for kind in KINDS)} |" for name, results in rows]
    return "\n".join(lines)


def groups(results: list[Result], names: Callable[[Case], Iterable[str]]) -> list[tuple[str, list[Result]]]:
    """The results by each name that their case has, largest group first."""
    found: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        for name in names(result.case):
            found[name].append(result)
    return sorted(found.items(), key=lambda group: (-len(group[1]), group[0]))


def sure(results: list[Result], least: float = 0.9) -> str:
    """How many of the confident answers are wrong."""
    confident = [r for r in results if r.answer.kind != "none" and r.confidence >= least]
    wrong = sum(not result.is_right for result in confident)
    return f"answered at {least} or more: {len(confident)}, of these wrong: {wrong}"
