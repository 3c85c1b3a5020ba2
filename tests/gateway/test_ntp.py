"""The clock is compared with a time server's: a real one of our own on loopback, some seconds off."""

import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from gateway.ntp import NoTimeError, offset, told
from tests.running import CONFIG, Gateway

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TimeServer = Callable[[float], str]


@pytest.fixture
def time_server() -> Iterator[TimeServer]:
    """Starts time servers whose clock is that many seconds ahead of ours; gives their address."""
    sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(one: socket.socket, ahead: float) -> None:
        with one:
            while (asked := one.recvfrom(512))[0]:
                moment = time.time() + ahead + 2_208_988_800
                stamp = struct.pack("!II", int(moment), int(moment % 1 * 2**32))
                one.sendto(b"\x24\x02" + bytes(30) + stamp + stamp, asked[1])

    def start(ahead: float) -> str:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(("127.0.0.1", 0))
        threads.append(threading.Thread(target=serve, args=(one, ahead)))
        threads[-1].start()
        sockets.append(one)
        return f"127.0.0.1:{one.getsockname()[1]}"

    yield start
    for one in sockets:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.sendto(b"", one.getsockname())
    for thread in threads:
        thread.join(5)


@pytest.mark.parametrize("ahead", [0.0, 30.0, -30.0])
def test_the_difference_is_told_in_size_and_direction(time_server: TimeServer, ahead: float) -> None:
    assert abs(offset(time_server(ahead)).total_seconds() - ahead) < 1.0


def test_a_clock_that_is_right_enough_is_not_worth_a_word() -> None:
    assert told(timedelta(seconds=1), NOW) == ""
    assert told(timedelta(seconds=30), NOW).startswith("the clock is 30.0 s behind: it is 2026-11-23T00:00:30")
    assert "30.0 s ahead" in told(timedelta(seconds=-30), NOW)


def test_a_server_that_is_none_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
    with pytest.raises(NoTimeError, match=address):
        offset(address)


def test_readiness_warns_of_a_clock_that_is_off_and_the_doctor_finds_it(
    serve: Callable[..., Gateway], time_server: TimeServer, tmp_path: Path
) -> None:
    wrong = CONFIG.replace("[server]", f'[server]\ntime_server = "{time_server(30)}"')
    gateway = serve(wrong)
    deadline = time.monotonic() + 60
    while not (ready := httpx.get(f"{gateway.url}/readyz").json())["warnings"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ready["status"] == "ok"
    assert "behind" in ready["warnings"]["clock"]
    file = tmp_path / "config.toml"
    file.write_text(wrong)
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "doctor", "--config", str(file), "--data-dir", str(gateway.data_dir)],
        env=os.environ | {"COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "s behind" in done.stdout
