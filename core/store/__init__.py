"""The store: all that the rest may import. The only place, with the migrations, that knows SQLAlchemy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from core.errors import StoreUnavailableError
from core.secrets import Key, Keyring
from core.store.audit import Audit
from core.store.backup import back_up, pg_dump_command
from core.store.bell import NodeBell, SilentBell, open_bell
from core.store.claims import Claims
from core.store.codes import Codes
from core.store.deliveries import Deliveries, Delivery, Stage
from core.store.engine import database_away, is_sqlite, reading_engine, sqlite_url, writing_engine
from core.store.events import Event, Events
from core.store.figures import COARSE, FINE, PEAKS, SEEN, Figure, Figures, begin_of, fold
from core.store.heartbeats import Heartbeat, Heartbeats, heartbeats_in
from core.store.history import History, Leaf, browse
from core.store.keys import Keys
from core.store.listing import Page
from core.store.mailboxes import LINE as MAILBOXES_LINE
from core.store.mailboxes import Mailbox, Mailboxes
from core.store.mailboxes import Place as ReadUpTo
from core.store.messages import Messages, Stored
from core.store.nonces import Nonces
from core.store.parts import Part, Parts, joined
from core.store.pulls import Pull, Pulls
from core.store.purging import Horizon, Purging
from core.store.records import ApiKey, Claim, Code, Identifier, Message, Showing, State, Trust
from core.store.registry import Registry
from core.store.resealing import Place, Resealing
from core.store.seals import sealing_keys, unlock
from core.store.sessions import Session, Sessions
from core.store.totp import TotpSecret, TotpSecrets, current_code
from core.store.turns import Turn, Turns, turn_line
from core.store.webhooks import WEBHOOKS_LINE, Secret, Webhook, Webhooks
from core.store.writer import Writer

__all__ = [
    "COARSE",
    "FINE",
    "MAILBOXES_LINE",
    "PEAKS",
    "SEEN",
    "WEBHOOKS_LINE",
    "ApiKey",
    "Claim",
    "Code",
    "Deliveries",
    "Delivery",
    "Event",
    "Events",
    "Figure",
    "Heartbeat",
    "History",
    "Horizon",
    "Identifier",
    "Leaf",
    "Mailbox",
    "Message",
    "NodeBell",
    "Page",
    "Part",
    "Place",
    "Pull",
    "ReadUpTo",
    "Secret",
    "Session",
    "Showing",
    "SilentBell",
    "Stage",
    "State",
    "Store",
    "Stored",
    "TotpSecret",
    "Trust",
    "Turn",
    "Webhook",
    "Webhooks",
    "back_up",
    "begin_of",
    "browse",
    "current_code",
    "database_away",
    "fold",
    "heartbeats_in",
    "is_sqlite",
    "joined",
    "keys_needed",
    "open_bell",
    "open_store",
    "pg_dump_command",
    "sqlite_url",
    "turn_line",
]

_PATIENCE = 1.5
"""Seconds after which a change that has not been taken means that the database hangs."""


@dataclass(frozen=True, kw_only=True)
class Store:
    """The verbs by subject. Changes answer with futures that end after the commit; look-ups answer at once."""

    messages: Messages
    codes: Codes
    claims: Claims
    events: Events
    turns: Turns
    totp: TotpSecrets
    parts: Parts
    nonces: Nonces
    pulls: Pulls
    keys: Keys
    registry: Registry
    sessions: Sessions
    mailboxes: Mailboxes
    webhooks: Webhooks
    deliveries: Deliveries
    heartbeats: Heartbeats
    audit: Audit
    figures: Figures
    purging: Purging
    resealing: Resealing
    keyring: Keyring
    writer: Writer
    reader: Engine

    def answers(self) -> bool:
        """Whether the database answers, and takes changes within a second or so."""
        try:
            with self.reader.connect() as connection:
                connection.execute(text("SELECT 1"))
            self.writer.submit(lambda _: None).result(_PATIENCE)
        except (SQLAlchemyError, StoreUnavailableError, TimeoutError):
            return False
        return self.writer.alive

    def close(self) -> None:
        """Finish what waits, then let go of the database."""
        self.writer.close()
        self.reader.dispose()


def keys_needed(url: str) -> list[str]:
    """Ids of the keys that a migrated database was sealed with; none for a new one."""
    engine = reading_engine(url)
    try:
        with engine.connect() as connection:
            return sealing_keys(connection)
    finally:
        engine.dispose()


def open_store(url: str, ring: Callable[[str], None], keys: Sequence[Key]) -> Store:
    """Open a migrated database; `ring(line)` is called after each commit that may help those in line.

    `keys` seal what is secret: the first of them; any opens. Raises ConfigurationError when one is missing.
    """
    # Long: a line for each subject.
    keyring = Keyring(keys)
    writing = writing_engine(url).execution_options(keyring=keyring)
    try:
        unlock(writing, keyring)
    except BaseException:
        writing.dispose()
        raise
    writer, reader = Writer(writing), reading_engine(url).execution_options(keyring=keyring)
    return Store(
        messages=Messages(writer, reader, ring),
        codes=Codes(reader),
        claims=Claims(writer, reader, ring),
        events=Events(reader),
        turns=Turns(writer, reader, ring),
        totp=TotpSecrets(writer, reader, ring),
        parts=Parts(writer, reader),
        nonces=Nonces(writer),
        pulls=Pulls(writer, reader),
        keys=Keys(writer, reader),
        registry=Registry(writer, reader),
        sessions=Sessions(writer, reader),
        mailboxes=Mailboxes(writer, reader, ring),
        webhooks=Webhooks(writer, reader, ring),
        deliveries=Deliveries(writer, reader, ring),
        heartbeats=Heartbeats(writer, reader),
        audit=Audit(writer, reader),
        figures=Figures(writer, reader),
        purging=Purging(writer),
        resealing=Resealing(writer, reader, keyring),
        keyring=keyring,
        writer=writer,
        reader=reader,
    )
