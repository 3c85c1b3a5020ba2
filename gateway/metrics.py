"""Metrics for Prometheus, counted from the journal's events and nowhere else; no label holds what came in."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW = (0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)


class Metrics:
    """What one gateway has done since its start. `observe` is told every event of the journal."""

    def __init__(self) -> None:
        # Long: a line for each metric.
        self._registry = registry = CollectorRegistry()
        self._messages = Counter("otpgate_messages", "Messages stored", ["door", "verdict"], registry=registry)
        self._repeats = Counter("otpgate_repeats", "Messages that came again", ["door"], registry=registry)
        self._codes = Counter("otpgate_codes", "Codes and links found", ["kind", "channel"], registry=registry)
        self._claims = Counter("otpgate_claims", "Claims made and how they ended", ["outcome"], registry=registry)
        self._refusals = Counter("otpgate_refusals", "What was refused", ["door", "reason"], registry=registry)
        self._faults = Counter("otpgate_faults", "Faults of our own", ["part"], registry=registry)
        self._deliveries = Counter(
            "otpgate_webhook_attempts", "Deliveries tried, and how they stand", ["state"], registry=registry
        )
        self._database = Counter("otpgate_database_errors", "Changes not taken", registry=registry)
        self._seen = Gauge(
            "otpgate_last_seen_timestamp_seconds",
            "When something last came by this forwarder, API key or door",
            ["via"],
            registry=registry,
        )
        self._mailboxes = Gauge(
            "otpgate_mailbox_connected", "Whether this node is watching it", ["mailbox"], registry=registry
        )
        self._contact = Gauge(
            "otpgate_mailbox_contact_timestamp_seconds",
            "When its mail server last answered",
            ["mailbox"],
            registry=registry,
        )
        self._losses = Counter(
            "otpgate_mailbox_losses", "Connections that ended, and why", ["mailbox", "reason"], registry=registry
        )
        self._commit = Histogram(
            "otpgate_dot_to_commit_seconds", "From a mail's dot to its commit", buckets=_FAST, registry=registry
        )
        self._claimed = Histogram(
            "otpgate_arrival_to_claim_seconds", "From arrival to claim", buckets=_SLOW, registry=registry
        )
        self._heard: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "message_stored": self._message_stored,
            "smtp_stored": lambda fields: self._commit.observe(fields["seconds"]),
            "code_claimed": self._code_claimed,
            "claim_ended": lambda fields: self._claims.labels(fields["outcome"]).inc(),
            "request_refused": lambda fields: self._refusals.labels("http", fields["problem"]).inc(),
            "smtp_refused": lambda fields: self._refusals.labels("smtp", fields["reason"]).inc(),
            "hook_refused": lambda fields: self._refusals.labels("hook", fields["reason"]).inc(),
            "request_failed": lambda _: self._faults.labels("http").inc(),
            "smtp_failed": lambda _: self._faults.labels("smtp").inc(),
            "reading_failed": lambda _: self._faults.labels("reading").inc(),
            "store_failed": lambda _: self._database.inc(),
            "mailbox_connected": lambda fields: self._mailboxes.labels(fields["mailbox"]).set(1),
            "mailbox_heard": lambda fields: self._contact.labels(fields["mailbox"]).set(time.time()),
            "mailbox_lost": self._mailbox_lost,
            "mailbox_gave_up": self._mailbox_lost,
            "webhook_tried": lambda fields: self._deliveries.labels(fields["state"]).inc(),
        }

    def observe(self, event: str, fields: Mapping[str, Any]) -> None:
        """Count an event, if it is one that counts."""
        heard = self._heard.get(event)
        if heard:
            heard(fields)

    def gauge_of(self, label: str, name: str, text: str, values: Mapping[str, Callable[[], float]]) -> None:
        """Show numbers that are asked for each time, one for each value of a label."""
        gauge = Gauge(name, text, [label], registry=self._registry)
        for value, number in values.items():
            gauge.labels(value).set_function(number)

    def gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Show a number that is asked for each time."""
        Gauge(name, text, registry=self._registry).set_function(value)

    def collect(self) -> Iterable[Metric]:
        """All of it, as numbers."""
        return self._registry.collect()

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return bytes(generate_latest(self._registry))

    def _message_stored(self, fields: Mapping[str, Any]) -> None:
        self._seen.labels(fields["via"]).set(time.time())
        if not fields["new"]:
            self._repeats.labels(fields["door"]).inc()
            return
        self._messages.labels(fields["door"], fields["verdict"]).inc()
        for kind in fields["kinds"]:
            self._codes.labels(kind, fields["channel"]).inc()

    def _mailbox_lost(self, fields: Mapping[str, Any]) -> None:
        self._mailboxes.labels(fields["mailbox"]).set(0)
        self._losses.labels(fields["mailbox"], fields["reason"]).inc()

    def _code_claimed(self, fields: Mapping[str, Any]) -> None:
        self._claims.labels("claimed").inc()
        self._claimed.observe(max(0.0, fields["seconds"]))
