"""Long SMS of which a part never came: what is here is stored after a while, so that no code is lost."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from core.errors import InvalidIdentifierError
from core.identifiers import sms_sender
from core.ingest import Ingest
from core.message import Channel, InboundMessage
from core.store import Store
from gateway.runtime import new_trace

PATIENCE = timedelta(seconds=45)
"""How long an SMS waits for its other parts: they come within seconds of each other, or an hour later."""


def store_overdue(store: Store, ingest: Ingest, clock: Callable[[], datetime]) -> None:
    """Store what came of SMS whose other parts are overdue, with a gap for each; safe at several nodes at once.

    Raises TemporaryError when the store does not take it; then the parts stay for the next time.
    """
    for part, text, external_id in store.parts.overdue(clock() - PATIENCE):
        if not part.total:  # a call: each of its sentences was stored as it came
            store.parts.drop(part).result()
            continue
        message = InboundMessage(
            channel=Channel.SMS,
            door=part.door,
            received_at=clock(),
            trace_id=new_trace(),
            sender=sms_sender(part.sender, ingest.default_region),
            recipient=part.recipient,
            text=text,
            external_id=external_id,
            route="provider",
        )
        with suppress(InvalidIdentifierError):  # its recipient is no number: no other part could change that
            ingest(message).result()
        store.parts.drop(part).result()
