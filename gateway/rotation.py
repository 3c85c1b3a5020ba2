"""Rotating the keys that seal values, in the serving process: on SQLite nobody else may write."""

import threading
from dataclasses import dataclass, replace
from pathlib import Path

from core import journal
from core.errors import ConflictError
from core.secrets import new_key, read_keys, write_keys
from core.store import Place, Store

PAUSE = 0.01
"""Seconds between two steps, so that claims and mail go first."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the rotation is: `state` is idle, running, done or failed."""

    state: str = "idle"
    key_id: str = ""
    """The key that seals."""
    rows: int = 0
    """Rows resealed so far."""
    retired: str = ""
    """The file that keeps the keys that older backups need, once it is done."""


class Rotation:
    """One rotation at a time. What was interrupted goes on at the next start, without another new key."""

    def __init__(self, store: Store, file: Path | None) -> None:
        """Rotate the keys in a file, or None where they are configured: new ones are the operator's then."""
        self._store, self._file = store, file
        self._lock, self._stop = threading.Lock(), threading.Event()
        self.progress = Progress(key_id=store.keyring.current)

    def start(self) -> Progress:
        """Begin, or go on with what was interrupted; raises ConflictError while one runs."""
        with self._lock:
            if self.progress.state == "running":
                raise ConflictError("keys are being rotated already")
            if self._file and not self._store.resealing.older():
                keys = [new_key(), *read_keys(self._file)]
                write_keys(self._file, keys)
                self._store.resealing.begin(keys)
            self.progress = Progress(state="running", key_id=self._store.keyring.current)
        threading.Thread(target=self._run, name="rotation", daemon=True).start()
        return self.progress

    def stop(self) -> None:
        """End after the step under way; the next `start` goes on."""
        self._stop.set()

    def _run(self) -> None:
        try:
            finished = self._reseal_all()
            retired = self._retire() if finished else None
        except Exception as error:  # noqa: BLE001 - whatever broke, the next start goes on from there
            journal.failed("rotation", error)
            finished, retired = False, None
        state = "done" if finished else "failed"
        self.progress = replace(self.progress, state=state, retired=str(retired or ""))
        journal.keys_rotated(key_id=self.progress.key_id, rows=self.progress.rows, state=state)

    def _reseal_all(self) -> bool:
        """Pass over all rows until none needs an older key; another node may have sealed some meanwhile."""
        while not self._stop.is_set():
            place: Place | None = Place()
            while place and not self._stop.wait(PAUSE):
                place, changed = self._store.resealing.step(place)
                self.progress = replace(self.progress, rows=self.progress.rows + changed.result())
            if place is None and self._store.resealing.finish().result():
                return True
        return False

    def _retire(self) -> Path | None:
        """Leave only the key that seals in the key file; the others are kept beside it, for older backups."""
        if self._file is None:
            return None
        current, *older = read_keys(self._file)
        aside = self._file.with_name(f"{self._file.name}.retired")
        write_keys(aside, [*older, *(read_keys(aside) if aside.exists() else [])])
        write_keys(self._file, [current])
        return aside
