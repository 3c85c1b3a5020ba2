"""The same SMS through two doors (a phone and a provider) is one: how often each door brought it of late.

What a site sends twice comes twice through each door, so the second through one door is new, and the first and
the second through the other are not.
"""

import json
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, String, Table, delete, update

from core.fingerprint import likeness
from core.message import Channel
from core.store.columns import Instant, Words, metadata
from core.store.engine import insert_into
from core.store.records import Message
from core.store.rows import keyring_of

WINDOW = timedelta(minutes=10)
"""How far apart the doors may be: as long as a code is usually good."""

sightings = Table(
    "sightings",
    metadata,
    Column("digest", String(64), primary_key=True),  # of identifier, sender and text
    Column("doors", Words, nullable=False),  # JSON: how often each door brought it
    Column("began_at", Instant, nullable=False, index=True),
)


def came_by_another_door(connection: Connection, message: Message) -> bool:
    """Whether a new message is an SMS that another door brought already; it is counted for its own door."""
    if message.channel != Channel.SMS:
        return False
    doors = _brought(connection, message)
    others = max((count for door, count in doors.items() if door != message.door), default=0)
    mine = doors.get(message.door, 0) + 1
    statement = update(sightings).where(sightings.c.digest == _digest(connection, message))
    connection.execute(statement.values(doors=json.dumps({**doors, message.door: mine})))
    return mine <= others


def drop_sightings(connection: Connection, before: datetime) -> int:
    """Forget those that began before a moment; how many that were."""
    return connection.execute(delete(sightings).where(sightings.c.began_at < before)).rowcount


def _brought(connection: Connection, message: Message) -> dict[str, int]:
    """How often each door brought it; its row stays locked until the end, so that nodes take turns."""
    first = {"digest": _digest(connection, message), "doors": "{}", "began_at": message.received_at}
    statement = insert_into(connection, sightings).values(first)
    locked = statement.on_conflict_do_update(index_elements=["digest"], set_={"digest": statement.excluded.digest})
    row = connection.execute(locked.returning(sightings.c.doors, sightings.c.began_at)).one()
    if message.received_at - row.began_at <= WINDOW:
        found: dict[str, int] = json.loads(row.doors)
        return found
    again = update(sightings).where(sightings.c.digest == first["digest"])
    connection.execute(again.values(began_at=message.received_at))
    return {}


def _digest(connection: Connection, message: Message) -> str:
    alike = f"alike\0{message.identifier}\0{likeness(message.sender, message.text)}"
    return keyring_of(connection).digest(alike)
