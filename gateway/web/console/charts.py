"""Figures as pictures: where each bar and line of a chart stands, in the units of its viewBox."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.store import PEAKS, Figure

WIDTH, HEIGHT = 600, 120
"""Of each chart's viewBox."""
_STEPS = (1, 2, 5)


@dataclass(frozen=True, kw_only=True)
class Series:
    """One thing that is plotted: its value in each span, None for nothing to say, and its tone in the style."""

    name: str
    tone: str
    values: tuple[float | None, ...]

    @property
    def total(self) -> float:
        """All of it."""
        return sum(value or 0 for value in self.values)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    tone: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A picture of some series over the same spans, and all that its table says."""

    title: str
    says: str
    """What somebody who does not see it is told first."""
    top: str
    """The label of its upper edge."""
    times: tuple[datetime, ...]
    series: tuple[Series, ...]
    bars: tuple[Bar, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    """Tone and path of each line."""
    unit: str = ""

    @property
    def spans(self) -> list[tuple[datetime, tuple[float | None, ...]]]:
        """Each span: when it begins, and the values of all series."""
        values = zip(*(one.values for one in self.series), strict=True)
        return list(zip(self.times, values, strict=True))

    @property
    def bar_paths(self) -> list[tuple[str, str]]:
        """Tone and path of all bars of that tone: a tenth of what they weigh apart."""
        tones = dict.fromkeys(bar.tone for bar in self.bars)
        return [(tone, "".join(_outline(bar) for bar in self.bars if bar.tone == tone)) for tone in tones]

    @property
    def plotted(self) -> dict[str, object]:
        """The numbers behind it, for whoever points at it."""
        step = (self.times[1] - self.times[0]).total_seconds()
        series = [(one.name, [None if v is None else round(v, 4) for v in one.values]) for one in self.series]
        return {"begin": self.times[0].isoformat(), "step": step, "unit": self.unit, "series": series}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to plot."""
        return not any(value for one in self.series for value in one.values)


def counted(title: str, what: str, times: Sequence[datetime], series: Sequence[Series]) -> Chart:
    """A chart of counts: bars of all series, one upon another."""
    heights = [sum(column) for column in zip(*([v or 0 for v in one.values] for one in series), strict=True)]
    top = nice(max(heights, default=0))
    width = WIDTH / max(1, len(times))
    bars: list[Bar] = []
    below = [0.0] * len(times)
    for one in series:
        for i, value in enumerate(one.values):
            if value:
                tall = HEIGHT * value / top
                y = HEIGHT - HEIGHT * below[i] / top - tall
                bars.append(Bar(x=i * width, y=y, width=max(1.0, width - 1), height=tall, tone=one.tone))
                below[i] += value
    said = ", ".join(f"{one.total:,.0f} {one.name.lower()}" for one in series)
    return Chart(
        title=title,
        says=f"{title}: {said}; {what}",
        top=f"{top:,.0f}",
        times=tuple(times),
        series=tuple(series),
        bars=tuple(bars),
    )


def timed(title: str, times: Sequence[datetime], series: Sequence[Series]) -> Chart:
    """A chart of durations in seconds: a line for each series, broken where there is nothing to say."""
    top = nice(max((v for one in series for v in one.values if v is not None), default=0))
    lines = tuple((one.tone, _path(one.values, top)) for one in series)
    last = [(one.name, [v for v in one.values if v is not None]) for one in series]
    said = ", ".join(f"{name} at most {duration(max(values))}" for name, values in last if values)
    return Chart(
        title=title,
        says=f"{title}: {said or 'nothing happened'}",
        top=duration(top),
        times=tuple(times),
        series=tuple(series),
        lines=lines,
        unit="s",
    )


def nice(value: float) -> float:
    """The least 1, 2 or 5 times a power of ten that is not below a value: the upper edge of a chart."""
    if value <= 0:
        return 1
    power = 10 ** math.floor(math.log10(value))
    return float(next((step * power for step in _STEPS if step * power >= value), 10 * power))


def duration(seconds: float) -> str:
    """A duration for a person."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s"


def per_span(
    found: Iterable[Figure], times: Sequence[datetime], name: str, labels: Iterable[str] | None = None
) -> tuple[float, ...]:
    """How much of something there was in each span; of some labels, or of all."""
    wanted = None if labels is None else set(labels)
    sums = dict.fromkeys(times, 0.0)
    for one in found:
        if one.name == name and one.begins_at in sums and (wanted is None or one.label in wanted):
            sums[one.begins_at] = (
                max(sums[one.begins_at], one.number) if name in PEAKS else sums[one.begins_at] + one.number
            )
    return tuple(sums[at] for at in times)


def quantiles(
    found: Iterable[Figure], times: Sequence[datetime], name: str, share: float
) -> tuple[float | None, ...]:
    """The duration within which that share of each span's events was done; None where there were none."""
    buckets: dict[datetime, dict[float, int]] = {at: {} for at in times}
    for one in found:
        if one.name == name and one.begins_at in buckets:
            of_span = buckets[one.begins_at]
            of_span[float(one.label)] = of_span.get(float(one.label), 0) + one.number
    return tuple(quantile(buckets[at], share) for at in times)


def quantile(buckets: Mapping[float, int], share: float) -> float | None:
    """The same of one histogram, by its buckets' upper bounds; within a bucket events count as evenly spread."""
    total, seen, lower = sum(buckets.values()), 0, 0.0
    for bound in sorted(buckets):
        number = buckets[bound]
        if number and seen + number >= share * total:
            within = lower + (bound - lower) * (share * total - seen) / number
            return lower if math.isinf(bound) else min(bound, within)  # rounding may carry it out of its bucket
        seen, lower = seen + number, bound
    return None


def _outline(bar: Bar) -> str:
    return f"M{bar.x:.1f} {bar.y + bar.height:.1f}v{-bar.height:.1f}h{bar.width:.1f}v{bar.height:.1f}z"


def _path(values: Sequence[float | None], top: float) -> str:
    """An SVG path; a value between two gaps is a short dash."""
    width = WIDTH / max(1, len(values))
    steps: list[str] = []
    for i, value in enumerate(values):
        if value is None:
            continue
        y = HEIGHT - HEIGHT * value / top
        begun = i > 0 and values[i - 1] is not None
        steps.append(f"{'L' if begun else 'M'}{i * width:.1f} {y:.1f}L{(i + 1) * width:.1f} {y:.1f}")
    return "".join(steps)
