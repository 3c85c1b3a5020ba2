"""Operations: what the gateway did in the last hour or day, of all nodes together; who fell silent; API keys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from core.store import COARSE, FINE, Figure, begin_of, fold
from gateway.web import auth
from gateway.web.console.charts import Chart, Series, counted, duration, per_span, quantile, quantiles, timed
from gateway.web.console.frame import pages, show, viewing
from gateway.web.parts import parts

operations = pages("operations")
RANGES = {
    "hour": (timedelta(hours=1), FINE, timedelta(minutes=5)),
    "day": (timedelta(days=1), COARSE, timedelta(hours=1)),
}
"""How long each lasts, the span of a bar, and that of a line of its table."""
SILENT_AFTER = timedelta(days=1)
"""When nothing has come by a forwarder for so long, it counts as silent."""
_REFUSALS_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Source:
    """A forwarder, webhook or door: when something last came by it, and whether it should have since."""

    name: str
    sort: str
    last: datetime | None
    silent: bool


@operations.get("/operations")
@viewing("read", "admin")
def page() -> AnyResponse:
    """The page."""
    return overview()


def overview(status: int = 200, **context: object) -> AnyResponse:
    """The page, with whatever a change of the API keys has to say."""
    chosen = request.args.get("range", "hour")
    lasts, span, line = RANGES.get(chosen, RANGES["hour"])
    now = parts().clock()
    times = _times(now, lasts, span)
    found = parts().store.figures.since(times[0], span) if auth.may("read") else []
    return show(
        "operations.html",
        status,
        chosen=chosen if chosen in RANGES else "hour",
        tiles=_tiles(found),
        charts=zip(_charts(found, times), _charts(fold(found, line), _times(now, lasts, line)), strict=True),
        refusals=_refusals(found),
        sources=_sources(now),
        broken=[name for name, works in parts().ready().items() if not works],
        warnings=parts().warnings,
        keys=parts().store.keys.all() if auth.may("admin") else [],
        now=now,
        **context,
    )


def _times(now: datetime, lasts: timedelta, span: timedelta) -> list[datetime]:
    """When each span begins, up to the present one."""
    last = begin_of(now, span)
    return [last - place * span for place in reversed(range(int(lasts / span)))]


def _tiles(found: list[Figure]) -> list[tuple[str, str]]:
    """The numbers that stand on top: a name and a value for a person."""

    def sum_of(name: str, *labels: str) -> int:
        return sum(one.number for one in found if one.name == name and (not labels or one.label in labels))

    def half(name: str) -> str:
        buckets: dict[float, int] = {}
        for one in found:
            if one.name == name:
                buckets[float(one.label)] = buckets.get(float(one.label), 0) + one.number
        middle = quantile(buckets, 0.5)
        return "–" if middle is None else duration(middle)

    return [
        ("Messages", f"{sum_of('messages'):,}"),
        ("Codes and links", f"{sum_of('codes'):,}"),
        ("Claimed", f"{sum_of('claims', 'claimed'):,}"),
        ("Mail to commit, median", half("commit")),
        ("Arrival to claim, median", half("claim")),
        ("Waiting now", f"{parts().held.count:,}"),
        ("Refused", f"{sum_of('refusals'):,}"),
        ("Own faults", f"{sum_of('faults'):,}"),
    ]


def _charts(found: list[Figure], times: list[datetime]) -> list[Chart]:
    def counts(name: str, shown: str, tone: str, *labels: str) -> Series:
        return Series(name=shown, tone=tone, values=per_span(found, times, name, labels or None))

    def times_of(name: str) -> list[Series]:
        return [
            Series(name=shown, tone=tone, values=quantiles(found, times, name, share))
            for shown, tone, share in (("Median", "one", 0.5), ("95 %", "two", 0.95))
        ]

    return [
        counted("Messages", "by door", times, _by_label(found, times, "messages")),
        counted("Codes found", "by kind", times, _by_label(found, times, "codes", str.capitalize)),
        counted(
            "Claims",
            "made and ended",
            times,
            [
                counts("claims", "Accepted", "two", "accepted"),
                counts("claims", "Rejected", "four", "rejected"),
                counts("claims", "Handed back", "three", "fresh"),
            ],
        ),
        timed("Mail to commit", times, times_of("commit")),
        timed("Arrival to claim", times, times_of("claim")),
        counted("Requests that waited", "at most at once", times, [counts("waiters", "Waiting", "one")]),
        counted("Refusals", "by door", times, _by_label(found, times, "refusals", _door)),
        counted("Faults of our own", "by part", times, _by_label(found, times, "faults")),
    ]


def _by_label(
    found: list[Figure], times: list[datetime], name: str, shown: Callable[[str], str] = str
) -> list[Series]:
    """A series for each label's shown form, the largest first; the fourth holds the rest."""
    groups: dict[str, list[str]] = {}
    for label in sorted({one.label for one in found if one.name == name}):
        groups.setdefault(shown(label), []).append(label)
    series = [(group, per_span(found, times, name, labels)) for group, labels in groups.items()]
    series.sort(key=lambda one: -sum(one[1]))
    if len(series) > len(_TONES):
        rest = [values for _, values in series[len(_TONES) - 1 :]]
        series[len(_TONES) - 1 :] = [("Others", tuple(map(sum, zip(*rest, strict=True))))]
    named = series or [("None", (0.0,) * len(times))]
    return [Series(name=group, tone=tone, values=v) for (group, v), tone in zip(named, _TONES, strict=False)]


_TONES = ("one", "two", "three", "four")


def _door(label: str) -> str:
    return label.partition(":")[0].upper() if label.startswith(("smtp", "http")) else label.partition(":")[0]


def _refusals(found: list[Figure]) -> list[tuple[str, str, int]]:
    """What was refused most often: door, reason, how often."""
    sums: dict[str, int] = {}
    for one in found:
        if one.name == "refusals":
            sums[one.label] = sums.get(one.label, 0) + one.number
    most = sorted(sums.items(), key=lambda item: -item[1])[:_REFUSALS_SHOWN]
    return [(label.partition(": ")[0], label.partition(": ")[2], number) for label, number in most]


def _sources(now: datetime) -> list[Source]:
    """Configured forwarders and webhooks, then whatever else something came by lately."""
    seen = parts().store.figures.last_seen() if auth.may("read") else {}
    heard = parts().store.heartbeats.all()
    forwarders = [forwarder.name for forwarder in parts().settings.trust.forwarders]
    sources = [_source(name, "forwarder", seen.pop(name, None), now) for name in forwarders]
    for hook in parts().settings.hooks:
        beat, last = heard.get(hook), seen.pop(f"hooks/{hook}", None)
        latest = max((at for at in (last, beat.heard_at if beat else None) if at), default=None)
        one = _source(hook, "webhook", latest, now)
        sources.append(Source(name=hook, sort=one.sort, last=latest, silent=beat.silent if beat else one.silent))
    rest = sorted(seen.items(), key=lambda item: item[1], reverse=True)
    return sources + [Source(name=name, sort="door or key", last=at, silent=False) for name, at in rest]


def _source(name: str, sort: str, last: datetime | None, now: datetime) -> Source:
    return Source(name=name, sort=sort, last=last, silent=last is None or now - last > SILENT_AFTER)
