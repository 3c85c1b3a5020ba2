"""Bounds on time that hold whatever else the machine does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Holds what this thread does in the block to so many seconds of the processor."""
    began = time.thread_time()
    yield
    assert time.thread_time() - began < seconds


def soonest(act: Callable[[], T], *, wanted: float, times: int = 3) -> tuple[T, float]:
    """What `act` answers and the seconds it took, once more while that is too long: a machine may stand still."""
    for _ in range(times):
        began = time.monotonic()
        answer = act()
        took = time.monotonic() - began
        if took < wanted:
            break
    return answer, took
