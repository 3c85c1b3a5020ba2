"""The pages of .github/doors say what works: five steps each, and tables that otpgate takes."""

import re
import textwrap
import tomllib
from pathlib import Path

import pytest

from core.settings import HookSettings
from gateway.cli.configured import servable
from gateway.providers import configure

README = Path(__file__).parent.parent / "README.md"
FOLDER = Path(__file__).parent.parent / ".github" / "doors"
PAGES = sorted(FOLDER.glob("*.md"))


@pytest.fixture(params=PAGES, ids=lambda file: file.stem)
def page(request: pytest.FixtureRequest) -> str:
    file: Path = request.param
    return file.read_text(encoding="utf-8")


def tables(text: str) -> list[str]:
    """The TOML blocks of a page, as they are copied."""
    found = re.findall(r"^ *```toml\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for block in found]


def test_it_has_five_steps_for_each_sender(page: str) -> None:
    steps = re.findall(r"^(\d)\. ", page, re.MULTILINE)
    assert steps == list("12345") * max(1, len(steps) // 5)


def test_each_webhook_in_it_is_a_table_that_otpgate_takes(page: str) -> None:
    for indented in tables(page):
        hooks = tomllib.loads(indented).get("hooks", {})
        found = {name: HookSettings.model_validate(table) for name, table in hooks.items()}
        assert configure(found).keys() == hooks.keys()


def public() -> list[tuple[str, str]]:
    """Each configuration with a public address that README or a page shows, and where it stands."""
    shown = [(file.stem, table) for file in (README, *PAGES) for table in tables(file.read_text(encoding="utf-8"))]
    return [(name, table) for name, table in shown if re.search(r"^public_url", table, re.MULTILINE)]


@pytest.mark.parametrize("table", [pytest.param(table, id=name) for name, table in public()])
def test_a_configuration_with_a_public_address_serves_as_it_stands(table: str, tmp_path: Path) -> None:
    """CONTRACT, "Exposed means decided": what is copied from a page must hold the decisions too."""
    for name in re.findall(r"_file = \"([^\"]+)\"", table):
        (tmp_path / "secret").write_text("a-secret", encoding="utf-8")
        table = table.replace(name, str(tmp_path / "secret"))
    file = tmp_path / "config.toml"
    file.write_text(table, encoding="utf-8")
    assert servable(file, None).server.public_url
