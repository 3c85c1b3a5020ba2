"""Forgets what is due, once a minute, in a thread that never holds up a claim."""

import threading

from core import journal
from core.errors import OtpgateError
from core.retention import horizon, purge
from gateway.runtime import Runtime

EVERY_SECONDS = 60.0


class Housekeeper:
    """A thread that purges until it is stopped."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin; the first purge comes at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step under way."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._runtime.disk.keep_ballast()
            due = horizon(self._runtime.settings.retention, self._runtime.clock())
            try:
                purge(self._runtime.store, due, stopping=self._stop.is_set)
            except OtpgateError as error:
                journal.store_failed(error)  # the database is away: the next round tries again
            self._stop.wait(EVERY_SECONDS)
