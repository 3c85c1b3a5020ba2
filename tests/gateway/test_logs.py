"""What a log or a traceback shows of an exception: never a text that may hold anything."""

import socket
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import OtpgateError
from core.migrations import revision
from core.store import heartbeats_in
from core.totp import parse_secret
from gateway.cli.api import Gateway
from gateway.receivers import check_address

SECRET = "48Gh2z"
DATABASE = f"postgresql+psycopg://otpgate@127.0.0.1:1/otpgate?sslmode={SECRET}"
PROGRAM = f"""
import logging, sys
from core.settings import LogSettings
from gateway.logs import configure_logs
configure_logs(LogSettings(), sys.stderr)
try:
    raise ValueError("{SECRET}")
except ValueError:
    logging.getLogger("waitress").exception("serving {SECRET}")
logging.getLogger("mail.log").warning("a line with {SECRET}")
"""


def test_neither_text_nor_traceback_of_a_library_is_logged() -> None:
    """Rule 5: what the text of an exception holds is anyone's guess."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert ran.stderr.splitlines() == ["ERROR waitress ValueError", "WARNING mail.log"]


def ask_with(key: str) -> None:
    """Asks something that listens, for a key is written only then."""
    with (
        socket.create_server(("127.0.0.1", 0)) as door,
        Gateway(f"http://127.0.0.1:{door.getsockname()[1]}", key, Path()) as gateway,
    ):
        gateway.call("GET", "/v1/keys")


@pytest.mark.parametrize(
    "fail",
    [
        lambda: revision(DATABASE),
        lambda: heartbeats_in(DATABASE),
        lambda: parse_secret(f"otpauth://{SECRET}/a?secret=JBSWY3DPEHPK3PXP"),
        lambda: check_address(f"https://user:{SECRET}", value=True),
        lambda: ask_with(f"two\n{SECRET}"),
    ],
    ids=["migrations", "look-ups", "otpauth", "webhooks", "client"],
)
def test_no_error_of_ours_shows_its_cause_where_that_may_hold_a_secret(fail: Callable[[], object]) -> None:
    with pytest.raises(OtpgateError) as raised:
        fail()
    assert SECRET.lower() not in "".join(traceback.format_exception(raised.value)).lower()
