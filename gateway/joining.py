"""Long SMS of which a part never came, and calls that fell silent: what is here is stored, so no code is lost."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from core import journal
from core.errors import OtpgateError
from core.identifiers import sms_sender
from core.ingest import Ingest
from core.message import Channel, InboundMessage
from core.store import Part, Store, database_away, joined
from gateway.rounds import Rounds
from gateway.webhooks.spoken import to_read

PATIENCE = timedelta(seconds=45)
"""How long an SMS waits for its other parts: they come within seconds of each other, or an hour later."""
SILENCE = timedelta(seconds=10)
"""After which a call says no more: no voice that reads out a code pauses for as long."""
EVERY_SECONDS = 5.0


class Joiner(Rounds):
    """A thread that looks for what is overdue until it is stopped."""

    def __init__(
        self, store: Store, ingest: Ingest, clock: Callable[[], datetime], new_trace: Callable[[], str]
    ) -> None:
        self._store, self._ingest, self._clock, self._new_trace = store, ingest, clock, new_trace
        super().__init__("joiner")

    def _run(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            try:
                self.store_overdue()
            except OtpgateError as error:
                journal.store_failed(error)  # the database is away: the next round tries again

    def store_overdue(self) -> None:
        """Store what came of SMS and calls that wait in vain, a gap for each part; safe at several nodes at once.

        Raises TemporaryError when the store does not take it; then the parts stay for the next time.
        """
        now = self._clock()
        overdue = self._store.parts.overdue
        with database_away():
            waiting = [*overdue(now - SILENCE, calls=True), *overdue(now - PATIENCE)]
        for found in waiting:
            for text, external_id in _texts(found):
                self._ingest(self._message(found[0], text, external_id)).result()
            self._store.parts.drop(found).result()

    def _message(self, part: Part, text: str, external_id: str) -> InboundMessage:
        return InboundMessage(
            channel=Channel.SMS,
            door=part.door,
            received_at=self._clock(),
            trace_id=self._new_trace(),
            sender=sms_sender(part.sender, self._ingest.default_region),
            recipient=part.recipient,
            text=text,
            external_id=external_id,
            conversation="" if part.total else part.reference,
            route="provider",
        )


def _texts(found: Sequence[Part]) -> list[tuple[str, str]]:
    """What is to be stored of an SMS or of a call, with its ids."""
    if found[0].total:
        return [joined(found)]
    said = to_read({one.number: one.text for one in found}, over=True)
    return [(text, found[-1].external_id) for text in said]
