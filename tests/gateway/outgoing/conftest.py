"""Receivers, and deliveries running over a store on each database in turn."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from core.ids import new_id
from core.settings import OutgoingSettings
from core.store import Page, Secret, Stage, Trust, Webhook
from gateway.outgoing import Outgoing
from gateway.receivers import new_secret
from tests.gateway.outgoing.receiver import PATIENCE, Receiver
from tests.shelves import Desk, open_desk

QUICK = OutgoingSettings(answer_seconds=1, first_pause=0.05, longest_pause=1)
"""A day's pauses in little time."""


def real_clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def receiver() -> Iterator[Callable[..., Receiver]]:
    """Starts receivers."""
    started: list[Receiver] = []

    def start(*answers: int | str, port: int = 0) -> Receiver:
        started.append(Receiver(*answers, port=port))
        return started[-1]

    yield start
    for one in started:
        one.close()


class Delivering:
    """A store with webhooks, and nodes that deliver; not yet running."""

    def __init__(self, desk: Desk) -> None:
        desk.shelf.clock.now = real_clock()
        self.desk = open_desk(desk.shelf, real_clock)
        self.store, self.arrive = desk.shelf.store, desk.shelf.arrive
        self.nodes: list[Outgoing] = []
        self.webhooks: list[Webhook] = []

    def webhook(self, url: str, only: str, **fields: Any) -> Webhook:
        """Adds a webhook for one identifier."""
        now = real_clock()
        made = Webhook(
            id=new_id("webhook", now),
            url=url,
            secrets=(Secret(text=new_secret()),),
            only=(only,),
            created_at=now,
            **fields,
        )
        self.webhooks.append(self.store.webhooks.add(made).result())
        return self.webhooks[-1]

    def start(self, minimum: Trust = Trust.NONE, settings: OutgoingSettings = QUICK) -> Outgoing:
        """Starts a node."""
        node = Outgoing(self.store, self.desk.claims, real_clock, settings, minimum)
        node.start()
        self.nodes.append(node)
        return node

    def stop(self) -> None:
        """Stops every node; each was well until then."""
        well = [node.alive for node in self.nodes]
        for node in self.nodes:
            node.stop()
        assert all(well)
        self.nodes.clear()


@pytest.fixture
def delivering(desk: Desk) -> Iterator[Delivering]:
    """Deliveries over a store on each database in turn."""
    made = Delivering(desk)
    yield made
    made.stop()
    for webhook in made.webhooks:
        made.store.webhooks.remove(webhook.id).result()


def settled(delivering: Delivering, webhook: Webhook, state: Stage) -> None:
    """Waits until every delivery of a webhook is in that state."""
    deadline = time.monotonic() + PATIENCE
    while True:
        page = delivering.store.deliveries.page(Page(limit=200), webhook_id=webhook.id)
        if page and {one.state for one in page} == {state}:
            return
        assert time.monotonic() < deadline, [(one.state, one.reason) for one in page]
        time.sleep(0.02)
