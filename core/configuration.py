"""Reads the configuration: a TOML file, then the environment, then flags; all faults at once."""

import difflib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError

from core.errors import ConfigurationError
from core.settings import Settings, split_address

PREFIX = "OTPGATE_"
Tree = dict[str, Any]
Path_ = tuple[str, ...]


def load(file: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """The settings of a TOML file (if any), overlaid by `OTPGATE_SECTION__KEY` and by flags ("smtp.listen").

    Raises ConfigurationError with every fault, each with the file or variable and the key.
    """
    places: dict[Path_, str] = {}
    tree = _read_file(file, places) if file else {}
    for name, value in sorted(environment.items()):
        if name.startswith(PREFIX) and "__" in name:
            path = tuple(part.lower() for part in name[len(PREFIX) :].split("__"))
            _put(tree, path, _typed(value), name, places)
    for key, value in flags.items():
        _put(tree, tuple(key.split(".")), value, f"--{key}", places)
    faults: list[str] = []
    _read_secret_files(tree, Settings, (), faults, places)
    settings = _validate(tree, faults, places, str(file or "configuration"))
    if faults or settings is None:
        raise ConfigurationError(faults)
    return settings


def _read_file(file: Path, places: dict[Path_, str]) -> Tree:
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError([f"{file}: cannot be read: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{file}: is not TOML: {error}"]) from error
    places[()] = str(file)
    return tree


def _put(tree: Tree, path: Path_, value: object, place: str, places: dict[Path_, str]) -> None:
    node = tree
    for part in path[:-1]:
        child = node.setdefault(part, {})
        if not isinstance(child, dict):
            child = node[part] = {}
        node = child
    node[path[-1]] = value
    places[path] = place


def _typed(text: str) -> object:
    """An environment variable's value: JSON where it is a list, table, number or truth value, else the text."""
    if text[:1] in {"[", "{"} or text in {"true", "false"}:
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text


def _read_secret_files(
    node: Tree, model: type[BaseModel] | None, path: Path_, faults: list[str], places: dict[Path_, str]
) -> None:
    """Replace each `KEY_file` of a secret by `KEY` with that file's contents."""
    for key in list(node):
        value = node[key]
        if isinstance(value, dict):
            _read_secret_files(value, _section(model, key), (*path, key), faults, places)
        elif key.endswith("_file") and _is_secret(model, key.removesuffix("_file")):
            try:
                files = value if isinstance(value, list) else [value]
                texts = [Path(str(f)).read_text(encoding="utf-8").strip() for f in files]
                node[key.removesuffix("_file")] = texts if isinstance(value, list) else texts[0]
            except (OSError, UnicodeDecodeError) as error:
                faults.append(
                    f"{_place((*path, key), places)}: the file cannot be read: {type(error).__name__}"
                )
            del node[key]


def _section(model: type[BaseModel] | None, key: str) -> type[BaseModel] | None:
    annotation = model.model_fields[key].annotation if model and key in model.model_fields else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _is_secret(model: type[BaseModel] | None, key: str) -> bool:
    """Whether a key holds a secret; where a provider's own settings decide, any `*_file` does."""
    if model is None:
        return True
    field = model.model_fields.get(key)
    return field is not None and (field.annotation is SecretStr or SecretStr in get_args(field.annotation))


def _validate(tree: Tree, faults: list[str], places: dict[Path_, str], file: str) -> Settings | None:
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        for detail in error.errors(include_input=False, include_url=False):
            path = tuple(str(part) for part in detail["loc"])
            faults.append(f"{_place(path, places, file)}: {_explain(path, detail['type'], detail['msg'])}")
        return None
    for section in ("smtp", "http"):
        try:
            split_address(getattr(settings, section).listen)
        except ValueError as error:
            faults.append(f"{_place((section, 'listen'), places, file)}: {error}")
    return settings


def _place(path: Path_, places: dict[Path_, str], file: str = "configuration") -> str:
    source = places.get(path) or places.get(()) or file
    return f"{source}: {'.'.join(path)}"


def _explain(path: Path_, kind: str, message: str) -> str:
    if kind != "extra_forbidden":
        return message[:1].lower() + message[1:]
    near = difflib.get_close_matches(path[-1], known_keys(path[:-1]), n=1, cutoff=0.5)
    return f"is no known key; did you mean {near[0]!r}?" if near else "is no known key"


def known_keys(section: Path_) -> list[str]:
    """The keys that a section may have: () for the sections themselves."""
    model: type[BaseModel] | None = Settings
    for part in section:
        model = _section(model, part)
    return list(model.model_fields) if model else []
