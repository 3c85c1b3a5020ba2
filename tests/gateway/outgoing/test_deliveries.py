"""Deliveries to real receivers: signed, tried again, given up, replayed; their values guarded."""

import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.settings import OutgoingSettings
from core.store import Showing, Stage, State, Trust, Webhook, sqlite_url
from tests.gateway.outgoing.conftest import Delivering, settled
from tests.gateway.outgoing.receiver import PATIENCE, Receiver

Receivers = Callable[..., Receiver]


@pytest.fixture
def database_url(empty_sqlite: Path, tmp_path: Path) -> str:
    """SQLite alone: what both databases must do alike is in test_outages.py."""
    return sqlite_url(Path(shutil.copy(empty_sqlite, tmp_path / "otpgate.db")))


def shown(delivering: Delivering, webhook: Webhook) -> list[Showing]:
    return [row for row in delivering.store.audit.newest(100) if row.run_id == webhook.run_id]


def test_a_notice_tells_of_a_code_but_not_the_code(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver()
    webhook = delivering.webhook(mine.url, someone)
    delivering.start()
    code = delivering.arrive(someone, "482913", subject="Your code is 482913")
    (event,) = mine.wait(bool)
    told = event.verified_by(webhook.secrets[0].text)
    assert (told["type"], event.data["id"], event.data["identifier"]) == ("code.received", code.id, someone)
    assert (event.data["value"], event.data["subject"], event.data["state"]) == (None, None, "fresh")
    assert b"482913" not in event.body
    assert shown(delivering, webhook) == []


def test_a_value_is_sent_where_it_is_asked_for_and_audited_before_it_leaves(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver(500, 204)
    webhook = delivering.webhook(mine.url, someone, include_value=True)
    delivering.start()
    code = delivering.arrive(someone, "482913")
    (event,) = mine.wait(bool)
    assert event.data["value"] == "482913"
    assert event.id == mine.received[0].id
    rows = shown(delivering, webhook)
    assert [(row.action, row.code_id, row.result) for row in rows] == [("webhook", code.id, "sent")] * 2
    assert delivering.desk.claim(someone, "alice") is not None  # told, not claimed


def test_what_claims_may_not_have_is_told_without_its_value(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver()
    delivering.webhook(mine.url, someone, include_value=True)
    delivering.start(Trust.AUTHOR)
    delivering.arrive(someone, "482913")
    delivering.arrive(someone, "482914", author="acme.example")
    events = mine.wait(lambda found: len(found) == 2)
    assert {event.data["value"] for event in events} == {None, "482914"}


def test_a_claiming_webhook_has_the_code_alone_and_its_answer_accepts(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver(503, 200)
    webhook = delivering.webhook(mine.url, someone, include_value=True, claims=True)
    delivering.start()
    delivering.arrive(someone, "482913")
    (event,) = mine.wait(bool)
    claim = delivering.store.claims.find(event.data["claim_id"])
    assert claim is not None
    assert (event.data["value"], claim.run_id) == ("482913", webhook.run_id)
    assert delivering.desk.claim(someone, "alice") is None
    settled(delivering, webhook, Stage.DELIVERED)
    deadline = time.monotonic() + PATIENCE
    while (now := delivering.store.claims.find(claim.id)) and now.code.state is not State.ACCEPTED:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_code_that_a_run_has_is_not_for_a_claiming_webhook(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver()
    delivering.webhook(mine.url, someone, include_value=True, claims=True)
    delivering.arrive(someone, "482913")
    assert delivering.desk.claim(someone, "alice")
    delivering.arrive(someone, "482914")
    delivering.start()
    assert [event.data["value"] for event in mine.wait(bool)] == ["482914"]


def test_a_receiver_that_hangs_delays_no_other(delivering: Delivering, receiver: Receivers, someone: str) -> None:
    slow, quick = receiver("hang"), receiver()
    delivering.webhook(slow.url, someone)
    delivering.webhook(quick.url, someone)
    delivering.start(settings=OutgoingSettings(answer_seconds=60))
    for n in range(12):
        delivering.arrive(someone, f"4829{n:02}")
    quick.wait(lambda found: len(found) == 12)
    assert 1 <= len(slow.received) <= 8
    assert slow.accepted == []


def test_a_notice_is_tried_on_after_its_code_has_expired(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver(500)
    delivering.webhook(mine.url, someone)
    delivering.start()
    delivering.arrive(someone, "482913", lasts=0.3)
    time.sleep(0.5)
    mine.answers = [200]
    assert mine.wait(bool)[0].data["state"] == "expired"


def test_a_receiver_that_is_gone_is_told_no_more_and_its_claim_goes_back(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver(410)
    webhook = delivering.webhook(mine.url, someone, include_value=True, claims=True)
    delivering.start()
    delivering.arrive(someone, "482913")
    settled(delivering, webhook, Stage.FAILED)
    claimed = delivering.desk.claim(someone, "alice", wait=timedelta(seconds=5))
    assert claimed is not None
    assert claimed.code.value == "482913"
    found = delivering.store.webhooks.find(webhook.id)
    assert found is not None
    assert found.disabled_at is not None
    delivering.arrive(someone, "482914")
    delivering.store.webhooks.disable(webhook.id, None).result()
    mine.answers = [200]
    delivering.arrive(someone, "482915")
    assert mine.wait(bool)[-1].data["value"] in {"482914", "482915"}


def test_a_stop_leaves_what_is_under_way_to_the_next_start(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver("hang", 204)
    delivering.webhook(mine.url, someone)
    delivering.start(settings=OutgoingSettings(answer_seconds=60))
    delivering.arrive(someone, "482913")
    deadline = time.monotonic() + PATIENCE
    while not mine.received:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    began = time.monotonic()
    delivering.stop()
    assert time.monotonic() - began < 4
    delivering.start()
    assert mine.wait(bool)[0].id == mine.received[0].id
