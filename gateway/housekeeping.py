"""Once a minute forgets what is due; once an hour asks whether the clock is right."""

import time

from core import journal
from core.errors import OtpgateError
from core.retention import horizon, purge
from gateway.ntp import NoTimeError, offset, told
from gateway.rounds import Rounds
from gateway.runtime import Runtime

EVERY_SECONDS = 60.0
_CLOCK_SECONDS = 3600.0


class Housekeeper(Rounds):
    """A thread that purges until it is stopped."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        super().__init__("housekeeper")
        self._clock_due = 0.0

    def _run(self) -> None:
        while not self._stop.is_set():
            self._runtime.disk.keep_ballast()
            due = horizon(self._runtime.settings.retention, self._runtime.clock())
            try:
                purge(self._runtime.store, due, stopping=self._stop.is_set)
            except OtpgateError as error:
                journal.store_failed(error)  # the database is away: the next round tries again
            self._look_at_clock()
            self._stop.wait(EVERY_SECONDS)

    def _look_at_clock(self) -> None:
        """Warn on /readyz when the clock is off, or the time server silent."""
        server = self._runtime.settings.server.time_server
        if not server or time.monotonic() < self._clock_due:
            return
        self._clock_due = time.monotonic() + _CLOCK_SECONDS
        warnings = self._runtime.parts.warnings
        try:
            warnings["clock"] = told(offset(server), self._runtime.clock())
        except NoTimeError as error:
            warnings["clock"] = str(error)
        if not warnings["clock"]:
            del warnings["clock"]
