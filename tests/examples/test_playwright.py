"""Playwright for Python fills a form that asks for three codes."""

import subprocess
import sys

import pytest

from tests.examples.conftest import HERE, Open


def test_four_logins_side_by_side_get_their_own_three_codes_each(
    site: Open, number: str, browsing: dict[str, str]
) -> None:
    """On one mailbox, one number and one authenticator; each takes its turn: all succeed, none swaps."""
    pytest.importorskip("playwright", reason="Playwright for Python (pip: playwright) is missing")
    script = [sys.executable, str(HERE / "playwright_login.py"), site.url, browsing["MAILBOX"], number, "4"]
    done = subprocess.run(script, env=browsing, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    assert (len(set(site.acme.welcomed)), site.acme.refused) == (4, 0)
