"""Codes and who holds them. Every change of state is one guarded UPDATE, so that no two runs can win."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, case, or_, select, update

from core.errors import ClaimHeldError, NotFoundError
from core.store.audit import record
from core.store.records import Claim, Code, Showing, State
from core.store.rows import code_record
from core.store.tables import claims, codes
from core.store.writer import Writer

WINDOW = 500
"""How many of an identifier's newest codes are looked at."""
Choose = Callable[[Sequence[Code]], Sequence[Code]]


class Codes:
    """The verbs on codes and claims."""

    def __init__(self, writer: Writer, reader: Engine, ring: Callable[[str], None]) -> None:
        self._writer, self._reader, self._ring = writer, reader, ring

    def recent(self, identifier: str, after: datetime) -> list[Code]:
        """The codes of an identifier, in whatever state, that came later than `after`; newest first."""
        with self._reader.connect() as connection:
            return _recent(connection, identifier, after)

    def newest_before(self, identifier: str, until: datetime) -> Code | None:
        """The newest code of an identifier that came at `until` or before."""
        query = (
            select(codes)
            .where(codes.c.identifier == identifier, codes.c.received_at <= until)
            .order_by(codes.c.received_at.desc())
            .limit(1)
        )
        with self._reader.connect() as connection:
            row = connection.execute(query).mappings().first()
        return code_record(row) if row else None

    def of_message(self, message_id: str) -> list[Code]:
        """The codes of one message."""
        with self._reader.connect() as connection:
            rows = connection.execute(select(codes).where(codes.c.message_id == message_id)).mappings()
            return [code_record(row) for row in rows]

    def history(
        self,
        *,
        where: dict[str, str],
        since: datetime | None,
        until: datetime | None,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Code]:
        """Codes whose columns equal `where`, newest first, older than the (time, id) of the last one seen."""
        query = select(codes).order_by(codes.c.received_at.desc(), codes.c.id.desc()).limit(limit)
        for name, value in where.items():
            query = query.where(codes.c[name] == value)
        if since:
            query = query.where(codes.c.received_at >= since)
        if until:
            query = query.where(codes.c.received_at < until)
        if before:
            at, key = before
            query = query.where(
                or_(codes.c.received_at < at, and_(codes.c.received_at == at, codes.c.id < key))
            )
        with self._reader.connect() as connection:
            return [code_record(row) for row in connection.execute(query).mappings()]

    def rejected_until(self, identifier: str, run_id: str) -> datetime | None:
        """When the newest code that this run rejected had come: it sees only newer ones."""
        with self._reader.connect() as connection:
            return _rejected_until(connection, identifier, run_id)

    def held_by(self, identifier: str, run_id: str, ask: str, now: datetime) -> Claim | None:
        """The claim that this run holds for the same question."""
        with self._reader.connect() as connection:
            return _held(connection, identifier, run_id, ask, now)

    def claim(self, wanted: Claim, choose: Choose, now: datetime, showing: Showing) -> Future[Claim | None]:
        """Hand the best of what `choose` picks to one run; None when there is nothing for it.

        `wanted` names the claim to make; its `code` says only the identifier. The same run asking the
        same again gets the claim that it holds.
        """

        def work(connection: Connection) -> Claim | None:
            identifier = wanted.code.identifier
            held = _held(connection, identifier, wanted.run_id, wanted.ask, now)
            made = held or _hand_out(
                connection, wanted, choose(_recent(connection, identifier, wanted.after)), now
            )
            if made:
                record(
                    connection,
                    replace(showing, identifier=identifier, code_id=made.code.id, run_id=made.run_id),
                )
            return made

        return self._writer.submit(work)

    def find_claim(self, claim_id: str) -> Claim | None:
        """A claim, whatever became of it."""
        with self._reader.connect() as connection:
            return _find_claim(connection, claim_id)

    def end_claim(self, claim_id: str, outcome: State, now: datetime, showing: Showing) -> Future[Claim]:
        """Accept, reject or release (`FRESH`) a claim; a repeat answers as the first time.

        Raises NotFoundError, or ClaimHeldError when another run holds the code now.
        """

        def work(connection: Connection) -> Claim:
            ended = _end(connection, claim_id, outcome, now)
            record(connection, replace(showing, code_id=ended.code.id, run_id=ended.run_id))
            return ended

        def committed(claim: Claim) -> None:
            if outcome is not State.ACCEPTED:
                self._ring(claim.code.identifier)

        return self._writer.submit(work, committed)


def _recent(connection: Connection, identifier: str, after: datetime) -> list[Code]:
    query = (
        select(codes)
        .where(codes.c.identifier == identifier, codes.c.received_at > after)
        .order_by(codes.c.received_at.desc(), codes.c.alternate)
        .limit(WINDOW)
    )
    return [code_record(row) for row in connection.execute(query).mappings()]


