"""`otpgate serve`: it starts without configuration, says where it is, and stops when asked."""

import re
import signal
import smtplib
import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.gateway.cli.conftest import Client, Program
    from tests.running import Gateway


def test_the_first_start_leaves_an_admin_key_that_only_its_owner_may_read(gateway: "Gateway") -> None:
    key = gateway.data_dir / "admin.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert gateway.data_dir.stat().st_mode & 0o777 == 0o700
    assert key.read_text().startswith("otpgate_")


def test_piped_output_says_where_the_admin_key_is_and_never_the_key(gateway: "Gateway") -> None:
    said = "".join(gateway.lines)
    assert str(gateway.data_dir / "admin.key") in said
    assert (gateway.data_dir / "admin.key").read_text().strip() not in said


def test_both_doors_answer_once_it_is_ready(gateway: "Gateway", client: "Client") -> None:
    with smtplib.SMTP(*gateway.smtp, timeout=10) as smtp:
        assert smtp.noop()[0] == 250
    assert client("cursor").code == 0


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_ends_with_0(serve: "Callable[..., Gateway]", asked: signal.Signals) -> None:
    serving = serve()
    serving.process.send_signal(asked)
    assert serving.process.wait(60) == 0


def test_a_terminal_shows_the_admin_key_this_once(otpgate: "Program") -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        seen = otpgate.on_terminal("serve", "--smtp-port", str(taken.getsockname()[1]))
    assert (otpgate.folder / "otpgate-data" / "admin.key").read_text().strip() in re.sub(r"\s", "", seen)


def test_a_taken_port_is_named_with_what_to_do(otpgate: "Program") -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = otpgate("serve", "--smtp-port", "0", "--http-port", str(port))
    assert ended.code == 78
    assert f"http.listen: 127.0.0.1 port {port}: another program listens there" in ended.err


def test_a_folder_that_cannot_be_written_is_named(otpgate: "Program") -> None:
    (otpgate.folder / "file").touch()
    ended = otpgate("serve", "--data-dir", "file/data")
    assert ended.code == 78
    assert "file/data cannot be written to (Not a directory): name another with --data-dir" in ended.err


@pytest.mark.parametrize("command", ["serve", "migrate", "purge"])
@pytest.mark.parametrize("url", ["", "postgresql+psycopg://otpgate:hush@fish@127.0.0.1:1/otpgate"])
def test_a_database_that_cannot_be_opened_is_named_in_a_line(otpgate: "Program", command: str, url: str) -> None:
    (otpgate.folder / "otpgate-data").mkdir()
    (otpgate.folder / "otpgate-data" / "otpgate.db").write_bytes(b"no database" * 500)
    ended = otpgate(command, OTPGATE_DATABASE__URL=url)
    assert ended.code == 1
    assert ended.err.startswith("otpgate: database.url: the database cannot be opened")
    assert len(ended.err.splitlines()) == 1
    assert not any(secret in ended.err + ended.out for secret in ("hush", "fish"))


def test_a_door_to_the_outside_needs_decisions(otpgate: "Program") -> None:
    ended = otpgate("serve", OTPGATE_SMTP__LISTEN="0.0.0.0:0")
    assert ended.code == 78
    for key in ("smtp.domains", "identifiers.accept_unknown", "trust.minimum", "http.proxies"):
        assert f"{key}: must be set, since the gateway can be reached from outside" in ended.err
    assert not (otpgate.folder / "otpgate-data").exists()


def test_a_second_one_over_the_same_folder_is_told_to_take_another(gateway: "Gateway", otpgate: "Program") -> None:
    """Two processes that checkpoint one SQLite file may corrupt it (FACTS 13)."""
    done = otpgate("serve", "--data-dir", str(gateway.data_dir), "--smtp-port", "0", "--http-port", "0")
    assert done.code == 78
    assert str(gateway.data_dir) in done.err
    assert "--data-dir" in done.err
