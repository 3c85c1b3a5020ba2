"""README's table leads to every page of .github/doors, and what the pages tell to type is there and works."""

import importlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from typer.core import TyperGroup

from core.configuration import load
from core.exposure import undecided
from gateway.cli import COMMANDS, main
from tests.running import Gateway, Json

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "doors"
PAGES = {file.stem: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.md"))}
README = (ROOT / "README.md").read_text(encoding="utf-8")
TABLE = README.split("## How do your codes arrive?")[1].split("\n## ")[0]
PROVIDERS = sorted(file.stem for file in (ROOT / "gateway" / "providers").glob("[a-z]*.py"))


def test_the_table_links_every_page_and_no_other() -> None:
    assert sorted(re.findall(r"\]\(\.github/doors/(\w+)\.md\)", TABLE)) == sorted(PAGES)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_has_a_page_that_configures_it(provider: str) -> None:
    assert f'provider = "{provider}"' in PAGES[provider]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_that_it_links_is_there(page: str) -> None:
    assert set(re.findall(r"\]\((\w+)\.md\)", PAGES[page])) <= set(PAGES)


def commands(text: str) -> Iterator[str]:
    """Every call of otpgate in a page: in blocks to type, and in passing."""
    yield from (line for line in typed(text) if "otpgate " in line)
    yield from re.findall(r"`(otpgate [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_in_it_exists(page: str) -> None:
    for line in commands(PAGES[page]):
        words = iter(shlex.split(line[line.index("otpgate ") :], comments=True)[1:])
        command = real_command(next(words))
        for word in words:
            if isinstance(command, TyperGroup):
                assert word in command.commands, line
                command = command.commands[word]
            elif word.startswith("--"):
                known = {option for parameter in command.params for option in parameter.opts}
                assert word.split("=")[0] in known, line


def real_command(name: str) -> Any:
    """One of otpgate's commands with its options."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(importlib.import_module(f"gateway.cli.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        single = typer.Typer(add_completion=False)
        single.command(name)(found)
        found = single
    return typer.main.get_command(found)


@pytest.fixture(scope="module")
def described(gateway: Gateway) -> Json:
    return dict(httpx.get(f"{gateway.url}/openapi.json").raise_for_status().json()["paths"])


@pytest.mark.parametrize("page", PAGES)
def test_every_path_of_the_api_in_it_exists(page: str, described: Json) -> None:
    for path in re.findall(r"(?<![\w/])/v1/[\w/{}-]+|(?<=example\.com)/v1/[\w/{}-]+", PAGES[page]):
        assert path.rstrip("/") in described, path


@pytest.mark.parametrize("page", PAGES)
def test_every_hook_that_it_posts_to_is_one_that_it_configures(page: str) -> None:
    posted = set(re.findall(r"/hooks/(\w+)", PAGES[page]))
    assert posted <= set(re.findall(r"^ *\[hooks\.(\w+)\]", PAGES[page], re.MULTILINE))


def test_what_own_mx_configures_leaves_nothing_undecided(tmp_path: Path) -> None:
    block = re.search(r"```toml\n(.*?)```", PAGES["own_mx"], re.DOTALL)
    assert block
    (tmp_path / "config.toml").write_text(block[1], encoding="utf-8")
    assert list(undecided(load(tmp_path / "config.toml", {}, {}))) == []


@pytest.mark.parametrize("page", ["own_mx", "script", "skyvern", "mcp", "webhooks"])
def test_what_it_says_to_type_works(page: str, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against a gateway, as it stands there."""
    lines = [line for line in typed(PAGES[page]) if line.startswith(("otpgate ", "curl "))]
    assert lines
    monkeypatch.setenv("OTPGATE_URL", gateway.url)
    monkeypatch.setenv("OTPGATE_KEY", gateway.key)
    monkeypatch.setenv("PUSH_KEY", gateway.new_key("push"))
    for line in lines:
        assert run(line, monkeypatch) == 0, line
    for webhook in gateway.api.get("/v1/webhooks").json()["webhooks"]:
        if "app.example.com" in webhook["url"]:
            gateway.api.delete(f"/v1/webhooks/{webhook['id']}")


def run(line: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of a line; otpgate's own commands run in this process, which takes less time."""
    if line.startswith("curl "):
        return subprocess.run(["bash", "-c", line], capture_output=True, check=False).returncode
    monkeypatch.setattr(sys, "argv", shlex.split(line, comments=True))
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def typed(text: str) -> Iterator[str]:
    """What is to be typed into a shell, line by line."""
    for block in re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        yield from (line.strip() for line in block.replace("\\\n", " ").splitlines())
