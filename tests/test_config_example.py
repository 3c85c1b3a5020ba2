"""config.example.toml is complete and true."""

import re
import tomllib
from pathlib import Path

from core.configuration import load
from core.known_keys import known_keys, leaves
from core.settings import Settings
from gateway.providers import configure

FILE = Path(__file__).parent.parent / "config.example.toml"
TEXT = FILE.read_text(encoding="utf-8")


def test_it_holds_every_key_and_no_other() -> None:
    given = tomllib.loads(TEXT)
    assert {(section, key) for section, table in given.items() for key in table} == set(leaves())


def test_each_key_has_its_default() -> None:
    assert load(FILE, {}, {}) == Settings()


def test_each_key_says_why_on_its_line() -> None:
    lines = [line for line in TEXT.splitlines() if re.match(r"(# )?[a-z0-9_]+ = ", line)]
    assert len(lines) > len(leaves())
    for line in lines:
        assert re.search(r"\s# \S.{10,}$", line), line
        assert len(line) <= 120 or "public_key" in line


def test_the_tables_that_have_no_default_can_be_uncommented(tmp_path: Path) -> None:
    tables = TEXT[TEXT.index("# [hooks.sms]") :]
    written = re.sub(r"^# (?=\[|[a-z0-9_]+ = )", "", tables, flags=re.MULTILINE)
    (tmp_path / "config.toml").write_text(written, encoding="utf-8")
    settings = load(tmp_path / "config.toml", {}, {})
    for name, hook in configure(settings.hooks).items():
        assert settings.hooks[name].options().keys() == type(hook.settings).model_fields.keys(), name
    assert set(tomllib.loads(written)["trust"]["forwarders"][0]) == set(known_keys(("trust", "forwarders", "0")))
