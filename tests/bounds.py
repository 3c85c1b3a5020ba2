"""Bounds on time that hold whatever else the machine does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Holds what this thread does in the block to so many seconds of the processor."""
    began = time.thread_time()
    yield
    assert time.thread_time() - began < seconds
