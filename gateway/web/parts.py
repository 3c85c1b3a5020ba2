"""What the web app is built from, and how a view reaches it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app

from core.claims import Claims
from core.feed import Feed
from core.ingest import Ingest
from core.settings import Settings
from core.store import Store
from core.turns import Turns
from gateway.providers import Hook
from gateway.rotation import Rotation
from gateway.web.held import HeldRequests
from gateway.web.wrong_keys import Allowance, WrongKeys

EXTENSION = "otpgate"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything that the views call."""

    settings: Settings
    store: Store
    ingest: Ingest
    claims: Claims
    turns: Turns
    feed: Feed
    hooks: Mapping[str, Hook]
    clock: Callable[[], datetime]
    new_trace: Callable[[], str]
    held: HeldRequests
    rotation: Rotation
    warnings: dict[str, str]
    """What does not stop the gateway but wants a person: a sentence for each part."""
    ready: Callable[[], Mapping[str, bool]]
    """Each part of the gateway by name, and whether it works."""
    metrics: Callable[[], bytes]
    """What /metrics shows."""
    wrong_keys: WrongKeys
    refusals: Allowance
    """How many refusals are audited."""
    heard: Callable[[str], None] = lambda _: None
    """Notes a sign of life of a webhook's sender, by the hook's name."""


def parts() -> Parts:
    """The parts of the app that answers the present request."""
    return cast("Parts", current_app.extensions[EXTENSION])
