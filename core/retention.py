"""What is forgotten, and when: values after hours, messages after weeks, the marks of repeats after a year."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from core import journal
from core.settings import RetentionSettings
from core.store import Horizon, Store

PAUSE = 0.05
"""Seconds between two steps, so that claims and mail go first."""


def horizon(settings: RetentionSettings, now: datetime) -> Horizon:
    """The moments before which things are forgotten."""
    return Horizon(
        values=now - timedelta(hours=settings.value_hours),
        messages=now - timedelta(days=settings.message_days),
        marks=now - timedelta(days=settings.mark_days),
        audit=now - timedelta(days=settings.audit_days),
        now=now,
    )


def purge(store: Store, due: Horizon, *, stopping: Callable[[], bool] = lambda: False) -> int:
    """Forget all that is due, a small step at a time; how many rows that were."""
    rows = 0
    while not stopping() and (done := store.purging.step(due).result()):
        rows += done
        time.sleep(PAUSE)
    if rows:
        store.purging.give_back().result()
        journal.purged(rows=rows)
    return rows
