"""Exports of password managers: Bitwarden (JSON, CSV) and 1Password (1PUX, CSV).

Sources: https://bitwarden.com/help/export-your-data/ and https://support.1password.com/1pux-format/
"""

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from core.authenticators.export import Entry, Export, collect
from core.errors import InvalidRequestError

ZIP = b"PK\x03\x04"
_LARGEST_DATA = 64 * 1024 * 1024
_SECRET_COLUMNS = ("login_totp", "otpauth", "totp", "otp")
_TITLE_COLUMNS = ("name", "title")
_ACCOUNT_COLUMNS = ("login_username", "username")


def read_bitwarden(text: str) -> Export:
    """The TOTP secrets of Bitwarden's unencrypted JSON export; raises InvalidRequestError."""
    tree = _json(text)
    if _get(tree, "encrypted") is True:
        raise InvalidRequestError("this Bitwarden export is encrypted: export again as .json, unencrypted")
    entries = (
        _entry(_get(item, "login", "totp"), _get(item, "name"), _get(item, "login", "username"))
        for item in _each(_get(tree, "items"))
    )
    return _something([entry for entry in entries if entry.secret])


def read_1pux(data: bytes) -> Export:
    """The one-time password fields of a 1PUX file; raises InvalidRequestError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("export.data") as file:
            raw = file.read(_LARGEST_DATA + 1)
    except (KeyError, RuntimeError, OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise InvalidRequestError("this is no 1PUX export, or it is damaged") from error
    if len(raw) > _LARGEST_DATA:
        raise InvalidRequestError("this 1PUX export is too large")
    return _something(list(_items_of_1pux(_json(raw))))


def is_table(line: str) -> bool:
    """Whether a line heads a CSV with one-time secrets in it."""
    return _column(next(csv.reader([line]), []), _SECRET_COLUMNS) is not None


def read_table(text: str) -> Export:
    """The secrets of Bitwarden's or 1Password's CSV; raises InvalidRequestError."""
    try:
        heading, *rows = list(csv.reader(io.StringIO(text)))
    except csv.Error as error:
        raise InvalidRequestError("the CSV cannot be read") from error
    columns = [_column(heading, names) for names in (_SECRET_COLUMNS, _TITLE_COLUMNS, _ACCOUNT_COLUMNS)]
    cells = ([row[c] if c is not None and c < len(row) else "" for c in columns] for row in rows)
    return _something([_entry(*row) for row in cells if row[0].strip()])


def _items_of_1pux(tree: object) -> Iterator[Entry]:
    for account in _each(_get(tree, "accounts")):
        for vault in _each(_get(account, "vaults")):
            for item in _each(_get(vault, "items")):
                yield from _fields_of_1pux(_get(item, "item") or item)


def _fields_of_1pux(item: object) -> Iterator[Entry]:
    names = [
        _get(field, "value")
        for field in _each(_get(item, "details", "loginFields"))
        if _get(field, "designation") == "username"
    ]
    for section in _each(_get(item, "details", "sections")):
        for field in _each(_get(section, "fields")):
            secret = _get(field, "value", "totp")
            if secret:
                yield _entry(secret, _get(item, "overview", "title"), next(iter(names), ""))


def _something(entries: list[Entry]) -> Export:
    if not entries:
        raise InvalidRequestError("the export can be read, but there is no one-time secret in it")
    return collect(entries)


def _entry(secret: object, title: object, account: object) -> Entry:
    secret, title, account = (value if isinstance(value, str) else "" for value in (secret, title, account))
    return Entry(secret=secret, title=title, account=account)


def _column(heading: list[str], names: tuple[str, ...]) -> int | None:
    known = [cell.strip().lower() for cell in heading]
    return next((known.index(name) for name in names if name in known), None)


def _json(text: str | bytes) -> object:
    try:
        tree: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("the export is no JSON") from error
    return tree


def _get(tree: object, *path: str) -> Any:
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _each(tree: object) -> list[Any]:
    return tree if isinstance(tree, list) else []
