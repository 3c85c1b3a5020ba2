"""The verbs on claims: who holds which code."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, select

from core.store.audit import record
from core.store.codes import usable
from core.store.ending import end_claim
from core.store.engine import lock
from core.store.events import EVENTS_LINE
from core.store.handing import find_claim, hand_out, held_claim
from core.store.records import Claim, Code, Showing, State
from core.store.tables import claims
from core.store.turns import end_turns, turn_line
from core.store.writer import Writer

_REJECTED_UNTIL = (
    select(claims.c.code_received_at)
    .where(
        claims.c.identifier == bindparam("identifier"),
        claims.c.run_id == bindparam("run_id"),
        claims.c.outcome == State.REJECTED.value,
    )
    .order_by(claims.c.code_received_at.desc())
    .limit(1)
)
Choose = Callable[[Sequence[Code]], Sequence[Code]]


class Claims:
    """The verbs on claims."""

    def __init__(self, writer: Writer, reader: Engine, ring: Callable[[str], None]) -> None:
        self._writer, self._reader, self._ring = writer, reader, ring

    def held_by(self, identifier: str, run_id: str, ask: str, now: datetime) -> Claim | None:
        """The claim that this run holds for the same question."""
        with self._reader.connect() as connection:
            return held_claim(connection, identifier, run_id, ask, now)

    def rejected_until(self, identifier: str, run_id: str) -> datetime | None:
        """When the newest code that this run rejected had come: it sees only newer ones."""
        with self._reader.connect() as connection:
            return connection.execute(_REJECTED_UNTIL, {"identifier": identifier, "run_id": run_id}).scalar()

    def find(self, claim_id: str) -> Claim | None:
        """A claim, whatever became of it."""
        with self._reader.connect() as connection:
            return find_claim(connection, claim_id)

    def make(self, wanted: Claim, choose: Choose, now: datetime, showing: Showing) -> Future[Claim | None]:
        """Hand the best of what `choose` picks to one run; None when there is nothing for it.

        `wanted` names the claim to make; its `code` says only the identifier. The same run asking the
        same again gets the claim that it holds.
        """
        identifier = wanted.code.identifier

        def work(connection: Connection) -> Claim | None:
            lock(connection, f"{identifier} {wanted.run_id}")
            made = held_claim(connection, identifier, wanted.run_id, wanted.ask, now) or hand_out(
                connection, wanted, choose(usable(connection, identifier, wanted.after, now)), now
            )
            if made:
                record(connection, _about(showing, made))
            return made

        return self._writer.apart(work, lambda made: self._ring(EVENTS_LINE) if made else None)

    def end(self, claim_id: str, outcome: State, now: datetime, showing: Showing) -> Future[Claim]:
        """Accept, reject or release (`FRESH`) a claim, and end the run's turns; repeating it changes nothing.

        Where the code is nobody's any more, the answer shows what became of it. Raises NotFoundError, or
        ClaimHeldError when another run holds the code.
        """
        turn_ended = False

        def work(connection: Connection) -> Claim:
            nonlocal turn_ended
            ended = end_claim(connection, claim_id, outcome, now)
            record(connection, _about(showing, ended))
            turn_ended = end_turns(connection, ended.code.identifier, ended.run_id)
            return ended

        def committed(claim: Claim) -> None:
            self._ring(EVENTS_LINE)
            if outcome is State.FRESH:
                self._ring(claim.code.identifier)
            if turn_ended:
                self._ring(turn_line(claim.code.identifier))

        return self._writer.apart(work, committed)


def _about(showing: Showing, claim: Claim) -> Showing:
    code = claim.code
    return replace(
        showing, identifier=code.identifier, code_id=code.id, message_id=code.message_id, run_id=claim.run_id
    )
