"""Receivers that were down, nodes that share the work, what is given up: on both databases."""

import time
from collections.abc import Callable

from core.settings import OutgoingSettings
from core.store import Page, Stage
from tests.gateway.outgoing.conftest import Delivering, real_clock, settled
from tests.gateway.outgoing.receiver import PATIENCE, Receiver

Receivers = Callable[..., Receiver]


def test_a_receiver_that_was_down_gets_everything_after_it(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    """A minute of a day's pauses, in as many attempts and less time."""
    before = receiver()
    port = before.port
    before.close()
    webhook = delivering.webhook(f"http://127.0.0.1:{port}/otp", someone, include_value=True)
    delivering.start()
    values = [f"48291{n}" for n in range(10)]
    for value in values:
        delivering.arrive(someone, value)
    deadline = time.monotonic() + PATIENCE
    while True:
        waiting = delivering.store.deliveries.page(Page(limit=50), webhook_id=webhook.id)
        if len(waiting) == len(values) and min(one.attempts for one in waiting) >= 3:
            break
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert {one.reason for one in waiting} == {"ConnectError"}
    again = receiver(port=port)
    again.wait(lambda found: len(found) == len(values))
    assert sorted(event.data["value"] for event in again.accepted) == values
    settled(delivering, webhook, Stage.DELIVERED)
    assert len({event.id for event in again.accepted}) == len(values)


def test_what_arrived_while_no_node_ran_is_delivered_and_what_was_before_is_not(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver()
    delivering.arrive(someone, "482912")
    webhook = delivering.webhook(mine.url, someone, include_value=True)
    delivering.arrive(someone, "482913")
    delivering.arrive("else" + someone, "482914")
    delivering.start()
    mine.wait(bool)
    settled(delivering, webhook, Stage.DELIVERED)
    assert [event.data["value"] for event in mine.received] == ["482913"]


def test_several_nodes_deliver_each_code_once(delivering: Delivering, receiver: Receivers, someone: str) -> None:
    mine = receiver()
    webhook = delivering.webhook(mine.url, someone)
    patient = OutgoingSettings(answer_seconds=60)  # what a busy machine answers late would be sent again
    nodes = [delivering.start(settings=patient) for _ in range(3)]
    deadline = time.monotonic() + PATIENCE
    while not all(node._any for node in nodes):  # noqa: SLF001 - on SQLite a start lets go of what others have
        assert time.monotonic() < deadline
        time.sleep(0.02)
    codes = {delivering.arrive(someone, f"4829{n:02}").id for n in range(20)}
    for node in nodes:
        node.wake("webhooks")
    mine.wait(lambda found: len(found) >= len(codes))
    settled(delivering, webhook, Stage.DELIVERED)
    assert sorted(event.data["id"] for event in mine.received) == sorted(codes)


def test_what_is_given_up_can_be_seen_and_replayed_without_a_value_that_has_expired(
    delivering: Delivering, receiver: Receivers, someone: str
) -> None:
    mine = receiver(302, 500)
    webhook = delivering.webhook(mine.url, someone, include_value=True)
    delivering.start()
    delivering.arrive(someone, "482913", lasts=0.5)
    settled(delivering, webhook, Stage.FAILED)
    assert {request.path for request in mine.received} == {"/otp"}  # the redirect was not followed
    mine.answers = [200]
    assert delivering.store.deliveries.replay(real_clock(), webhook_id=webhook.id).result() == 1
    delivering.nodes[0].wake("webhooks")
    (event,) = mine.wait(bool)
    assert (event.id, event.data["value"], event.data["state"]) == (mine.received[0].id, None, "expired")
