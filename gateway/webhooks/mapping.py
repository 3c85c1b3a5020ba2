"""Where in a body the fields of a message are, as a user's configuration names them."""

from collections.abc import Mapping
from typing import Annotated, Any

import jsonpath
from pydantic import AfterValidator

from core.errors import InvalidRequestError
from gateway.webhooks.fields import as_text, single
from gateway.webhooks.request import HookRequest


def _path(text: str) -> str:
    if not text.startswith("$"):
        return text
    try:
        found = jsonpath.compile(text)
    except jsonpath.JSONPathError as error:
        raise ValueError(f"{text} is no JSONPath such as $.payload.message or $.items[0].text") from error
    if not (isinstance(found, jsonpath.JSONPath) and found.singular_query()):
        raise ValueError(
            f"{text} may lead to several values: name one, as in $.payload.message or $.items[0].text"
        )
    return text


Path = Annotated[str, AfterValidator(_path)]
"""A JSONPath to one value at most (RFC 9535, 2.3.5.1), or the name of a form's field or a JSON member."""


def body_of(request: HookRequest) -> Any:
    """The body as JSON, or as a mapping of the form's fields; raises InvalidRequestError when it is neither."""
    if request.content_type == "application/x-www-form-urlencoded":
        return single(request.form())
    if request.content_type == "multipart/form-data":
        try:
            return {name: value.decode() for name, value in request.parts().items()}
        except UnicodeDecodeError as error:
            raise InvalidRequestError("every field of the form should be UTF-8") from error
    return request.json()


def found_at(body: Any, path: str) -> Any:
    """What a path leads to; None for nothing."""
    if not path.startswith("$"):
        return body.get(path) if isinstance(body, dict) else None
    try:
        match = jsonpath.compile(path).match(body)
    except jsonpath.JSONPathError:
        return None
    return match.value if match else None


def texts_at(body: Any, paths: Mapping[str, str]) -> dict[str, str]:
    """The text that each path leads to, by name; raises InvalidRequestError naming all that lead to none."""
    texts = {name: as_text(found_at(body, path)) for name, path in paths.items()}
    lacking = [f"{name} ({paths[name]})" for name, text in texts.items() if text is None]
    if lacking:
        raise InvalidRequestError(f"the body has no text where the configuration looks for {', '.join(lacking)}")
    return {name: text for name, text in texts.items() if text is not None}
