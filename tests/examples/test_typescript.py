"""Playwright Test logs in with the helper in TypeScript."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.examples.conftest import HERE, Open

PROJECT = HERE / "typescript"
INSTALL = "npm install --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error"


@pytest.fixture(scope="session")
def playwright_test() -> Path:
    """Playwright Test's command, installed at first use where npm can."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("Node.js with npm is missing")
    command = PROJECT / "node_modules" / ".bin" / "playwright"
    if not command.exists():
        done = subprocess.run(INSTALL.split(), cwd=PROJECT, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip("npm cannot install @playwright/test here")
    return command


def test_a_test_in_typescript_logs_in(
    playwright_test: Path, site: Open, browsing: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [playwright_test, "test"],
        cwd=PROJECT,
        env={**browsing, "OUTPUT_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert site.acme.refused == 0
