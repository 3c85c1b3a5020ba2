"""Free space of the data folder's disk: messages are put off before it is full, and a ballast file can go.

On a full disk even forgetting fails, since it writes first; so the last of the space is kept for claims and
for the purge.
"""

import os
import shutil
from pathlib import Path

from core import journal
from core.errors import StoreFullError
from core.settings import DiskSettings

MIB = 2**20
BALLAST_FILE = "ballast"


class Disk:
    """The disk that a folder is on, with a floor of free space under which no message is taken."""

    def __init__(self, folder: Path, settings: DiskSettings) -> None:
        self._folder, self._ballast = folder, folder / BALLAST_FILE
        self._floor, self._ballast_size = settings.free_mib * MIB, settings.ballast_mib * MIB

    @property
    def free(self) -> int:
        """Free bytes that this user may fill; raises OSError."""
        return shutil.disk_usage(self._folder).free

    @property
    def full(self) -> bool:
        """Whether less is free than the floor; a disk that cannot be asked is full."""
        try:
            return self.free < self._floor
        except OSError:
            return True

    def check(self) -> None:
        """Raises StoreFullError when no message can be taken now."""
        if self.full:
            raise StoreFullError("there is no room for another message at the moment: try again later")

    def keep_ballast(self) -> None:
        """Give the ballast up when the disk is full; lay it down again when there is room for it twice over."""
        if self.full:
            if self._ballast.exists():
                self._ballast.unlink()
                journal.ballast_dropped()
            journal.disk_full()
        elif self._ballast_size and not self._ballast.exists():
            self._lay_down()

    def _lay_down(self) -> None:
        if self.free < self._floor + 2 * self._ballast_size:
            return
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, self._ballast_size)
