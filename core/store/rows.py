"""Rows to records and back; what is secret is sealed in the rows and open in the records.

The keyring is the engine's: `connection.get_execution_options()["keyring"]`, so that every look-up has it.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, RowMapping, Table

from core.secrets import Keyring
from core.store.columns import keepable
from core.store.records import ApiKey, Code, Message, State
from core.store.tables import codes, messages, parts, totp

SEALED: Mapping[str, tuple[str, ...]] = {
    messages.name: ("subject", "text", "value", "candidates", "headers", "alternative"),
    codes.name: ("value", "subject"),
    totp.name: ("seed",),
    parts.name: ("text",),
    "mailboxes": ("secret",),
    "webhooks": ("url", "secrets"),
}
"""The columns of each table that are sealed, each value for its row."""
_COLUMNS = {kind: tuple(f.name for f in fields(kind)) for kind in (Message, Code, ApiKey)}


def keyring_of(connection: Connection) -> Keyring:
    """The keyring with which the store was opened."""
    keyring = connection.get_execution_options().get("keyring")
    if not isinstance(keyring, Keyring):
        raise TypeError("this engine was opened without a keyring")
    return keyring


def sealed(connection: Connection, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row with those sealed that should be; NUL and lone surrogates become U+FFFD."""
    keyring = keyring_of(connection)
    return dict(values) | {
        column: keyring.seal(keepable(values[column]), table.name, column, values["id"])
        for column in SEALED[table.name]
    }


def opened(connection: Connection, table: Table, row: RowMapping) -> dict[str, Any]:
    """The values of a row, opened."""
    keyring = keyring_of(connection)
    return dict(row) | {
        column: keyring.open(row[column], table.name, column, row["id"]) for column in SEALED[table.name]
    }


def message_values(connection: Connection, message: Message) -> dict[str, Any]:
    """The column values of a message."""
    values = {name: getattr(message, name) for name in _COLUMNS[Message]}
    values["candidates"] = values.pop("candidates_text")
    values["headers"] = json.dumps(message.headers) if message.headers else ""
    return sealed(connection, messages, values)


def message_record(connection: Connection, row: RowMapping) -> Message:
    """The message of a row."""
    found = opened(connection, messages, row)
    found["candidates_text"] = found.pop("candidates")
    found["headers"] = tuple(map(tuple, json.loads(found["headers"] or "[]")))
    return Message(**{name: found[name] for name in _COLUMNS[Message]})


def code_values(connection: Connection, code: Code) -> dict[str, Any]:
    """The column values of a code."""
    values = {name: getattr(code, name) for name in _COLUMNS[Code]}
    return sealed(connection, codes, values | {"state": code.state.value, "message_id": code.message_id or None})


def code_record(connection: Connection, row: RowMapping) -> Code:
    """The code of a row."""
    found = opened(connection, codes, row)
    values = {name: found[name] for name in _COLUMNS[Code]}
    return Code(**values | {"state": State(row["state"]), "message_id": row["message_id"] or ""})


def key_values(key: ApiKey) -> dict[str, Any]:
    """The column values of an API key, but its digest."""
    values = {name: getattr(key, name) for name in _COLUMNS[ApiKey]}
    return values | {"scopes": " ".join(key.scopes), "only": json.dumps(key.only)}


def key_record(row: RowMapping) -> ApiKey:
    """The API key of a row."""
    values = {name: row[name] for name in _COLUMNS[ApiKey]}
    return ApiKey(**values | {"scopes": tuple(row["scopes"].split()), "only": tuple(json.loads(row["only"]))})
