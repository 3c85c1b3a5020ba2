"""Connections to PostgreSQL that do not wait for ever: a server that is paused or cut off says nothing at all."""

from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

from core.store.engine import PATIENCE

T = TypeVar("T")


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed when an answer does not come; whether its statement took effect is unknown."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """What the server answers; raises OperationalError after PATIENCE."""
        try:
            return super().wait(gen, interval, PATIENCE if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def connect(*arguments: Any, **options: Any) -> BoundedConnection:
    """A new connection; what the database's URL says of the time that this may take counts."""
    return BoundedConnection.connect(*arguments, **{"connect_timeout": PATIENCE, **options})
