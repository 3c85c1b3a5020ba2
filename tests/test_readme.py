"""The README tells the truth: every file and name of "How a message travels" is there."""

import importlib
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TRACE = README.split("## How a message travels")[1].split("\n## ")[0]


def test_the_trace_has_seven_numbered_lines() -> None:
    assert re.findall(r"^(\d)\. ", TRACE, re.MULTILINE) == list("1234567")


def test_every_file_of_the_trace_is_there_and_holds_the_name_beside_it() -> None:
    named = re.findall(r"`((?:core|gateway)/[\w/.]+)`(?:\s+`(\w+)`)?", TRACE)
    assert len(named) >= 10
    for file, name in named:
        assert (ROOT / file).exists(), file
        if name:
            module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
            assert hasattr(module, name), f"{file} has no {name}"


def test_it_opens_with_the_two_commands() -> None:
    first_block = README.split("```sh\n")[1].split("```")[0]
    assert [line.split("#")[0].strip() for line in first_block.strip().splitlines()] == ["make run", "make test"]


def test_every_file_it_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
