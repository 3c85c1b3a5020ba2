"""What a benchmark says: rows of a table, each a ratio inside one run, with what it was compared to."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measurement: ours, theirs, the ratio of the two, and what should be reached."""

    what: str
    ours: str
    theirs: str
    ratio: str
    goal: str = ""

    @property
    def markdown(self) -> str:
        """A line of the table."""
        return f"| {self.what} | {self.ours} | {self.theirs} | {self.ratio} | {self.goal} |"


HEADING = "| what | otpgate | compared to | ratio | goal |\n|---|---|---|---|---|"


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Two things measured in turns, so that a busy machine slows both: medians, and the median of the ratios."""

    ours: float
    theirs: float
    ratio: float


def in_turns(ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> Pairs:
    """Medians of `rounds` pairs."""
    pairs = [(theirs(), ours()) for _ in range(rounds)]
    return Pairs(
        ours=statistics.median(our for _, our in pairs),
        theirs=statistics.median(their for their, _ in pairs),
        ratio=statistics.median(our / their for their, our in pairs),
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all are at most, such as 0.99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
