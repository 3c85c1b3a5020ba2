"""Request bodies and queries: typed, bounded, and explained when wrong."""

import json
from typing import Annotated, Any, TypeVar

from flask import request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.errors import InvalidIdentifierError, InvalidRequestError, MessageTooLargeError
from core.identifiers import normalize
from gateway.web.parts import parts

M = TypeVar("M", bound="Input")
_LONGEST = 1024


class Input(BaseModel):
    """Fields that a caller sends; unknown ones are an error."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


def _several(value: object) -> object:
    """One value or a list of them; a comma separates values too."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        return values
    return [part.strip() for item in values for part in (item.split(",") if isinstance(item, str) else [item])]


def _identifier(text: str) -> str:
    """The identifier that the caller wrote; a leading space is a `+` that a query lost."""
    written = "+" + text[1:] if text.startswith(" ") and text[1:2].isdigit() else text
    try:
        return normalize(written, parts().settings.identifiers.default_region)
    except InvalidIdentifierError as error:
        raise ValueError(str(error)) from error


def _none_is_empty(value: object) -> object:
    return "" if value is None else value


def _none_is_zero(value: object) -> object:
    return 0 if value is None or value == "" else value


def _none_is_list(value: object) -> object:
    return [] if value is None else _several(value)


Text = Annotated[str, BeforeValidator(_none_is_empty), Field(max_length=_LONGEST)]
Texts = Annotated[
    tuple[Annotated[str, Field(max_length=_LONGEST)], ...], BeforeValidator(_none_is_list), Field(max_length=50)
]
IdentifierText = Annotated[str, Field(max_length=_LONGEST), AfterValidator(_identifier)]
Wait = Annotated[float, BeforeValidator(_none_is_zero), Field(ge=0, le=60)]
"""Seconds to hold the request."""


def query(model: type[M]) -> M:
    """The validated query of the present request; raises InvalidRequestError naming each bad field."""
    values: dict[str, Any] = {}
    for name, sent in request.args.lists():
        values[name] = sent[0] if len(sent) == 1 else sent
    return _validate(model, values, "query")


def body(model: type[M]) -> M:
    """The validated JSON body; an empty one is `{}`. Raises InvalidRequestError naming each bad field."""
    length = request.content_length
    if length is not None and length > parts().settings.http.max_body_bytes:
        raise MessageTooLargeError("the body is larger than http.max_body_bytes")
    raw = request.get_data(cache=False)
    try:
        values = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("the body is no JSON") from error
    if not isinstance(values, dict):
        raise InvalidRequestError("the body must be a JSON object")
    return _validate(model, values, "body")


def _validate(model: type[M], values: dict[str, Any], where: str) -> M:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = [
            f"{where} field {'.'.join(map(str, fault['loc']))!r}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise InvalidRequestError("; ".join(faults[:10])) from error
