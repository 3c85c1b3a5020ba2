"""Request bodies and queries: typed, bounded, and explained when wrong."""

import json
import re
from collections.abc import Collection
from typing import Annotated, Any, Literal, TypeVar

from flask import request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from core.errors import InvalidIdentifierError, InvalidRequestError, MessageTooLargeError
from core.identifiers import normalize
from core.store import Trust
from gateway.web.parts import parts

M = TypeVar("M", bound="Input")
_LONGEST = 1024
_DEEPEST = 10
"""Levels of JSON; no body of ours has more than three."""


class Input(BaseModel):
    """Fields that a caller sends; unknown ones are an error."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


def _several(value: object) -> object:
    """One value or a list of them; a comma separates values too, and blanks are none."""
    values = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(values, list):
        return values
    parts_ = [part for item in values for part in (item.split(",") if isinstance(item, str) else [item])]
    return [part for part in (p.strip() if isinstance(p, str) else p for p in parts_) if part != ""]


def _patterns(value: object) -> object:
    """The same, but a blank is an error: what was meant to narrow something must not end as no pattern."""
    written = [value] if isinstance(value, str) else value
    if isinstance(written, list) and not all(_several(one) for one in written if isinstance(one, str)):
        raise ValueError("a blank is no pattern: leave the field out for every identifier")
    return _several(value)


def _identifier(text: str) -> str:
    """The canonical identifier; in a query a `+` that nobody escaped arrives as a space."""
    lost = text.startswith(" ") and text[1:2].isdigit()
    written = "+" + text[1:] if lost else text.strip().replace(" ", "+") if "@" in text else text
    try:
        return normalize(written, parts().settings.identifiers.default_region)
    except InvalidIdentifierError as error:
        raise ValueError(str(error)) from error


def _blank_as(nothing: object, given: object) -> BeforeValidator:
    """A field that is null or blank counts as one that was not sent; `given` is what OpenAPI says it takes."""
    return BeforeValidator(
        lambda value: nothing if value is None or value == "" else value, json_schema_input_type=given
    )


def _zone(value: object) -> object:
    """A time as RFC 3339 writes it; one whose `+00:00` lost its `+` on the way, as in query strings, too."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[Tt ]", value, re.ASCII):
        return re.sub(r" (\d\d:\d\d)$", r"+\1", value)
    if value is None:
        return None
    raise ValueError("is no time such as 2026-11-23T09:00:00Z")


def _number(value: object) -> object:
    """True and false are no numbers, whatever Python says."""
    if isinstance(value, bool):
        raise ValueError("is no number")  # noqa: TRY004 - pydantic explains a ValueError to the caller
    return value


def _formatted(name: str) -> Any:
    """A short text of a format that OpenAPI names."""
    return Field(max_length=_LONGEST, json_schema_extra={"format": name})


Short = Annotated[str, Field(max_length=_LONGEST)]
CursorText = Annotated[str, _formatted("cursor")]
PageText = Annotated[str, _formatted("page")]
Shorts = Annotated[tuple[Short, ...], Field(max_length=50)]
Kind = Literal["code", "link", "totp", "any"]
Number = BeforeValidator(_number)
Seconds = Annotated[float, Field(ge=0, le=60, allow_inf_nan=False), Number]
Text = Annotated[Short, _blank_as("", Short | None)]
Texts = Annotated[Shorts, BeforeValidator(_several, json_schema_input_type=Shorts | Short | None)]
_Pattern = Annotated[Short, Field(pattern=r"[^\s,]")]
_ManyPatterns = Annotated[tuple[_Pattern, ...], Field(max_length=50)]
Patterns = Annotated[Shorts, BeforeValidator(_patterns, json_schema_input_type=_ManyPatterns | _Pattern | None)]
Kinds = Annotated[
    tuple[Kind, ...],
    BeforeValidator(_several, json_schema_input_type=list[Kind] | Kind | Literal[""] | None),
]
Cursor = Annotated[CursorText, _blank_as("", CursorText | None)]
IdentifierText = Annotated[str, _formatted("identifier"), AfterValidator(_identifier)]
AnyIdentifier = Annotated[IdentifierText | None, _blank_as(None, IdentifierText | Literal[""] | None)]
MinTrust = Annotated[Trust, _blank_as(Trust.NONE, Trust | Literal[""] | None)]
Moment = Annotated[
    AwareDatetime | None, BeforeValidator(_zone), _blank_as(None, AwareDatetime | Literal[""] | None)
]
_Rows = Annotated[int, Field(ge=1, le=200)]
Limit = Annotated[_Rows, _blank_as(50, _Rows | Literal[""] | None)]
Wait = Annotated[Seconds, _blank_as(0, Seconds | Literal[""] | None)]
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
    if not isinstance(values, dict) or _depth(values) > _DEEPEST:
        raise InvalidRequestError(f"the body must be a JSON object, nested at most {_DEEPEST} deep")
    return _validate(model, values, "body")


def form(model: type[M], several: Collection[str] = ()) -> M:
    """The validated form of the present request; in fields named by `several` a line or comma parts two values.

    What is blank was not sent. Raises InvalidRequestError naming each bad field.
    """
    values: dict[str, Any] = {}
    for name, sent in request.form.lists():
        written = [text.strip() for text in re.split(r"[\n,]", "\n".join(sent)) if text.strip()]
        if name in model.model_fields and written:
            values[name] = written if name in several else sent[0]
    return _validate(model, values, "form")


def _depth(value: object) -> int:
    """How deeply objects and arrays are nested; counted without recursion, and no further than counts."""
    level, depth = [value], 0
    while level and depth <= _DEEPEST:
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
        ]
        depth += 1
    return depth - 1


def _said(message: str) -> str:
    """What pydantic says, in words of JSON."""
    return message.removeprefix("Value error, ").replace("a valid tuple", "a list")


def _validate(model: type[M], values: dict[str, Any], where: str) -> M:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = [
            f"{where} field {'.'.join(map(str, fault['loc']))!r}: {_said(fault['msg'])}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise InvalidRequestError("; ".join(faults[:10])) from error
