"""Reads the configuration: a TOML file, then the environment, then flags; all faults at once."""

import copy
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.errors import ConfigurationError
from core.known_keys import Key, field_of, known_keys, leaves, meant_by, takes_list, takes_secret, unknown
from core.settings import Settings

PREFIX = "OTPGATE_"
Tree = dict[str, Any]
Check = Callable[[Settings], Iterable[tuple[str, str]]]
"""Says what else is wrong with settings that are well-formed: pairs of a key and a sentence."""

_SAID_OTHERWISE = {
    "missing": "is missing",
    "model_type": "should be a table",
    "model_attributes_type": "should be a table",
    "dict_type": "should be a table",
}
_MOST_REPAIRS = 5


def load(
    file: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any], checks: Sequence[Check] = ()
) -> Settings:
    """The settings of a TOML file (if any), overlaid by `OTPGATE_SECTION__KEY` and by flags ("smtp.listen").

    Raises ConfigurationError with every fault, each with the file or variable and the key. The checks are
    asked even when there are faults: then of the settings without the faulty keys.
    """
    given = _Given(file)
    given.add_environment(environment)
    for key, value in flags.items():
        given.put(tuple(key.split(".")), value, "command line")
    given.read_secret_files()
    settings = given.settings()
    if settings:
        for key, sentence in (found for check in checks for found in check(settings)):
            given.fault(tuple(key.split(".")), sentence)
    if given.faults or settings is None:
        raise ConfigurationError(list(given.faults.values()))
    return settings


class _Given:
    """What was given, where each key came from, and what is wrong with it: the first fault of each key."""

    def __init__(self, file: Path | None) -> None:
        self.faults: dict[Key, str] = {}
        self._origin = str(file or "configuration")
        self._places: dict[Key, str] = {}
        self._tree = _read(file) if file else {}

    def fault(self, key: Key, sentence: str) -> None:
        self.faults.setdefault(key, f"{self._place(key)}: {'.'.join(key)}: {sentence}")

    def add_environment(self, environment: Mapping[str, str]) -> None:
        """Overlay the variables; those with one underscore where two belong are faults."""
        likely = {PREFIX + "_".join(leaf).upper(): PREFIX + "__".join(leaf).upper() for leaf in leaves()}
        for name, value in sorted(environment.items()):
            key = tuple(name.removeprefix(PREFIX).lower().split("__"))
            if name.startswith(PREFIX) and len(key) > 1:
                self.put(key, _typed(value, key), name)
            elif name in likely:
                self.faults[(name,)] = f"{name}: is not read; did you mean {likely[name]}?"

    def put(self, key: Key, value: object, place: str) -> None:
        """Overlay one key; a section that is no table stays, as a fault to be found."""
        node = self._tree
        if key[0] not in known_keys(()):
            self._places[key[:1]] = place  # the section itself is what is wrong
        for part in key[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                return
        node[key[-1]] = value
        self._places[key] = place

    def read_secret_files(self) -> None:
        """Replace each `KEY_file` of a secret by `KEY` with that file's contents."""
        for key, value in list(_walk(self._tree)):
            secret = (*key[:-1], key[-1].removesuffix("_file"))
            if key[-1].endswith("_file") and field_of(key) is None and takes_secret(secret):
                self._read_secret_file(key, secret, value)

    def _read_secret_file(self, key: Key, secret: Key, value: object) -> None:
        node = _table(self._tree, key[:-1]) or {}
        del node[key[-1]]
        if secret[-1] in node and (key in self._places) == (secret in self._places):
            self.fault(key, f"is given beside {secret[-1]}: keep one of them")
        elif secret[-1] not in node or key in self._places:
            several = isinstance(value, list)
            texts = [self._secret(key, file) for file in (value if isinstance(value, list) else [value])]
            node[secret[-1]] = texts if several else texts[0]
            self._places[secret] = f"{self._place(key)}: {'.'.join(key)}"

    def _secret(self, key: Key, file: object) -> str:
        try:
            text = Path(str(file)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            self.fault(key, f"{file} cannot be read: {reason}")
            return ""
        if not text:
            self.fault(key, f"{file} is empty")
        return text

    def settings(self) -> Settings | None:
        """The settings; where there are faults, without the faulty keys, or None when nothing can be made."""
        for _ in range(_MOST_REPAIRS):
            try:
                return Settings.model_validate(self._tree)
            except ValidationError as error:
                rest = copy.deepcopy(self._tree)
                for detail in error.errors(include_input=False, include_url=False):
                    key = _known_part(self._tree, tuple(map(str, detail["loc"])), detail["type"])
                    self.fault(key, _sentence(key, detail))
                    held = _held(self._tree, key)
                    (_table(rest, held[:-1]) or {}).pop(held[-1], None)
                self._tree = rest
        return None

    def _place(self, key: Key) -> str:
        for end in range(len(key), 0, -1):
            if key[:end] in self._places:
                return self._places[key[:end]]
        return self._origin


def _read(file: Path) -> Tree:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError([f"{file}: cannot be read: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{file}: is not TOML: {error}"]) from error


def _typed(text: str, key: Key) -> object:
    """A variable's value: a list in JSON, or with commas where the key takes one; else the text."""
    if text.startswith("[") and (takes_list(key) or field_of(key) is None):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            pass  # an IPv6 address begins with a bracket too
    return [part.strip() for part in text.split(",") if part.strip()] if takes_list(key) else text


def _walk(tree: Tree, above: Key = ()) -> Iterable[tuple[Key, object]]:
    """Every key that is no table, and its value."""
    for name, value in list(tree.items()):
        if isinstance(value, dict):
            yield from _walk(value, (*above, name))
        else:
            yield (*above, name), value


def _table(tree: Tree, key: Key) -> Tree | None:
    """The table at a key, or None."""
    node: Any = tree
    for part in key:
        node = node.get(part) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else None


def _known_part(tree: Tree, key: Key, kind: str) -> Key:
    """The part of pydantic's location that the configuration names; it adds types and places in lists."""
    node: Any = tree
    for depth, part in enumerate(key):
        if isinstance(node, list) and part.isdigit():
            node = node[int(part)]
        elif isinstance(node, dict) and (part in node or kind == "missing"):
            node = node.get(part)
        else:
            return key[:depth]
    return key


def _held(tree: Tree, key: Key) -> Key:
    """As much of a key as tables hold: of a missing key its table, of a place in a list the list."""
    while len(key) > 1 and key[-1] not in (_table(tree, key[:-1]) or {}):
        key = key[:-1]
    return key


def _sentence(key: Key, detail: ErrorDetails) -> str:
    """What is wrong, for a person, without the value."""
    if detail["type"] == "extra_forbidden":
        return unknown(key, meant_by(key))
    field = field_of(key)
    if detail["type"] == "string_pattern_mismatch" and field and field.description:
        return f"should be {field.description}"
    said = detail["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return _SAID_OTHERWISE.get(detail["type"], said[:1].lower() + said[1:])
