"""The floor of free space, and the ballast that may go."""

from pathlib import Path

import pytest

from core.errors import StoreFullError
from core.settings import DiskSettings
from gateway.disk import BALLAST_FILE, MIB, Disk

EVERYTHING = 10**9


def test_under_the_floor_no_message_is_taken(tmp_path: Path) -> None:
    Disk(tmp_path, DiskSettings(free_mib=0)).check()
    with pytest.raises(StoreFullError, match="no room for another message"):
        Disk(tmp_path, DiskSettings(free_mib=EVERYTHING)).check()


def test_a_disk_that_cannot_be_asked_is_full(tmp_path: Path) -> None:
    assert Disk(tmp_path / "gone", DiskSettings(free_mib=0)).full


def test_ballast_takes_real_space_and_goes_when_the_disk_is_full(tmp_path: Path) -> None:
    """FACTS 14: on a full disk DELETE and checkpoint fail too."""
    ballast = tmp_path / BALLAST_FILE
    Disk(tmp_path, DiskSettings(free_mib=1, ballast_mib=2)).keep_ballast()
    assert ballast.stat().st_blocks * 512 >= 2 * MIB
    Disk(tmp_path, DiskSettings(free_mib=EVERYTHING, ballast_mib=2)).keep_ballast()
    assert not ballast.exists()
    Disk(tmp_path, DiskSettings(free_mib=EVERYTHING, ballast_mib=2)).keep_ballast()
    assert not ballast.exists()


def test_without_room_for_it_twice_over_no_ballast_is_laid_down(tmp_path: Path) -> None:
    free = Disk(tmp_path, DiskSettings()).free // MIB
    Disk(tmp_path, DiskSettings(free_mib=max(0, free - 100), ballast_mib=4096)).keep_ballast()
    assert not (tmp_path / BALLAST_FILE).exists()


def test_no_ballast_where_none_is_wanted(tmp_path: Path) -> None:
    Disk(tmp_path, DiskSettings(ballast_mib=0)).keep_ballast()
    assert not (tmp_path / BALLAST_FILE).exists()
