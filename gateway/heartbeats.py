"""Tells when a webhook's sender, such as a phone, has been silent longer than configured, and when it is back.

Any believed request is a sign of life. What is heard is noted in memory and written every few seconds, off the way
of messages; the database decides who tells of a silence, so that it is told once, whatever restarts and at however
many nodes.
"""

from collections.abc import Callable, Mapping, MutableMapping
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from core import journal
from core.errors import OtpgateError, StoreUnavailableError
from core.store import Heartbeat, Store
from gateway.rounds import Rounds

T = TypeVar("T")
LOOK_SECONDS = 2.0
_PATIENCE = 1.5
"""Seconds after which a change that has not been taken means that the database hangs."""
_WRITE_EVERY = timedelta(seconds=5)
_SETTLING = timedelta(minutes=1)
"""After a start nobody counts as silent for as long: senders must have a chance to be heard."""


class HeartbeatWatch(Rounds):
    """A thread that watches the hooks whose silence counts: `limits` says after how long."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        limits: Mapping[str, timedelta],
        warnings: MutableMapping[str, str],
        look: float = LOOK_SECONDS,
    ) -> None:
        self._heartbeats = store.heartbeats
        self._clock, self._limits, self._warnings = clock, limits, warnings
        self._heard: dict[str, datetime] = {}
        self._written: dict[str, datetime] = {}
        self._known: Mapping[str, Heartbeat] = {}
        self._began, self._pause = clock(), look
        super().__init__("heartbeats")

    def heard(self, hook: str) -> None:
        """Note a sign of life; costs nothing."""
        if hook in self._limits:
            self._heard[hook] = self._clock()

    def silent(self, hook: str) -> float:
        """1 while a hook counts as silent, else 0."""
        known = self._known.get(hook)
        return float(known is not None and known.silent)

    def heard_at(self, hook: str) -> float:
        """When a hook was last heard, in seconds since 1970; 0 for never."""
        known = self._known.get(hook)
        return known.heard_at.timestamp() if known else 0.0

    def _run(self) -> None:
        expected = False
        while not self._stop.is_set():
            try:
                if not expected:
                    _taken(self._heartbeats.expect(self._limits, self._clock()))
                    expected = True
                self._look()
            except OtpgateError as error:
                journal.store_failed(error)  # the database is away: the next round tries again
            self._stop.wait(self._pause)
        try:
            self._write(self._heard)
        except OtpgateError as error:
            journal.store_failed(error)

    def _look(self) -> None:
        now = self._clock()
        due = {hook: moment for hook, moment in self._heard.copy().items() if self._is_due(hook, now)}
        self._write(due)
        self._known = self._heartbeats.all()
        turned = [self._judge(self._known[hook], limit, now) for hook, limit in self._limits.items()]
        if any(turned):
            self._known = self._heartbeats.all()
        for hook, limit in self._limits.items():
            self._warn(self._known[hook], limit)

    def _is_due(self, hook: str, now: datetime) -> bool:
        """Whether what was heard of a hook is to be written: seldom, but always before it would be overdue."""
        written = self._written.get(hook)
        pause = min(_WRITE_EVERY, self._limits[hook] / 4)
        return written is None or self.silent(hook) == 1 or now - written >= pause

    def _write(self, moments: Mapping[str, datetime]) -> None:
        later = {hook: moment for hook, moment in moments.items() if moment != self._written.get(hook)}
        if later:
            _taken(self._heartbeats.heard(later))
            self._written |= later

    def _judge(self, known: Heartbeat, limit: timedelta, now: datetime) -> bool:
        """Whether a hook fell silent or came back; told unless another node was first."""
        overdue = now - known.heard_at > limit
        if overdue is known.silent or (overdue and now - self._began < min(limit, _SETTLING)):
            return False
        if overdue and _taken(self._heartbeats.fall_silent(known.hook, now - limit)):
            heard_at = known.heard_at.isoformat(timespec="seconds")
            journal.hook_silent(hook=known.hook, heard_at=heard_at, silent_after=limit.total_seconds())
        if not overdue and _taken(self._heartbeats.come_back(known.hook, now - limit)):
            journal.hook_heard_again(hook=known.hook)
        return True

    def _warn(self, known: Heartbeat, limit: timedelta) -> None:
        """Keep /readyz's warnings true."""
        if known.silent:
            self._warnings[f"hooks.{known.hook}"] = silence(known.heard_at, limit)
        else:
            self._warnings.pop(f"hooks.{known.hook}", None)


def _taken(change: Future[T]) -> T:
    """What a change answers; raises StoreUnavailableError when the database does not take it in time."""
    try:
        return change.result(_PATIENCE)
    except TimeoutError as error:
        raise StoreUnavailableError("the database hangs") from error


def silence(heard_at: datetime, limit: timedelta) -> str:
    """A sentence for a person about a sender that has been silent for too long."""
    return (
        f"nothing heard since {heard_at.astimezone(UTC).isoformat(timespec='seconds')}, longer than {limit}: "
        "is the phone or service on, online, and its webhook still set?"
    )
