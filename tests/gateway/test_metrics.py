"""Prometheus metrics: fed by the journal alone, and seen on a running gateway."""

import re
import time

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from core import journal
from gateway.metrics import Metrics
from tests.conftest import Serve
from tests.running import Gateway

CODE = "482913"


@pytest.fixture(scope="module")
def running(serve: Serve) -> Gateway:
    """A gateway of which nobody else counts anything."""
    return serve()


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_gateway_counts_what_went_through_it(running: Gateway) -> None:
    running.send("one@example.com", f"Your code is {CODE}")
    running.send("one@example.com", f"Your code is {CODE}")
    running.send("two@example.com", "hello")
    running.push("three@example.com", f"Your code is {CODE}")
    assert running.sms("+15551230000", f"Your code is {CODE}").status_code == 200
    httpx.post(running.url + "/hooks/sms", data={"From": "x"})
    answer = running.claim("one@example.com")
    claim = answer["claim"]
    assert claim, answer["diagnosis"]
    assert running.end(claim["claim_id"], "accept").status_code == 200
    shown = running.api.get("/metrics")
    assert shown.headers["Content-Type"].startswith("text/plain")
    found = samples(shown.text)

    def count(name: str, **labels: str) -> float:
        return found.get((name, tuple(sorted(labels.items()))), 0.0)

    assert count("otpgate_messages_total", door="smtp", verdict="code") == 1
    assert count("otpgate_repeats_total", door="smtp") == 1
    assert count("otpgate_messages_total", door="smtp", verdict="none") == 1
    assert count("otpgate_messages_total", door="push", verdict="code") == 1
    assert count("otpgate_codes_total", kind="code", channel="sms") == 1
    assert count("otpgate_claims_total", outcome="claimed") == 1
    assert count("otpgate_claims_total", outcome="accepted") == 1
    assert count("otpgate_refusals_total", door="hook", reason="signature missing") == 1
    assert count("otpgate_dot_to_commit_seconds_count") == 3
    assert count("otpgate_arrival_to_claim_seconds_count") == 1
    assert time.time() - count("otpgate_last_seen_timestamp_seconds", via="hooks/sms") < 60
    assert count("otpgate_waiters") == 0
    assert count("otpgate_disk_free_bytes") > 0
    assert not re.search(rf"{CODE}|example\.com|\+1555", shown.text), "no label holds what came in"


def test_every_event_of_the_journal_is_heard_while_told_to_and_not_after() -> None:
    """Also those that the log leaves out at its level."""
    metrics = Metrics()
    with journal.told_to(metrics.observe):
        journal.store_failed(ValueError("secret"))
        journal.smtp_stored(peer="192.0.2.1", trace_id="t", size=1, seconds=0.2)
        journal.smtp_refused(peer="192.0.2.1", reason="timed out", trace_id="")
    journal.store_failed(ValueError("secret"))
    found = samples(metrics.text().decode())
    assert found["otpgate_database_errors_total", ()] == 1
    assert found["otpgate_dot_to_commit_seconds_sum", ()] == pytest.approx(0.2)
    assert found["otpgate_refusals_total", (("door", "smtp"), ("reason", "timed out"))] == 1
    assert "secret" not in metrics.text().decode()
    assert "192.0.2.1" not in metrics.text().decode()
