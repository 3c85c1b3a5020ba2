"""`/v1/keys`: API keys, for admins. A key itself is shown once, in the answer that makes it."""

from datetime import timedelta
from typing import Annotated

from flask import Blueprint, Response, jsonify
from pydantic import Field

from core import access
from core.errors import NotFoundError
from gateway.web import auth
from gateway.web.inputs import Input, Number, Patterns, body
from gateway.web.parts import parts
from gateway.web.replies import key_json

keys = Blueprint("keys", __name__, url_prefix="/v1/keys")
_YEAR = 366 * 24 * 3600


class KeyBody(Input):
    """A key to make."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[tuple[access.Scope, ...], Field(min_length=1)]
    only: Patterns = ()
    expires_in: Annotated[int, Field(ge=1, le=10 * _YEAR), Number] | None = None
    """Seconds."""


@keys.post("")
@auth.needs("admin", whole=True)
def add() -> tuple[Response, int]:
    """Makes a key; `key` in the answer is shown this once."""
    asked = body(KeyBody)
    lasts = timedelta(seconds=asked.expires_in) if asked.expires_in else None
    text, record, digest = access.mint(asked.name, asked.scopes, asked.only, lasts, parts().clock())
    parts().store.keys.add(record, digest).result()
    return jsonify(**key_json(record), key=text), 201


@keys.get("")
@auth.needs("admin", whole=True)
def listing() -> Response:
    """Every key's record."""
    return jsonify(keys=[key_json(record) for record in parts().store.keys.all()])


@keys.delete("/<key_id>")
@auth.needs("admin", whole=True)
def revoke(key_id: str) -> tuple[Response, int]:
    """Ends a key."""
    if not parts().store.keys.revoke(key_id, parts().clock()).result():
        raise NotFoundError("there is no such key, or it was revoked before")
    return Response(status=204), 204
