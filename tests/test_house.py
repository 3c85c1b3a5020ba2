"""The house keeps its own rules: how long, how named, how laid out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = sorted(file for package in ("core", "gateway") for file in (ROOT / package).rglob("*.py"))
LONGEST_FUNCTION, LONGEST_FILE = 30, 250
TOP_LEVEL = {"core", "gateway", "tests", "Makefile"} | {"pyproject.toml", "config.example.toml"}
TOP_LEVEL |= {"README.md", "LICENSE", "CHANGELOG.md"}


def test_the_top_level_holds_what_was_asked_for_and_no_more() -> None:
    tracked = {entry.name for entry in ROOT.iterdir() if not entry.name.startswith(".")}
    assert tracked - TOP_LEVEL <= {"otpgate-data", "build", "dist", "node_modules"}


def test_a_file_or_function_over_its_ceiling_says_why() -> None:
    """The reason stands as a comment that begins with "Long:" at the place."""
    assert [fault for file in SOURCES for fault in too_long(file)] == []


def too_long(file: Path) -> Iterator[str]:
    """What is over its ceiling in a file and doesn't say why."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    if len(lines) > LONGEST_FILE and not re.search(r"^# Long: ", text, re.MULTILINE):
        yield f"{file.relative_to(ROOT)} has {len(lines)} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > LONGEST_FUNCTION:
            place = lines[node.lineno - 2 : node.end_lineno]
            if not any("# Long: " in line for line in place):
                yield f"{node.name} in {file.relative_to(ROOT)} has {length(node)} lines"


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function from `def` to its end, without its docstring."""
    documented = ast.get_docstring(node) is not None
    docstring = node.body[0].end_lineno - node.body[0].lineno + 1 if documented and node.body[0].end_lineno else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring


def test_no_file_has_a_name_that_says_nothing() -> None:
    nothing = {"utils", "util", "helpers", "manager", "service", "base", "common", "misc"}
    assert [file for file in SOURCES if file.stem in nothing] == []
