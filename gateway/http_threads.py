"""The HTTP door's threads: as many as calls are under way at once, up to a bound."""

from typing import Any

from waitress.task import ThreadedTaskDispatcher

_SPARE = 16
"""Threads that are started at once, when all are busy."""


class GrowingThreads(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress has no types
    """Starts threads when calls need them: a thousand that idle take their share of what a host may run."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self.set_thread_count(min(_SPARE, most))

    def add_task(self, task: Any) -> None:
        """Serve a task by a thread that is free, or by a new one."""
        with self.lock:
            running = len(self.threads) - self.stop_count
            free = running - self.active_count - len(self.queue)
        if free < 1 and running < self._most and not self.stop_count:
            self.set_thread_count(min(running + _SPARE, self._most))
        super().add_task(task)
