"""A webhook request as received, and its body as JSON, as a form or as parts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from multipart import MultipartError, MultipartParser, parse_options_header

from core.errors import ForbiddenError, InvalidRequestError

_MOST_FIELDS = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class HookRefusedError(ForbiddenError):
    """The request is not believed; `reason` is a fixed phrase for the log, never shown to the caller."""

    slug = "hook-refused"

    def __init__(self, reason: str) -> None:
        super().__init__("this request is not signed by the configured account")
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class HookRequest:
    """A webhook request as received, with the URL that its sender signed."""

    url: str = field(repr=False)
    """Built from the configured public URL and the raw query, never from Host or X-Forwarded headers."""
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)
    method: str = "POST"
    query: str = field(default="", repr=False)
    """As sent, without its question mark."""
    received_at: datetime = _EPOCH
    """By the gateway's clock: what the time in a signature is judged by."""

    @property
    def content_type(self) -> str:
        """The media type of the body in lower case, without parameters; "" where none is named."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def form(self) -> dict[str, list[str]]:
        """The form fields of the body: every value of every name, blanks kept, nothing trimmed.

        Raises InvalidRequestError when the body is no form.
        """
        try:
            return _fields(self.body.decode("utf-8"))
        except ValueError as error:
            raise InvalidRequestError("the body is no URL-encoded form in UTF-8") from error

    def parameters(self) -> dict[str, list[str]]:
        """The query's parameters, read as `form` reads a body; raises InvalidRequestError."""
        try:
            return _fields(self.query)
        except ValueError as error:
            raise InvalidRequestError("the query is not URL-encoded UTF-8") from error

    def json(self) -> Any:
        """The JSON of the body; raises InvalidRequestError when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise InvalidRequestError("the body is no JSON") from error

    def json_object(self) -> dict[str, Any]:
        """The JSON object of the body; raises InvalidRequestError when it is anything else."""
        found = self.json()
        if not isinstance(found, dict):
            raise InvalidRequestError("the body must be a JSON object")
        return found

    def values(self) -> dict[str, bytes]:
        """The fields of a form of either kind, each its first value, in whatever charset the sender wrote it.

        Raises InvalidRequestError when the body is no form.
        """
        if self.content_type == "multipart/form-data":
            return self.parts()
        try:
            pairs = parse_qsl(
                self.body.decode("latin-1"),
                keep_blank_values=True,
                encoding="latin-1",
                max_num_fields=_MOST_FIELDS,
            )
        except ValueError as error:
            raise InvalidRequestError("the body is no form") from error
        as_sent = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
        return {name.decode("utf-8", "replace"): value for name, value in reversed(as_sent)}

    def parts(self) -> dict[str, bytes]:
        """The parts of a multipart/form-data body (RFC 7578) by name, as sent; of a repeated name the first.

        Raises InvalidRequestError when the body is no such form.
        """
        boundary = parse_options_header(self.headers.get("content-type", ""))[1].get("boundary", "")
        if self.content_type != "multipart/form-data" or not boundary:
            raise InvalidRequestError("the body should be multipart/form-data, with its boundary in Content-Type")
        found: dict[str, bytes] = {}
        size = len(self.body) + 1  # the body is in memory already: no part needs a file
        try:
            parser = MultipartParser(
                BytesIO(self.body), boundary, part_limit=_MOST_FIELDS, spool_limit=size, memory_limit=size
            )
            for part in parser:
                found.setdefault(part.name, part.raw)
        except (MultipartError, ValueError) as error:
            raise InvalidRequestError("the body is no multipart form") from error
        return found


def _fields(text: str) -> dict[str, list[str]]:
    pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields
