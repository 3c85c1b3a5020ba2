"""Recorded bodies with something else in one of their fields."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from hypothesis import strategies as st

from gateway.providers import HookRequest

Draw = Callable[..., Any]
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
ANYTHING = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner))


def scrambled(request: HookRequest, draw: Draw) -> bytes:
    """The body with one member of its JSON, one field of its form or a few of its bytes replaced."""
    try:
        return json.dumps(_replaced(json.loads(request.body), draw)).encode()
    except ValueError:
        pass
    if request.content_type == "application/x-www-form-urlencoded":
        return _form(request.body, draw)
    at, long = draw(st.integers(0, len(request.body))), draw(st.integers(0, 20))
    other: bytes = draw(st.binary(max_size=20))
    return request.body[:at] + other + request.body[at + long :]


def _form(body: bytes, draw: Draw) -> bytes:
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    at = draw(st.integers(0, max(0, len(pairs) - 1)))
    changed = [
        (name, draw(st.binary(max_size=40)) if place == at else value) for place, (name, value) in enumerate(pairs)
    ]
    return urlencode(changed, encoding="latin-1").encode()


def _replaced(found: Any, draw: Draw) -> Any:
    """The same JSON with something else in one place; text that is JSON itself is gone into."""
    if isinstance(found, str) and found.startswith("{"):
        return json.dumps(_replaced(json.loads(found), draw))
    if not found or not isinstance(found, dict | list) or draw(st.integers(0, 5)) == 0:
        return draw(ANYTHING)
    place = draw(st.sampled_from(sorted(found) if isinstance(found, dict) else range(len(found))))
    changed = dict(found) if isinstance(found, dict) else list(found)
    changed[place] = _replaced(found[place], draw)
    return changed
