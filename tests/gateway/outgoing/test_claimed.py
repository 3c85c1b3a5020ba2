"""A webhook that claims sends a value only of a code that it holds itself, and nobody else is sent it."""

import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.store import Page, Stage, State, Webhook, sqlite_url
from tests.gateway.outgoing.conftest import Delivering, real_clock, settled
from tests.gateway.outgoing.receiver import PATIENCE, Receiver

Receivers = Callable[..., Receiver]


@pytest.fixture
def database_url(empty_sqlite: Path, tmp_path: Path) -> str:
    """SQLite alone: what both databases must do alike is in test_outages.py."""
    return sqlite_url(Path(shutil.copy(empty_sqlite, tmp_path / "otpgate.db")))


@pytest.fixture
def handed_back(delivering: Delivering, receiver: Receivers, someone: str) -> tuple[Receiver, Webhook]:
    """A receiver that was gone, so that its code went back, and that takes deliveries again."""
    mine = receiver(410)
    webhook = delivering.webhook(mine.url, someone, claims=True)
    delivering.start()
    delivering.arrive(someone, "482913")
    settled(delivering, webhook, Stage.FAILED)
    deadline = time.monotonic() + PATIENCE
    while (rests := delivering.store.webhooks.find(webhook.id)) and rests.disabled_at is None:  # for its 410
        assert time.monotonic() < deadline
        time.sleep(0.01)
    delivering.store.webhooks.disable(webhook.id, None).result()
    mine.answers = [200]
    return mine, webhook


def replay(delivering: Delivering, webhook: Webhook) -> None:
    assert delivering.store.deliveries.replay(real_clock(), webhook_id=webhook.id).result() == 1
    delivering.nodes[0].wake("webhooks")


def ended(delivering: Delivering, webhook: Webhook) -> tuple[Stage, str]:
    """How the only delivery of a webhook ended, once it did so."""
    deadline = time.monotonic() + PATIENCE
    while True:
        (one,) = delivering.store.deliveries.page(Page(limit=2), webhook_id=webhook.id)
        if one.ended_at:
            return one.state, one.reason
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("outcome", [None, State.ACCEPTED, State.REJECTED])
def test_what_another_run_has_meanwhile_is_not_replayed(
    delivering: Delivering, handed_back: tuple[Receiver, Webhook], someone: str, outcome: State | None
) -> None:
    mine, webhook = handed_back
    claimed = delivering.desk.claim(someone, "alice", wait=timedelta(seconds=5))
    assert claimed is not None
    if outcome:
        delivering.desk.end(claimed, outcome)
    replay(delivering, webhook)
    assert ended(delivering, webhook) == (Stage.FAILED, "gone to another run")
    assert len(mine.received) == 1  # the one that it answered with 410


def test_what_is_free_again_is_claimed_again_before_it_is_replayed(
    delivering: Delivering, handed_back: tuple[Receiver, Webhook]
) -> None:
    mine, webhook = handed_back
    replay(delivering, webhook)
    (event,) = mine.wait(bool)
    assert (event.data["value"], event.data["run_id"], event.data["state"]) == (
        "482913",
        webhook.run_id,
        "claimed",
    )
    assert event.data["claim_id"] != mine.received[0].data["claim_id"]
    assert ended(delivering, webhook) == (Stage.DELIVERED, "200")
    deadline = time.monotonic() + PATIENCE
    while (claim := delivering.store.claims.find(event.data["claim_id"])) and claim.code.state is State.CLAIMED:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert claim is not None
    assert (claim.code.state, claim.code.claim_id) == (State.ACCEPTED, claim.id)


def test_a_code_that_its_receiver_handed_back_is_not_tried_on_once_another_run_has_it(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver("hang")
    webhook = delivering.webhook(mine.url, someone, claims=True)
    delivering.start()
    delivering.arrive(someone, "482913")
    deadline = time.monotonic() + PATIENCE
    while not mine.received:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    mine.answers = [200]
    mine_claim = delivering.store.claims.find(mine.received[0].data["claim_id"])
    assert mine_claim is not None
    delivering.desk.end(mine_claim, State.FRESH)
    assert delivering.desk.claim(someone, "alice")
    assert ended(delivering, webhook) == (Stage.FAILED, "gone to another run")
    assert len(mine.received) == 1


def test_what_was_delivered_goes_again_with_its_value_while_its_webhook_has_it(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver()
    webhook = delivering.webhook(mine.url, someone, claims=True)
    delivering.start()
    delivering.arrive(someone, "482913")
    settled(delivering, webhook, Stage.DELIVERED)
    (first,) = mine.received
    assert delivering.store.deliveries.replay(real_clock(), delivery_id=first.id).result() == 1
    delivering.nodes[0].wake("webhooks")
    again = mine.wait(lambda found: len(found) == 2)[1]
    assert [again.data[name] for name in ("value", "claim_id")] == ["482913", first.data["claim_id"]]


def test_where_a_webhook_claims_the_others_get_no_value(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    claiming, telling, elsewhere = receiver(), receiver(), receiver()
    delivering.webhook(telling.url, someone, include_value=True)
    delivering.webhook(claiming.url, someone, include_value=True, claims=True)
    delivering.webhook(elsewhere.url, "else" + someone, include_value=True)
    delivering.start()
    delivering.arrive(someone, "482913")
    delivering.arrive("else" + someone, "482914")
    told = [one.wait(bool)[0] for one in (claiming, telling, elsewhere)]
    assert [event.data["value"] for event in told] == ["482913", None, "482914"]
    assert b"482913" not in telling.received[0].body
    assert "claim_id" not in telling.received[0].data


def test_what_a_claiming_webhook_has_stays_its_own_while_it_rests(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    claiming, telling = receiver(), receiver()
    resting = delivering.webhook(claiming.url, someone, claims=True)
    webhook = delivering.webhook(telling.url, someone, include_value=True)
    delivering.start()
    delivering.arrive(someone, "482913")
    settled(delivering, resting, Stage.DELIVERED)
    settled(delivering, webhook, Stage.DELIVERED)
    delivering.store.webhooks.disable(resting.id, real_clock()).result()
    assert delivering.store.deliveries.replay(real_clock(), delivery_id=telling.received[0].id).result() == 1
    delivering.nodes[0].wake("webhooks")
    assert telling.wait(lambda found: len(found) == 2)[1].data["value"] is None
    delivering.arrive(someone, "482914")
    assert telling.wait(lambda found: len(found) == 3)[2].data["value"] == "482914"
