"""Two nodes that take the same rows in opposite orders: one waits, the other does its batch again."""

import threading
from collections.abc import Callable

from sqlalchemy import Column, Connection, Integer, MetaData, Table, func, select

from core.store.engine import writing_engine
from core.store.writer import Writer

PATIENCE = 60
rows = Table("deadlock_rows", MetaData(), Column("number", Integer, primary_key=True), Column("times", Integer))


def test_a_deadlock_between_two_nodes_is_nobody_s_trouble(migrated_postgresql: str) -> None:
    engines = [writing_engine(migrated_postgresql) for _ in range(2)]
    rows.metadata.create_all(engines[0])
    with engines[0].begin() as connection:
        connection.execute(rows.insert(), [{"number": 1, "times": 0}, {"number": 2, "times": 0}])
    both = threading.Barrier(2)
    writers = [Writer(engine) for engine in engines]
    try:
        done = [
            writer.submit(add_in(order, both)) for writer, order in zip(writers, [(1, 2), (2, 1)], strict=True)
        ]
        assert [future.result(PATIENCE) for future in done] == [None, None]
        with engines[0].connect() as connection:
            assert connection.execute(select(func.sum(rows.c.times))).scalar() == 4
    finally:
        rows.metadata.drop_all(engines[0])
        for writer in writers:
            writer.close()


def add_in(order: tuple[int, int], both: threading.Barrier) -> Callable[[Connection], None]:
    """Adds one to both rows; at the first attempt, only after the other node has the other row."""
    met = False

    def work(connection: Connection) -> None:
        nonlocal met
        for number in order:
            connection.execute(rows.update().where(rows.c.number == number).values(times=rows.c.times + 1))
            if not met:
                met = True
                both.wait(PATIENCE)

    return work
