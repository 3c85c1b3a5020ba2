"""What a sender signs once only, where its signature does not cover the message: each stands for one content."""

from concurrent.futures import Future
from datetime import datetime

from sqlalchemy import Connection, select

from core.store.engine import insert_into
from core.store.rows import keyring_of
from core.store.tables import nonces
from core.store.writer import Writer


class Nonces:
    """The verb on nonces."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def stands_for(self, nonce: str, content: str, until: datetime) -> Future[bool]:
        """Whether a nonce came for the first time, or with the same content before, at any node.

        It is remembered until that moment, after which its sender's signature must not count any more.
        """

        def work(connection: Connection) -> bool:
            keyring = keyring_of(connection)
            digest, held = keyring.digest(f"nonce\0{nonce}"), keyring.digest(f"nonce\0{content}")
            first = insert_into(connection, nonces).values(digest=digest, content=held, ends_at=until)
            connection.execute(first.on_conflict_do_nothing(index_elements=["digest"]))
            kept = connection.execute(select(nonces.c.content).where(nonces.c.digest == digest)).scalar_one()
            return bool(kept == held)

        return self._writer.submit(work)
