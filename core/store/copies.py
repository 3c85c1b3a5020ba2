"""The same mail through two doors is one, also where a provider took it apart and no byte is as it was.

It is the same where identifier, Message-ID and the code or link in it are: whoever does not know the code, or the
link, suppresses nothing by a Message-ID. The first copy stays; one that proves more lends it its proof.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Table, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.message import Channel
from core.store.events import note_raised
from core.store.records import Code, Message
from core.store.rows import keyring_of
from core.store.sightings import sightings
from core.store.tables import codes, messages

Read = tuple[Message, tuple[Code, ...]]

_FIRST = {
    name: dialect.insert(sightings).on_conflict_do_nothing(index_elements=["digest"]).returning(sightings.c.digest)
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}


def copies(connection: Connection, arrived: Iterable[Read]) -> dict[str, str]:
    """Of new mails those that another door brought already: id by id, the copy's and that of the first.

    A mail without a code or link, or without a Message-ID, is no copy, and nothing is kept of it.
    """
    mails = [(digest, message) for message, found in arrived if (digest := _digest(connection, message, found))]
    firsts: dict[str, Message] = {}
    for digest, message in mails:
        firsts.setdefault(digest, message)
    stored = _kept(connection, firsts) if firsts else {}
    return {message.id: first for digest, message in mails if (first := _other(stored[digest], message.door))}


def lend_to_same(connection: Connection, repeats: Iterable[tuple[str, Read]]) -> None:
    """What came again, given with its mark, lends its proof to what came first, where it proves more."""
    proving = {mark: read for mark, read in repeats if read[0].author or read[0].route != "open"}
    if not proving:
        return
    query = select(messages.c.mark, messages.c.id, messages.c.route).where(
        messages.c.mark.in_(proving), messages.c.author == ""
    )
    for row in connection.execute(query).all():
        if proving[row.mark][0].author or row.route == "open":
            lend_proof(connection, proving[row.mark], row.id)


def lend_proof(connection: Connection, copy: Read, first: str) -> None:
    """A message and its codes are vouched for as their copy is, where that proves more; whoever holds them.

    A code that may go out only now is noted once more: whoever takes codes as they come passed it over.
    """
    message, found = copy
    for code in found:
        same = update(codes).where(codes.c.message_id == first, codes.c.kind == code.kind, _weaker(codes, message))
        raised = same.values(**_proof(message), host_expected=code.host_expected).returning(codes.c.id)
        for code_id in connection.execute(raised).scalars().all():
            note_raised(connection, replace(code, id=code_id))
    same = update(messages).where(messages.c.id == first, _weaker(messages, message))
    connection.execute(same.values(**_proof(message)))


def _weaker(table: Table, copy: Message) -> ColumnElement[bool]:
    unsigned = table.c.author == ""
    return unsigned if copy.author else and_(unsigned, table.c.route == "open")


def _kept(connection: Connection, firsts: Mapping[str, Message]) -> dict[str, dict[str, str]]:
    """For each digest the door and the id of the mail that came first, which may be this one; nodes take turns."""
    rows = [
        {"digest": digest, "doors": json.dumps({first.door: first.id}), "began_at": first.received_at}
        for digest, first in sorted(firsts.items())
    ]
    new = set(connection.execute(_FIRST[connection.dialect.name], rows).scalars())
    query = select(sightings.c.digest, sightings.c.doors).where(sightings.c.digest.in_(firsts.keys() - new))
    known = {row.digest: json.loads(row.doors) for row in connection.execute(query)} if firsts.keys() - new else {}
    return {digest: known.get(digest) or {first.door: first.id} for digest, first in firsts.items()}


def _other(stored: Mapping[str, str], door: str) -> str:
    return next((first for brought_by, first in stored.items() if brought_by != door), "")


def _digest(connection: Connection, message: Message, found: Sequence[Code]) -> str:
    """What two copies agree on; "" for what can be none."""
    if message.channel != Channel.EMAIL or not found:
        return ""
    named = [value.strip() for name, value in message.headers if name.lower() == "message-id"]
    if len(named) != 1 or not named[0]:
        return ""
    alike = (message.identifier, named[0], found[0].kind, found[0].value)
    return keyring_of(connection).digest("\0".join(("mail", *alike)))


def _proof(message: Message) -> dict[str, str]:
    return {"route": message.route, "author": message.author, "evidence": message.evidence}
