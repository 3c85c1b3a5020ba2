"""Handing codes out, inside a transaction, by one guarded UPDATE: no two runs can win the same code."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from core.store.codes import free
from core.store.columns import Instant
from core.store.events import note_claim
from core.store.records import Claim, Code, State
from core.store.rows import code_record
from core.store.tables import claims, codes

_NOW = bindparam("now", type_=Instant)
_GIVE = (
    update(codes)
    .where(
        codes.c.id
        == select(codes.c.id)
        .where(codes.c.id == bindparam("wanted"), free(_NOW))
        .with_for_update(skip_locked=True)
        .scalar_subquery(),
        free(_NOW),
    )
    .values(
        state=State.CLAIMED.value,
        claim_id=bindparam("for_claim"),
        holder=bindparam("for_run"),
        lease_until=bindparam("for_lease"),
    )
    .returning(codes)
)
_HELD = (
    select(claims.c.id)
    .join(codes, and_(codes.c.id == claims.c.code_id, codes.c.claim_id == claims.c.id))
    .where(
        claims.c.identifier == bindparam("identifier"),
        claims.c.run_id == bindparam("run_id"),
        claims.c.ask == bindparam("ask"),
        codes.c.state == State.CLAIMED.value,
        codes.c.expires_at > _NOW,
        or_(codes.c.lease_until.is_(None), codes.c.lease_until > _NOW),
    )
    .order_by(claims.c.claimed_at.desc())
    .limit(1)
)
_CLAIM = select(claims).where(claims.c.id == bindparam("claim_id"))
_CODE = select(codes).where(codes.c.id == bindparam("code_id"))
_REMEMBER = claims.insert()
"""Made once: to put these statements together for each claim took most of the time of a claim."""


def hand_out(connection: Connection, wanted: Claim, choices: Sequence[Code], now: datetime) -> Claim | None:
    """Give the first of `choices` that is free to the run that wants one; None where none is."""
    given = {"for_claim": wanted.id, "for_run": wanted.run_id, "for_lease": wanted.lease_until, "now": now}
    for code in choices:
        row = connection.execute(_GIVE, {"wanted": code.id, **given}).mappings().first()
        if row is not None:
            claim = replace(wanted, code=code_record(connection, row))
            remember(connection, claim, now)
            return claim
    return None


def remember(connection: Connection, claim: Claim, now: datetime) -> None:
    """Note who claimed what, and for which question."""
    row = {
        "id": claim.id,
        "code_id": claim.code.id,
        "identifier": claim.code.identifier,
        "run_id": claim.run_id,
        "ask": claim.ask,
        "after": claim.after,
        "code_received_at": claim.code.received_at,
        "claimed_at": now,
        "outcome": "",
    }
    connection.execute(_REMEMBER, row)
    note_claim(connection, claim, claim.code, at=now)


def held_claim(connection: Connection, identifier: str, run_id: str, ask: str, now: datetime) -> Claim | None:
    """The claim that this run holds for the same question."""
    asked = {"identifier": identifier, "run_id": run_id, "ask": ask, "now": now}
    claim_id = connection.execute(_HELD, asked).scalar()
    return find_claim(connection, claim_id) if claim_id else None


def find_claim(connection: Connection, claim_id: str) -> Claim | None:
    """A claim, whatever became of it."""
    row = connection.execute(_CLAIM, {"claim_id": claim_id}).mappings().first()
    if row is None:
        return None
    found = connection.execute(_CODE, {"code_id": row["code_id"]}).mappings().one()
    code = code_record(connection, found)
    return Claim(
        id=row["id"],
        code=code,
        run_id=row["run_id"],
        after=row["after"],
        ask=row["ask"],
        lease_until=code.lease_until if code.claim_id == claim_id else None,
    )
