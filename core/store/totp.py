"""Stored TOTP secrets, and handing out codes made from them: each time step and each counter at most once."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, and_, delete, or_, select, update

from core.ids import new_id
from core.store.audit import record
from core.store.engine import lock
from core.store.events import EVENTS_LINE, note_made
from core.store.handing import held_claim, remember
from core.store.records import Claim, Code, Showing, State
from core.store.rows import code_values, opened, sealed
from core.store.tables import codes, totp
from core.store.writer import Writer
from core.totp import Hash, Method, Secret

NEVER = -1
"""The last step of a secret of which no code was handed out."""
AHEAD = 10
"""A last step further ahead was noted while the clock was wrong: it must not keep a secret from use for years."""
_HOTP_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class TotpSecret:
    """One secret of one identifier; its issuer is unique there, whatever its case."""

    id: str
    identifier: str
    secret: Secret
    last_step: int = NEVER
    """The newest time step whose code was handed out."""
    created_at: datetime

    def was_handed_out(self, step: int) -> bool:
        """Whether the code of that time step was."""
        return step <= self.last_step <= step + AHEAD


class TotpSecrets:
    """The verbs on TOTP secrets."""

    def __init__(self, writer: Writer, reader: Engine, ring: Callable[[str], None]) -> None:
        self._writer, self._reader, self._ring = writer, reader, ring

    def of(self, identifier: str) -> list[TotpSecret]:
        """The secrets of an identifier, by issuer."""
        with self._reader.connect() as connection:
            query = select(totp).where(totp.c.identifier == identifier).order_by(totp.c.issuer_key)
            return [_record(connection, row) for row in connection.execute(query).mappings()]

    def all(self) -> list[TotpSecret]:
        """Every secret, by identifier and issuer."""
        with self._reader.connect() as connection:
            query = select(totp).order_by(totp.c.identifier, totp.c.issuer_key)
            return [_record(connection, row) for row in connection.execute(query).mappings()]

    def put(self, identifier: str, secret: Secret, now: datetime) -> Future[None]:
        """Keep a secret in place of that of the same issuer; the same secret again goes on as it was."""

        def work(connection: Connection) -> None:
            lock(connection, f"totp {identifier}")
            found = connection.execute(select(totp).where(_is(identifier, secret.issuer))).mappings().first()
            old = _record(connection, found) if found else None
            new = TotpSecret(
                id=old.id if old else new_id("totp", now), identifier=identifier, secret=secret, created_at=now
            )
            if old and old.secret.seed == secret.seed:
                counter = max(old.secret.counter, secret.counter)
                new = replace(new, last_step=old.last_step, secret=replace(secret, counter=counter))
            if old:
                connection.execute(delete(totp).where(totp.c.id == old.id))
            connection.execute(totp.insert().values(_values(connection, new)))

        return self._writer.apart(work, lambda _: self._ring(identifier))

    def remove(self, identifier: str, issuer: str) -> Future[bool]:
        """Forget a secret; whether it was there."""
        statement = delete(totp).where(_is(identifier, issuer))
        return self._writer.submit(lambda connection: connection.execute(statement).rowcount == 1)

    def hand_out(self, wanted: Claim, totp_id: str, now: datetime, showing: Showing) -> Future[Claim | None]:
        """The code of this moment, claimed; None when that of this time step was handed out before.

        The same run asking the same again gets the claim that it holds. `wanted` is as for `Claims.make`.
        """
        identifier = wanted.code.identifier

        def work(connection: Connection) -> Claim | None:
            lock(connection, f"{identifier} {wanted.run_id}")
            made = held_claim(connection, identifier, wanted.run_id, wanted.ask, now)
            if made is None:
                code = _next_code(connection, totp_id, now)
                made = _held(connection, wanted, code, now) if code else None
            if made:
                shown = replace(showing, identifier=identifier, code_id=made.code.id, run_id=made.run_id)
                record(connection, shown)
            return made

        return self._writer.apart(work, lambda made: self._ring(EVENTS_LINE) if made else None)


def current_code(found: TotpSecret, now: datetime) -> Code:
    """The code of this moment, or of the next counter, handed to nobody."""
    secret = found.secret
    counted = secret.method is Method.HOTP
    step = secret.counter if counted else secret.step(now)
    return Code(
        id=found.id,
        message_id="",
        identifier=found.identifier,
        kind="totp",
        value=secret.at(step),
        channel="totp",
        sender=secret.issuer,
        route="key",
        evidence="made from a stored secret",
        confidence=1.0,
        source="totp",
        received_at=now,
        expires_at=now + _HOTP_LASTS if counted else secret.begins(step + 1),
    )


def _next_code(connection: Connection, totp_id: str, now: datetime) -> Code | None:
    """The code of this step or counter, which nobody else can get any more; None when somebody did before."""
    row = connection.execute(select(totp).where(totp.c.id == totp_id).with_for_update()).mappings().first()
    if row is None:
        return None
    found = _record(connection, row)
    if found.secret.method is Method.HOTP:
        free = totp.c.counter == found.secret.counter
        taken = {"counter": found.secret.counter + 1}
    else:
        step = found.secret.step(now)
        free = or_(totp.c.last_step < step, totp.c.last_step > step + AHEAD)
        taken = {"last_step": step}
    won = connection.execute(update(totp).where(totp.c.id == totp_id, free).values(taken)).rowcount == 1
    return replace(current_code(found, now), id=new_id("code", now)) if won else None


def _held(connection: Connection, wanted: Claim, code: Code, now: datetime) -> Claim:
    """The claim on a new code, both stored."""
    held = replace(
        code,
        state=State.CLAIMED,
        claim_id=wanted.id,
        holder=wanted.run_id,
        lease_until=wanted.lease_until,
    )
    claim = replace(wanted, code=held)
    connection.execute(codes.insert().values(code_values(connection, held)))
    note_made(connection, code, now)
    remember(connection, claim, now)
    return claim


def _is(identifier: str, issuer: str) -> ColumnElement[bool]:
    return and_(totp.c.identifier == identifier, totp.c.issuer_key == issuer.casefold())


def _values(connection: Connection, found: TotpSecret) -> dict[str, Any]:
    own = {"id": found.id, "identifier": found.identifier, "last_step": found.last_step}
    more = {"created_at": found.created_at, "issuer_key": found.secret.issuer.casefold()}
    return sealed(connection, totp, asdict(found.secret) | own | more)


def _record(connection: Connection, row: RowMapping) -> TotpSecret:
    values = opened(connection, totp, row)
    return TotpSecret(
        id=values["id"],
        identifier=values["identifier"],
        secret=Secret(
            seed=values["seed"],
            method=Method(values["method"]),
            hash=Hash(values["hash"]),
            **{name: values[name] for name in ("digits", "period", "counter", "issuer", "account")},
        ),
        last_step=values["last_step"],
        created_at=values["created_at"],
    )
