"""Reads messages on all cores: a lone one here and at once, those that come beside it in processes of their own.

Reading is pure work of the processor, and one Python process works on one core (its global lock): so a burst is
read beside the doors, and a mail that is hard to read holds up nobody else's.
"""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from functools import partial

from core import journal
from core.message import InboundMessage
from core.reading import Reading, read

_SMALL = 2048
"""Bytes of a message that is read sooner than it is carried to another process."""
_LARGE = 64 * 1024
"""Bytes from which even a lone one is read beside: while Python reads here, the doors stand still."""


def processes(most: int) -> int:
    """How many processes read beside this one: one for each spare core that it may use, up to `most`."""
    return min(most, len(os.sched_getaffinity(0)) - 1)


class Readers:
    """Reads for `core.ingest`, from many threads at a time; a Worker that cannot die, since it can do without."""

    alive = True

    def __init__(self, *, threshold: float, processes: int) -> None:
        self._read = partial(read, threshold=threshold)
        self._processes = processes
        self._counting, self._changing = threading.Lock(), threading.Lock()
        self._reading = 0
        self._starting: ProcessPoolExecutor | None = None
        self._pool: ProcessPoolExecutor | None = None

    @property
    def ready(self) -> bool:
        """Whether its processes read."""
        return self._pool is not None

    def start(self) -> None:
        """Begin to start the processes; until they are there, this one reads."""
        if not self._processes:
            return
        try:
            # forkserver: a fork of a process with threads may hang
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["core.reading"])
            pool = ProcessPoolExecutor(self._processes, mp_context=context, initializer=_live_with_parent)
            self._starting = pool
            pool.submit(os.getpid).add_done_callback(partial(self._started, pool))
        except OSError as error:  # no semaphores, no memory
            journal.readers_failed(error)

    def _started(self, pool: ProcessPoolExecutor, first: "Future[int]") -> None:
        with self._changing:
            if self._starting is pool and not first.cancelled() and first.exception() is None:
                self._pool = pool

    def stop(self) -> None:
        """End the processes after what they are reading; from then on this one reads."""
        with self._changing:
            pool, self._starting, self._pool = self._starting, None, None
        if pool:
            pool.shutdown(cancel_futures=True)

    def __call__(self, message: InboundMessage) -> Reading:
        """Read a message; never raises."""
        pool, size = self._pool, len(message.raw)
        with self._counting:
            alone = not self._reading
            self._reading += 1
        try:
            here = pool is None or size < _SMALL or (alone and size < _LARGE)
            return self._read(message) if pool is None or here else self._read_beside(pool, message)
        finally:
            with self._counting:
                self._reading -= 1

    def _read_beside(self, pool: ProcessPoolExecutor, message: InboundMessage) -> Reading:
        try:
            return pool.submit(self._read, message).result()
        except (RuntimeError, CancelledError) as error:  # a process was killed, or all stop
            self._renew(pool, error)
            return self._read(message)

    def _renew(self, pool: ProcessPoolExecutor, error: BaseException) -> None:
        """Start other processes in place of a broken pool, once."""
        with self._changing:
            if self._pool is not pool:
                return
            self._starting = self._pool = None
        journal.readers_failed(error)
        self.start()


def _live_with_parent() -> None:
    """End when the gateway ends, however it ends; its signals are not ours."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, name="follow parent", daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(0)
