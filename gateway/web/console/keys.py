"""API keys on the console's Operations page: a new one is shown once."""

from datetime import timedelta

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core import access
from core.errors import InvalidRequestError, NotFoundError
from gateway.web import auth
from gateway.web.api.keys import KeyBody
from gateway.web.console.frame import pages, viewing
from gateway.web.console.operations import overview
from gateway.web.inputs import form
from gateway.web.parts import parts

keys = pages("keys")


@keys.post("/operations/keys")
@viewing("admin")
def add() -> AnyResponse:
    """Makes a key; the page that answers shows it this once."""
    auth.require_whole()
    try:
        asked = form(KeyBody, ("scopes", "only"))
    except InvalidRequestError as error:
        return overview(error.status, wrong_key=str(error), written=request.form)
    lasts = timedelta(seconds=asked.expires_in) if asked.expires_in else None
    text, record, digest = access.mint(asked.name, asked.scopes, asked.only, lasts, parts().clock())
    parts().store.keys.add(record, digest).result()
    return overview(201, made=text, made_name=record.name)


@keys.post("/operations/keys/<key_id>/revoke")
@viewing("admin")
def revoke(key_id: str) -> AnyResponse:
    """Ends a key."""
    auth.require_whole()
    if not parts().store.keys.revoke(key_id, parts().clock()).result():
        raise NotFoundError("there is no such key, or it was revoked before")
    return redirect(url_for("console_operations.page", _anchor="keys"), 303)
