"""Turns: one run at a time with one identifier and sender. A turn is taken by one statement."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, or_, select

from core.store.engine import insert_into
from core.store.tables import turns
from core.store.writer import Writer


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One run's turn with an identifier and a sender ("": any), until a moment."""

    identifier: str
    sender: str
    run_id: str
    ends_at: datetime


def turn_line(identifier: str) -> str:
    """The name under which waiters for a turn stand in line."""
    return f"turn {identifier}"


class Turns:
    """The verbs on turns."""

    def __init__(self, writer: Writer, reader: Engine, ring: Callable[[str], None]) -> None:
        self._writer, self._reader, self._ring = writer, reader, ring

    def running(self, identifier: str, now: datetime) -> list[Turn]:
        """The turns that runs have now with an identifier."""
        query = select(turns).where(turns.c.identifier == identifier, turns.c.ends_at > now)
        with self._reader.connect() as connection:
            return [Turn(**row) for row in connection.execute(query).mappings()]

    def take(self, turn: Turn, now: datetime) -> Future[bool]:
        """Whether the run has the turn now: nobody else had it, or it had it itself and it lasts longer now."""

        def work(connection: Connection) -> bool:
            wanted = {"run_id": turn.run_id, "ends_at": turn.ends_at}
            statement = (
                insert_into(connection, turns)
                .values(identifier=turn.identifier, sender=turn.sender, **wanted)
                .on_conflict_do_update(
                    index_elements=["identifier", "sender"],
                    set_=wanted,
                    where=or_(turns.c.ends_at <= now, turns.c.run_id == turn.run_id),
                )
                .returning(turns.c.run_id)
            )
            return connection.execute(statement).first() is not None

        return self._writer.apart(work)

    def end(self, identifier: str, run_id: str) -> Future[bool]:
        """End a run's turns with an identifier; whether it had one."""

        def committed(ended: bool) -> None:  # noqa: FBT001 - the writer hands on what the work returned
            if ended:
                self._ring(turn_line(identifier))

        return self._writer.apart(lambda connection: end_turns(connection, identifier, run_id), committed)


def end_turns(connection: Connection, identifier: str, run_id: str) -> bool:
    """End a run's turns with an identifier inside a transaction; whether it had one."""
    statement = delete(turns).where(turns.c.identifier == identifier, turns.c.run_id == run_id)
    return connection.execute(statement).rowcount > 0
