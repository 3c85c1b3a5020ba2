"""Handing codes out, inside a transaction, by one guarded UPDATE: no two runs can win the same code."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, and_, case, or_, select, update

from core.store.codes import free
from core.store.events import note_claim
from core.store.records import Claim, Code, State
from core.store.rows import code_record
from core.store.tables import claims, codes


def hand_out(connection: Connection, wanted: Claim, choices: Sequence[Code], now: datetime) -> Claim | None:
    """Give the first of `choices` that is free to the run that wants one; None where none is."""
    if not choices:
        return None
    ids = [code.id for code in choices]
    best = (
        select(codes.c.id)
        .where(codes.c.id.in_(ids), free(now))
        .order_by(case({key: place for place, key in enumerate(ids)}, value=codes.c.id))
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(codes)
        .where(codes.c.id == best, free(now))
        .values(
            state=State.CLAIMED.value,
            claim_id=wanted.id,
            holder=wanted.run_id,
            lease_until=wanted.lease_until,
        )
        .returning(codes)
    )
    row = connection.execute(statement).mappings().first()
    if row is None:
        return None
    claim = replace(wanted, code=code_record(connection, row))
    remember(connection, claim, now)
    return claim


def remember(connection: Connection, claim: Claim, now: datetime) -> None:
    """Note who claimed what, and for which question."""
    connection.execute(
        claims.insert().values(
            id=claim.id,
            code_id=claim.code.id,
            identifier=claim.code.identifier,
            run_id=claim.run_id,
            ask=claim.ask,
            after=claim.after,
            code_received_at=claim.code.received_at,
            claimed_at=now,
            outcome="",
        )
    )
    note_claim(connection, claim, claim.code, at=now)


def held_claim(connection: Connection, identifier: str, run_id: str, ask: str, now: datetime) -> Claim | None:
    """The claim that this run holds for the same question."""
    query = (
        select(claims.c.id)
        .join(codes, and_(codes.c.id == claims.c.code_id, codes.c.claim_id == claims.c.id))
        .where(
            claims.c.identifier == identifier,
            claims.c.run_id == run_id,
            claims.c.ask == ask,
            codes.c.state == State.CLAIMED.value,
            codes.c.expires_at > now,
            or_(codes.c.lease_until.is_(None), codes.c.lease_until > now),
        )
        .order_by(claims.c.claimed_at.desc())
        .limit(1)
    )
    claim_id = connection.execute(query).scalar()
    return find_claim(connection, claim_id) if claim_id else None


def find_claim(connection: Connection, claim_id: str) -> Claim | None:
    """A claim, whatever became of it."""
    row = connection.execute(select(claims).where(claims.c.id == claim_id)).mappings().first()
    if row is None:
        return None
    found = connection.execute(select(codes).where(codes.c.id == row["code_id"])).mappings().one()
    code = code_record(connection, found)
    return Claim(
        id=row["id"],
        code=code,
        run_id=row["run_id"],
        after=row["after"],
        ask=row["ask"],
        lease_until=code.lease_until if code.claim_id == claim_id else None,
    )