def _free(now: datetime) -> ColumnElement[bool]:
    """A code that may be handed out: fresh, or claimed under a lease that is over."""
    lapsed = and_(codes.c.state == State.CLAIMED.value, codes.c.lease_until <= now)
    return and_(or_(codes.c.state == State.FRESH.value, lapsed), codes.c.expires_at > now)


def _hand_out(connection: Connection, wanted: Claim, choices: Sequence[Code], now: datetime) -> Claim | None:
    if not choices:
        return None
    ids = [code.id for code in choices]
    best = (
        select(codes.c.id)
        .where(codes.c.id.in_(ids), _free(now))
        .order_by(case({key: place for place, key in enumerate(ids)}, value=codes.c.id))
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(codes)
        .where(codes.c.id == best, _free(now))
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
    code = code_record(row)
    connection.execute(
        claims.insert().values(
            id=wanted.id,
            code_id=code.id,
            identifier=code.identifier,
            run_id=wanted.run_id,
            ask=wanted.ask,
            after=wanted.after,
            code_received_at=code.received_at,
            claimed_at=now,
            outcome="",
        )
    )
    return replace(wanted, code=code)


def _held(connection: Connection, identifier: str, run_id: str, ask: str, now: datetime) -> Claim | None:
    query = (
        select(claims.c.id)
        .join(codes, codes.c.claim_id == claims.c.id)
        .where(
            claims.c.identifier == identifier,
            claims.c.run_id == run_id,
            claims.c.ask == ask,
            claims.c.outcome == "",
            codes.c.state == State.CLAIMED.value,
            codes.c.expires_at > now,
            or_(codes.c.lease_until.is_(None), codes.c.lease_until > now),
        )
        .order_by(claims.c.claimed_at.desc())
        .limit(1)
    )
    claim_id = connection.execute(query).scalar()
    return _find_claim(connection, claim_id) if claim_id else None


def _rejected_until(connection: Connection, identifier: str, run_id: str) -> datetime | None:
    query = (
        select(claims.c.code_received_at)
        .where(
            claims.c.identifier == identifier,
            claims.c.run_id == run_id,
            claims.c.outcome == State.REJECTED.value,
        )
        .order_by(claims.c.code_received_at.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def _find_claim(connection: Connection, claim_id: str) -> Claim | None:
    row = connection.execute(select(claims).where(claims.c.id == claim_id)).mappings().first()
    if row is None:
        return None
    code = connection.execute(select(codes).where(codes.c.id == row["code_id"])).mappings().one()
    record_ = code_record(code)
    return Claim(
        id=row["id"],
        code=record_,
        run_id=row["run_id"],
        after=row["after"],
        ask=row["ask"],
        lease_until=record_.lease_until if record_.claim_id == claim_id else None,
    )


def _end(connection: Connection, claim_id: str, outcome: State, now: datetime) -> Claim:
    claim = _find_claim(connection, claim_id)
    if claim is None:
        raise NotFoundError("there is no such claim")
    free_or_mine = or_(codes.c.claim_id == claim_id, _free(now))
    statement = (
        update(codes)
        .where(
            codes.c.id == claim.code.id,
            codes.c.state.in_([State.CLAIMED.value, State.FRESH.value]),
            free_or_mine,
        )
        .values(state=outcome.value, lease_until=None, **_ended_holder(claim, outcome))
        .returning(codes)
    )
    row = connection.execute(statement).mappings().first()
    if row is None:
        return _already_ended(claim, outcome, now)
    connection.execute(update(claims).where(claims.c.id == claim_id).values(outcome=outcome.value))
    if outcome is State.ACCEPTED:
        _supersede(connection, claim)
    return replace(claim, code=code_record(row), lease_until=None)


def _ended_holder(claim: Claim, outcome: State) -> dict[str, str]:
    if outcome is State.FRESH:
        return {"claim_id": "", "holder": ""}
    return {"claim_id": claim.id, "holder": claim.run_id}


def _already_ended(claim: Claim, outcome: State, now: datetime) -> Claim:
    if claim.code.claim_id == claim.id and claim.code.state is outcome:
        return claim
    if claim.code.state_at(now) is State.CLAIMED:
        raise ClaimHeldError("another run holds this code now")
    raise ClaimHeldError(f"this code is {claim.code.state_at(now).value} already")


def _supersede(connection: Connection, claim: Claim) -> None:
    """Older fresh codes of that sender since that run's cursor are of no use any more."""
    code = claim.code
    connection.execute(
        update(codes)
        .where(
            codes.c.identifier == code.identifier,
            codes.c.channel == code.channel,
            codes.c.sender_domain == code.sender_domain,
            codes.c.state == State.FRESH.value,
            codes.c.received_at <= code.received_at,
            codes.c.received_at > claim.after,
            codes.c.id != code.id,
            or_(codes.c.sender_domain != "", codes.c.sender == code.sender),
        )
        .values(state=State.SUPERSEDED.value)
    )
