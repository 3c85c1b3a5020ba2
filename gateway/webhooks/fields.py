"""Fields of a request that must be there: one that is missing is named."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import InvalidRequestError
from gateway.webhooks.request import HookRequest


def at(found: Any, path: str) -> Any:
    """What stands at a dotted path such as "data.to.0.phone_number" in JSON; None where nothing does."""
    for step in path.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isascii() and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def as_text(value: object) -> str | None:
    """A JSON string, or a whole number as it is written; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def text_at(found: Any, *paths: str) -> str:
    """The text at the first of these paths that has one; raises InvalidRequestError naming them."""
    for path in paths:
        text = as_text(at(found, path))
        if text is not None:
            return text
    raise InvalidRequestError(f"the body should have text at {' or '.join(paths)}")


def words_at(found: Any, path: str, media: str) -> str:
    """As `text_at`, but "" for a picture without words: where there is no text, but something at `media`."""
    return "" if at(found, path) is None and at(found, media) else text_at(found, path)


def word_at(found: Any, *paths: str) -> str:
    """As `text_at`, for what must not be empty, such as a number or an id."""
    text = text_at(found, *paths).strip()
    if not text:
        raise InvalidRequestError(f"{' or '.join(paths)} should not be empty")
    return text


def single(fields: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Form fields by name, each with its one value; raises InvalidRequestError naming one that is there twice."""
    twice = sorted(name for name, values in fields.items() if len(values) > 1)
    if twice:
        raise InvalidRequestError(f"these fields should be there once only: {', '.join(twice)[:200]}")
    return {name: values[0] for name, values in fields.items()}


def sent_fields(request: HookRequest) -> dict[str, str]:
    """The fields of a request that may bring them as query, form or JSON object of texts.

    Raises InvalidRequestError when the body is none of these.
    """
    if request.method == "GET":
        return single(request.parameters())
    if request.content_type == "application/x-www-form-urlencoded":
        return single(request.form())
    found = {name: as_text(value) for name, value in request.json_object().items()}
    if None in found.values():
        raise InvalidRequestError("every field of the body should be text")
    return {name: value for name, value in found.items() if value is not None}
