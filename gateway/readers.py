"""Reads messages on all cores: a lone one here and at once, those that come beside it in processes of their own.

Reading is pure work of the processor, and one Python process works on one core (its global lock): so a burst is
read beside the doors, and a mail that is hard to read holds up nobody else's.
"""

import gc
import multiprocessing
import os
import signal
import threading
from collections import Counter
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext

from core import journal
from core.extract import letter_runs
from core.message import InboundMessage
from core.reading import Reading, lightened, read

_SMALL = 2048
"""Bytes of a message that is read sooner than it is carried to another process."""
_LARGE = 64 * 1024
"""Bytes from which even a lone one is read beside: while Python reads here, the doors stand still."""

_LANES = 2
"""Messages that a process may have at a time: the next is there when it has read one."""


def processes(most: int) -> int:
    """How many processes read beside this one: one for each spare core that it may use, up to `most`."""
    return min(most, len(os.sched_getaffinity(0)) - 1)


class Readers:
    """Reads for `core.ingest`, from many threads at a time; a Worker that cannot die, since it can do without."""

    alive = True

    def __init__(self, *, threshold: float, processes: int) -> None:
        self._threshold, self._processes = threshold, processes
        self._read = partial(read, threshold=threshold)
        self._counting = threading.Lock()
        self._reading = 0
        self._changed = threading.Condition()
        self._up: set[_Process] = set()
        self._free: list[tuple[_Process, Connection]] = []
        self._stopped = False

    @property
    def ready(self) -> bool:
        """Whether its processes read."""
        return bool(self._up)

    def start(self) -> None:
        """Begin to start the processes; until they are there, this one reads."""
        for _ in range(self._processes):
            self._begin_one()

    def stop(self) -> None:
        """End the processes after what they are reading; from then on this one reads."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: len(self._free) == _LANES * len(self._up))
            ended = list(self._up)
            self._up.clear()
            self._free.clear()
        for process in ended:
            process.end()

    def __call__(self, message: InboundMessage) -> Reading:
        """Read a message; never raises."""
        size = len(message.raw)
        with self._counting:
            alone = not self._reading
            self._reading += 1
        try:
            here = size < _SMALL or (alone and size < _LARGE)
            return self._read(message) if here else self._read_beside(message)
        finally:
            with self._counting:
                self._reading -= 1

    def _read_beside(self, message: InboundMessage) -> Reading:
        taken = self._take()
        if taken is None:
            return self._read(message)
        process, lane = taken
        try:
            lane.send(message)
            reading: Reading = lane.recv()
        except Exception as error:  # noqa: BLE001 - it was killed, or what it says cannot be understood
            lane.close()
            self._lose(process, error)
            return self._read(message)
        self._give_back(process, lane)
        return reading

    def _take(self) -> "tuple[_Process, Connection] | None":
        """A free lane of the process with the most, as soon as there is one; None where none reads."""
        with self._changed:
            self._changed.wait_for(lambda: self._free or self._stopped or not self._up)
            if self._stopped or not self._free:
                return None
            free = Counter(process for process, _ in self._free)
            taken = max(self._free, key=lambda one: free[one[0]])
            self._free.remove(taken)
            return taken

    def _give_back(self, process: "_Process", lane: Connection) -> None:
        with self._changed:
            if process not in self._up:  # what came by another lane ended it
                lane.close()
                return
            self._free.append((process, lane))
            if self._stopped:
                self._changed.notify_all()
            else:
                self._changed.notify()

    def _lose(self, process: "_Process", error: BaseException) -> None:
        """Start another in place of a process that is gone, once."""
        with self._changed:
            if process not in self._up:
                return
            self._up.remove(process)
            for other in [one for one in self._free if one[0] is process]:
                self._free.remove(other)
                other[1].close()
            self._changed.notify_all()
        journal.readers_failed(error)
        self._begin_one()

    def _begin_one(self) -> None:
        if not self._stopped:
            threading.Thread(target=self._bring_up, name="reader start", daemon=True).start()

    def _bring_up(self) -> None:
        try:
            # forkserver: a fork of a process with threads may hang
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["core.reading"])
            process = _Process(context, self._threshold)
        except (OSError, EOFError) as error:  # no memory, or killed at once
            if not self._stopped:
                journal.readers_failed(error)
            return
        with self._changed:
            if not self._stopped:
                self._up.add(process)
                self._free += [(process, lane) for lane in process.lanes]
                self._changed.notify_all()
                return
        process.end()


class _Process:
    """A process that reads, and the pipes to it: no thread stands between."""

    def __init__(self, context: ForkServerContext, threshold: float) -> None:
        """Returns once it can read; raises OSError, EOFError."""
        pairs = [context.Pipe() for _ in range(_LANES)]
        self.lanes = [ours for ours, _ in pairs]
        theirs = [its for _, its in pairs]
        self._process = context.Process(target=_serve, args=(theirs, threshold), name="reader", daemon=True)
        self._process.start()
        for its in theirs:
            its.close()
        self.lanes[0].recv()

    def end(self) -> None:
        """Let it end."""
        for lane in self.lanes:
            lane.close()
        self._process.join()


def _serve(lanes: list[Connection], threshold: float) -> None:
    """Read until the gateway closes a lane, or ends however it ends; its signals are not ours."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    letter_runs.known_runs()  # and so the words: the first mail is read as soon as the next
    gc.freeze()  # no collection looks through the words again
    gc.enable()
    with suppress(EOFError, OSError):
        lanes[0].send(None)
        while True:
            for lane in wait(lanes):
                if isinstance(lane, Connection):
                    lane.send(lightened(read(lane.recv(), threshold=threshold)))
