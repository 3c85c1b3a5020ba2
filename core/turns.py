"""Turns: while a run has its turn with an identifier and sender, no other run gets one.

Nothing in a mail tells two equal runs apart, so they ask the site one after the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import ClaimHeldError, OtpgateError
from core.identifiers import organizational_domain
from core.ids import cursor_at
from core.store import Store, Turn, turn_line
from core.waiting import Bell, Patience, Try, in_line

LONGEST = timedelta(seconds=120)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which turn a run wants."""

    identifier: str
    senders: Sequence[str]
    run_id: str


class Turns:
    """Gives turns, in the order of asking."""

    def __init__(self, store: Store, bell: Bell, clock: Callable[[], datetime]) -> None:
        self._store, self._bell, self._clock = store, bell, clock

    def take(
        self, wish: Wish, wait: timedelta, gone: Callable[[], bool], check: Callable[[], None] = lambda: None
    ) -> str:
        """A cursor for the moment at which the turn begins; raises ClaimHeldError when it does not come in time.

        The turn ends with the run's next accept, reject or release, or after 120 s; asking again renews it. What
        `check` raises is raised instead of an answer, and a turn given back.
        """
        identifier = self._store.registry.owner(wish.identifier) or wish.identifier
        sender = ",".join(sorted({_site(sender) for sender in wish.senders}))

        def look() -> list[Turn]:
            return self._store.turns.running(identifier, self._clock())

        def attempt(seen: list[Turn]) -> Try[datetime]:
            now = self._clock()
            others = [
                t.ends_at for t in seen if t.sender == sender and t.run_id != wish.run_id and t.ends_at > now
            ]
            if others or gone():
                return Try(again_at=min(others, default=None))
            turn = Turn(identifier=identifier, sender=sender, run_id=wish.run_id, ends_at=now + LONGEST)
            if not self._store.turns.take(turn, now).result() or self._left(turn, gone):
                return Try()
            seen.append(turn)
            return Try(found=self._clock())

        patience = Patience(clock=self._clock, wait=wait, gone=gone)
        begun = in_line(self._bell, turn_line(identifier), look, attempt, patience)
        self._check(wish.run_id, identifier, check, taken=begun is not None)
        if begun is None:
            raise ClaimHeldError("another run has its turn with this identifier and sender: ask again with `wait`")
        return cursor_at(begun)

    def _check(self, run_id: str, identifier: str, check: Callable[[], None], *, taken: bool) -> None:
        """Raises what the check does; the turn is given back then."""
        try:
            check()
        except OtpgateError:
            if taken:
                self._store.turns.end(identifier, run_id).result()
            raise

    def _left(self, turn: Turn, gone: Callable[[], bool]) -> bool:
        """Whether the client has left; its turn is given back then."""
        if gone():
            self._store.turns.end(turn.identifier, turn.run_id).result()
            return True
        return False


def _site(sender: str) -> str:
    """What tells two senders apart: the organisational domain where there is one."""
    domain = sender.rpartition("@")[2]
    return organizational_domain(domain) if "." in domain else sender.strip().casefold()
