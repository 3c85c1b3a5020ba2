"""Rows to records and back."""

import json
from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping

from core.store.records import ApiKey, Code, Message, State

_COLUMNS = {kind: tuple(f.name for f in fields(kind)) for kind in (Message, Code, ApiKey)}


def message_values(message: Message) -> dict[str, Any]:
    """The column values of a message."""
    values = {name: getattr(message, name) for name in _COLUMNS[Message]}
    return values | {"candidates": json.dumps(list(message.candidates), ensure_ascii=False)}


def message_record(row: RowMapping) -> Message:
    """The message of a row."""
    values = {name: row[name] for name in _COLUMNS[Message]}
    return Message(**values | {"candidates": tuple(json.loads(row["candidates"] or "[]"))})


def code_values(code: Code) -> dict[str, Any]:
    """The column values of a code."""
    return {name: getattr(code, name) for name in _COLUMNS[Code]} | {"state": code.state.value}


def code_record(row: RowMapping) -> Code:
    """The code of a row."""
    values = {name: row[name] for name in _COLUMNS[Code]}
    return Code(**values | {"state": State(row["state"])})


def key_values(key: ApiKey) -> dict[str, Any]:
    """The column values of an API key, but its digest."""
    values = {name: getattr(key, name) for name in _COLUMNS[ApiKey]}
    return values | {"scopes": " ".join(key.scopes), "only": json.dumps(key.only)}


def key_record(row: RowMapping) -> ApiKey:
    """The API key of a row."""
    values = {name: row[name] for name in _COLUMNS[ApiKey]}
    return ApiKey(**values | {"scopes": tuple(row["scopes"].split()), "only": tuple(json.loads(row["only"]))})
