"""Writes what this process did into the store, minute by minute, from the numbers that /metrics shows.

Counting costs the hot path nothing more than metrics do. What stands in the store is each minute's whole number,
so that a write may be repeated; what an outage of the database held back is written after it.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime

from prometheus_client import Metric

from core import journal
from core.errors import OtpgateError
from core.store import FINE, SEEN, Store, begin_of
from gateway.metrics import Metrics
from gateway.rounds import Rounds

EVERY_SECONDS = 5.0
_TIDY_SECONDS = 600.0
_MOST_HELD = 120
"""Minutes that are kept while the database is away."""
Numbers = dict[tuple[str, str], int]
_COUNTED = {
    "otpgate_messages_total": ("messages", "door"),
    "otpgate_codes_total": ("codes", "kind"),
    "otpgate_claims_total": ("claims", "outcome"),
    "otpgate_faults_total": ("faults", "part"),
    "otpgate_database_errors_total": ("faults", ""),
}
_TIMED = {"otpgate_dot_to_commit_seconds_bucket": "commit", "otpgate_arrival_to_claim_seconds_bucket": "claim"}


class FigureWriter(Rounds):
    """A thread that looks at the metrics every few seconds."""

    def __init__(self, store: Store, metrics: Metrics, clock: Callable[[], datetime]) -> None:
        self._store, self._metrics, self._clock = store, metrics, clock
        self._node = secrets.token_hex(6)
        self._before: Numbers = {}
        self._written: tuple[datetime, Numbers] | None = None
        self._minutes: OrderedDict[datetime, Numbers] = OrderedDict()
        super().__init__("figures")
        self._tidy_due = 0.0

    def look(self) -> None:
        """Count what happened since the last look into the present minute."""
        now = counted(self._metrics.collect())
        minute = self._minutes.setdefault(begin_of(self._clock(), FINE), {})
        for key, number in now.items():
            name, _ = key
            if name == "waiters":
                minute[key] = max(minute.get(key, 0), number)
            elif name == SEEN:
                minute |= {key: 1} if number != self._before.get(key) else {}
            elif more := number - self._before.get(key, 0):
                minute[key] = minute.get(key, 0) + more
        self._before = now

    def write(self) -> None:
        """Write the minutes that are not finished or not written; raises OtpgateError when the store is away."""
        for minute in list(self._minutes):
            numbers = {key: number for key, number in self._minutes[minute].items() if number}
            if numbers and (minute, numbers) != self._written:
                self._store.figures.put(self._node, minute, numbers).result()
                self._written = (minute, numbers)
            if minute < begin_of(self._clock(), FINE):
                del self._minutes[minute]

    def _run(self) -> None:
        while True:
            ending = self._stop.wait(EVERY_SECONDS)
            self.look()
            try:
                self.write()
                self._tidy()
            except OtpgateError as error:
                journal.store_failed(error)  # the database is away: the next round tries again
            while len(self._minutes) > _MOST_HELD:
                self._minutes.popitem(last=False)
            if ending:
                return

    def _tidy(self) -> None:
        now = self._clock().timestamp()
        if now >= self._tidy_due:
            self._store.figures.sum_up(self._clock()).result()
            self._tidy_due = now + _TIDY_SECONDS


def counted(families: Iterable[Metric]) -> Numbers:
    """The numbers of all time that are plotted, by name and label; of latencies how many fell into each bucket."""
    numbers: Numbers = {}
    for sample in (sample for family in families for sample in family.samples):
        if sample.name in _COUNTED:
            name, label = _COUNTED[sample.name]
            key = (name, sample.labels[label] if label else "database")
            numbers[key] = numbers.get(key, 0) + int(sample.value)
        elif sample.name == "otpgate_refusals_total":
            numbers["refusals", f"{sample.labels['door']}: {sample.labels['reason']}"] = int(sample.value)
        elif sample.name in _TIMED:
            numbers[_TIMED[sample.name], sample.labels["le"]] = int(sample.value)
        elif sample.name == "otpgate_waiters":
            numbers["waiters", ""] = int(sample.value)
        elif sample.name == "otpgate_last_seen_timestamp_seconds":
            numbers[SEEN, sample.labels["via"]] = int(sample.value)
    return numbers | _apart(numbers)


def _apart(numbers: Numbers) -> Numbers:
    """Buckets that count what is up to their bound as buckets that count what fell into them alone."""
    single: Numbers = {}
    for name in _TIMED.values():
        below = 0
        for key in sorted((key for key in numbers if key[0] == name), key=lambda key: float(key[1])):
            single[key], below = numbers[key] - below, numbers[key]
    return single
