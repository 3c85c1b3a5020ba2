"""Accepting, rejecting and handing back, inside a transaction: each change of state is one guarded UPDATE."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, update

from core.errors import ClaimHeldError, NotFoundError
from core.identifiers import organizational_domain
from core.store.codes import free, lapsed, usable
from core.store.events import note_claim
from core.store.handing import find_claim
from core.store.records import Claim, Code, State
from core.store.rows import code_record
from core.store.tables import claims, codes

_MAY_BECOME = {
    State.ACCEPTED: (State.CLAIMED, State.REJECTED, State.ACCEPTED),
    State.REJECTED: (State.CLAIMED, State.REJECTED, State.ACCEPTED),
    State.FRESH: (State.CLAIMED,),
}
"""From which states the run that holds a code may bring it to another: its last word counts."""


def end_claim(connection: Connection, claim_id: str, outcome: State, now: datetime) -> Claim:
    """Bring a claim to its end; raises NotFoundError, or ClaimHeldError when another run holds the code."""
    claim = find_claim(connection, claim_id)
    if claim is None:
        raise NotFoundError("there is no such claim, or not for this API key")
    holder = ("", "") if outcome is State.FRESH else (claim.id, claim.run_id)
    statement = (
        update(codes)
        .where(codes.c.id == claim.code.id, or_(_mine(claim, outcome), _nobodys(now)))
        .values(state=outcome.value, claim_id=holder[0], holder=holder[1], lease_until=None)
        .returning(codes)
    )
    row = connection.execute(statement).mappings().first()
    if row is None:
        return _too_late(connection, claim_id, outcome, now)
    _note(connection, claim_id, outcome)
    ended = replace(claim, code=code_record(connection, row), lease_until=None)
    note_claim(connection, ended, ended.code, at=now)
    if outcome is State.ACCEPTED:
        _supersede(connection, ended, now)
    return ended


def _mine(claim: Claim, outcome: State) -> ColumnElement[bool]:
    """Still this run's, and in a state that it may change."""
    states = [state.value for state in _MAY_BECOME[outcome]]
    return and_(codes.c.holder == claim.run_id, codes.c.state.in_(states))


def _nobodys(now: datetime) -> ColumnElement[bool]:
    """Fresh or expired, or the lease on it is over."""
    unheld = or_(codes.c.state == State.FRESH.value, lapsed(now))
    return or_(unheld, and_(codes.c.state == State.CLAIMED.value, codes.c.expires_at <= now))


def _too_late(connection: Connection, claim_id: str, outcome: State, now: datetime) -> Claim:
    """The claim as it stands, its code being decided already; raises ClaimHeldError when it is another run's."""
    claim = find_claim(connection, claim_id)
    if claim is None:
        raise NotFoundError("there is no such claim, or not for this API key")
    if claim.code.holder != claim.run_id and claim.code.state_at(now) in {State.CLAIMED, State.ACCEPTED}:
        raise ClaimHeldError("another run holds this code now")
    if outcome is not State.FRESH:
        _note(connection, claim_id, outcome)
    return claim


def _note(connection: Connection, claim_id: str, outcome: State) -> None:
    connection.execute(update(claims).where(claims.c.id == claim_id).values(outcome=outcome.value))


def _supersede(connection: Connection, claim: Claim, now: datetime) -> None:
    """Older fresh codes of that sender since that run's cursor are of no use any more."""
    since = usable(connection, claim.code.identifier, claim.after, now)
    older = [code.id for code in since if _is_older(code, claim)]
    if older:
        statement = update(codes).where(codes.c.id.in_(older), free(now)).values(state=State.SUPERSEDED.value)
        done = connection.execute(statement.returning(codes)).mappings()
        note_claim(connection, claim, *[code_record(connection, row) for row in done], at=now)


def _is_older(code: Code, claim: Claim) -> bool:
    """Whether it is an older one of the same sender, and not pushed for somebody else."""
    accepted = claim.code
    bound = {code.run_id, code.workflow_id, code.task_id} - {""}
    mine = {claim.run_id, accepted.run_id, accepted.workflow_id, accepted.task_id}
    return (
        code.id != accepted.id
        and code.received_at <= accepted.received_at
        and code.channel == accepted.channel
        and _sender(code) == _sender(accepted)
        and bound <= mine
    )


def _sender(code: Code) -> str:
    return organizational_domain(code.sender_domain) if code.sender_domain else code.sender
