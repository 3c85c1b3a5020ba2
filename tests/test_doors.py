"""The pages of .github/doors say what works: five steps each, and tables that otpgate takes."""

import re
import tomllib
from pathlib import Path

import pytest

from core.settings import HookSettings
from gateway.providers import configure

FOLDER = Path(__file__).parent.parent / ".github" / "doors"
PAGES = sorted(FOLDER.glob("*.md"))


@pytest.fixture(params=PAGES, ids=lambda file: file.stem)
def page(request: pytest.FixtureRequest) -> str:
    file: Path = request.param
    return file.read_text(encoding="utf-8")


def test_it_has_five_steps_for_each_sender(page: str) -> None:
    steps = re.findall(r"^(\d)\. ", page, re.MULTILINE)
    assert steps == list("12345") * max(1, len(steps) // 5)


def test_each_webhook_in_it_is_a_table_that_otpgate_takes(page: str) -> None:
    for indented in re.findall(r"^ *```toml\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL):
        hooks = tomllib.loads(indented).get("hooks", {})
        tables = {name: HookSettings.model_validate(table) for name, table in hooks.items()}
        assert configure(tables).keys() == hooks.keys()
