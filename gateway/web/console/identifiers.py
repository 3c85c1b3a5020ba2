"""Identifiers: their secret addresses, how to forward to them, what came by whom, and what may be handed out."""

from flask import jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core.errors import ConflictError, InvalidRequestError, NotFoundError
from core.store import Identifier
from gateway.web import auth
from gateway.web.api.identifiers import PolicyBody, normal, register
from gateway.web.console.frame import pages, show, viewing
from gateway.web.console.identified import details, newest_messages
from gateway.web.inputs import form
from gateway.web.parts import parts

identifiers = pages("identifiers")
_SEVERAL = ("aliases", "senders", "link_hosts")


@identifiers.get("/identifiers")
@viewing("admin", "totp:write")
def page() -> AnyResponse:
    """Every identifier that is registered or has a TOTP secret, and that this key may see."""
    return _list()


@identifiers.post("/identifiers")
@viewing("admin")
def add() -> AnyResponse:
    """Registers one, or leads to it if it is registered."""
    written = request.form.get("identifier", "")
    try:
        name = auth.check_visible(normal(written))
        if parts().store.registry.get(name) is None:
            register(name, PolicyBody())
    except (InvalidRequestError, ConflictError, NotFoundError) as error:
        return _list(error.status, wrong=str(error), written=written)
    return redirect(url_for(".one", identifier=name), 303)


@identifiers.get("/identifiers/<identifier:identifier>")
@viewing("admin", "totp:write")
def one(identifier: str) -> AnyResponse:
    """One identifier."""
    return details(auth.check_visible(normal(identifier)))


@identifiers.get("/identifiers/<identifier:identifier>/newest")
@viewing("admin", "totp:write", quiet=True)
def newest(identifier: str) -> AnyResponse:
    """The id of the newest message, by which a page sees that something came."""
    name = auth.check_visible(normal(identifier))
    found = newest_messages(name, limit=1) if auth.may("read") else []
    return jsonify(newest=found[0].id if found else "")


@identifiers.post("/identifiers/<identifier:identifier>/policy")
@viewing("admin")
def change(identifier: str) -> AnyResponse:
    """Changes what may be handed out."""
    name = auth.check_visible(normal(identifier))
    if parts().store.registry.get(name) is None:
        raise NotFoundError(auth.NOTHING)
    try:
        register(name, form(PolicyBody, _SEVERAL))
    except (InvalidRequestError, ConflictError) as error:
        return details(name, error.status, wrong_policy=str(error), written=request.form)
    return redirect(url_for(".one", identifier=name), 303)


@identifiers.post("/identifiers/<identifier:identifier>/remove")
@viewing("admin")
def remove(identifier: str) -> AnyResponse:
    """Forgets an identifier and its secret address."""
    if not parts().store.registry.remove(auth.check_visible(normal(identifier))).result():
        raise NotFoundError(auth.NOTHING)
    return redirect(url_for(".page"), 303)


def _list(status: int = 200, **context: object) -> AnyResponse:
    registered = {one.identifier: one for one in parts().store.registry.all()} if auth.may("admin") else {}
    secrets: dict[str, list[str]] = {}
    for found in parts().store.totp.all():
        secrets.setdefault(found.identifier, []).append(found.secret.issuer)
    names = [name for name in sorted({*registered, *secrets}) if auth.may_see(name)]
    rows = [_line(name, registered.get(name), secrets.get(name, [])) for name in names]
    unknown = parts().settings.identifiers.accept_unknown
    return show("identifiers.html", status, rows=rows, accept_unknown=unknown, **context)


def _line(name: str, record: Identifier | None, issuers: list[str]) -> dict[str, object]:
    seen = newest_messages(name, limit=1) if auth.may("read") else []
    return {"name": name, "record": record, "issuers": issuers, "last": seen[0] if seen else None}
