"""Charts say what the figures say."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.store import Figure
from gateway.web.console.charts import (
    HEIGHT,
    Series,
    counted,
    duration,
    nice,
    per_span,
    quantile,
    quantiles,
    timed,
)

BEGIN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TIMES = [BEGIN + timedelta(minutes=n) for n in range(3)]


def figure(place: int, name: str, label: str, number: int) -> Figure:
    return Figure(begins_at=TIMES[place], name=name, label=label, number=number)


@given(st.floats(1e-6, 1e12))
def test_the_upper_edge_is_above_and_near(value: float) -> None:
    assert value <= nice(value) * (1 + 1e-9)
    assert nice(value) <= value * 2.5 * (1 + 1e-9)


@given(
    st.dictionaries(st.sampled_from([0.01, 0.1, 1.0, 10.0]), st.integers(0, 50), min_size=1), st.floats(0.01, 1)
)
def test_a_share_of_events_lies_within_its_bucket(buckets: dict[float, int], share: float) -> None:
    found, total = quantile(buckets, share), sum(buckets.values())
    if not total:
        assert found is None
        return
    assert found is not None
    bounds = [0.0, *sorted(buckets)]
    place = next(n for n, bound in enumerate(bounds) if n and found <= bound)
    before = sum(number for bound, number in buckets.items() if bound < bounds[place])
    assert before <= share * total * (1 + 1e-9)
    assert share * total <= (before + buckets[bounds[place]]) * (1 + 1e-9)


def test_the_median_of_evenly_spread_events_is_the_middle() -> None:
    assert quantile({1.0: 10}, 0.5) == 0.5
    assert quantile({1.0: 1, 2.0: 1, float("inf"): 2}, 0.99) == 2.0


def test_bars_stand_upon_another_and_are_as_high_as_their_numbers() -> None:
    chart = counted(
        "Claims",
        "made",
        TIMES,
        [
            Series(name="A", tone="one", values=(1, 0, 4)),
            Series(name="B", tone="two", values=(1, 2, 6)),
        ],
    )
    assert chart.top == "10"
    assert chart.says == "Claims: 5 a, 9 b; made"
    last = [bar for bar in chart.bars if bar.x > 300]
    assert [bar.height for bar in last] == [HEIGHT * 0.4, HEIGHT * 0.6]
    assert last[1].y + last[1].height == last[0].y
    assert [values for _, values in chart.spans] == [(1, 1), (0, 2), (4, 6)]
    assert [tone for tone, _ in chart.bar_paths] == ["one", "two"]
    assert chart.bar_paths[0][1].count("M") == 2, "a bar for each span that has any"
    assert chart.plotted["series"] == [("A", [1, 0, 4]), ("B", [1, 2, 6])]


def test_a_line_breaks_where_there_is_nothing_to_say() -> None:
    chart = timed("Claim", TIMES, [Series(name="Median", tone="one", values=(0.02, None, 0.05))])
    assert chart.top == "50 ms"
    assert chart.lines[0][1].count("M") == 2
    assert "at most 50 ms" in chart.says


def test_figures_are_put_where_they_belong() -> None:
    found = [figure(0, "codes", "code", 2), figure(0, "codes", "link", 1), figure(2, "codes", "code", 5)]
    assert per_span(found, TIMES, "codes") == (3, 0, 5)
    assert per_span(found, TIMES, "codes", ["link"]) == (1, 0, 0)
    assert quantiles([figure(1, "claim", "0.1", 4)], TIMES, "claim", 0.5) == (None, 0.05, None)


def test_durations_read_well() -> None:
    assert [duration(s) for s in (0.0123, 0.5, 12, 61.4)] == ["12.3 ms", "500 ms", "12 s", "61.4 s"]
