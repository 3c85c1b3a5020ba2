"""`/v1/identifiers`: registered identifiers, their secret addresses and policies."""

from typing import Annotated, Literal

from flask import Blueprint, Response, jsonify
from pydantic import AfterValidator, Field

from core.errors import InvalidIdentifierError, InvalidRequestError, NotFoundError
from core.identifiers import ascii_domain, normalize
from core.recipients import new_secret_address
from core.store import Identifier
from gateway.web import auth
from gateway.web.inputs import IdentifierText, Input, Texts, body
from gateway.web.parts import parts
from gateway.web.replies import identifier_json

identifiers = Blueprint("identifiers", __name__, url_prefix="/v1/identifiers")


def _host(text: str) -> str:
    name = ascii_domain(text.removeprefix("*."))
    if "." not in name:
        raise ValueError("is no host name such as click.example.com")
    return name


class PolicyBody(Input):
    """What is registered for an identifier."""

    aliases: Annotated[tuple[IdentifierText, ...], Field(max_length=50)] = ()
    senders: Texts = ()
    link_hosts: Annotated[
        tuple[Annotated[str, Field(json_schema_extra={"format": "host"}), AfterValidator(_host)], ...],
        Field(max_length=50),
    ] = ()
    min_trust: Literal["", "none", "route", "author"] = ""


@identifiers.put("/<path:identifier>")
@auth.needs("admin")
def put(identifier: str) -> Response:
    """Registers an identifier or changes its policy; the answer shows its secret address."""
    record = register(auth.check_visible(normal(identifier)), body(PolicyBody))
    return jsonify(identifier_json(record, domain()))


def register(name: str, policy: PolicyBody) -> Identifier:
    """The record of an identifier that is registered, with a secret address of its own, or gets another policy.

    Raises NotFoundError for a new alias that the caller's key is not for: its codes would become theirs.
    """
    known = parts().store.registry.get(name)
    for alias in set(policy.aliases).difference(known.aliases if known else ()):
        auth.check_visible(alias)
    record = Identifier(
        identifier=name,
        secret_address=new_secret_address(),
        aliases=tuple(alias for alias in dict.fromkeys(policy.aliases) if alias != name),
        senders=tuple(policy.senders),
        link_hosts=tuple(policy.link_hosts),
        min_trust=policy.min_trust,
        created_at=parts().clock(),
    )
    return parts().store.registry.put(record).result()


@identifiers.get("/<path:identifier>")
@auth.needs("admin")
def get(identifier: str) -> Response:
    """One registered identifier, by its name or an alias."""
    record = parts().store.registry.get(auth.check_identifier(normal(identifier)))
    if record is None:
        raise NotFoundError(auth.NOTHING)
    return jsonify(identifier_json(record, domain()))


@identifiers.delete("/<path:identifier>")
@auth.needs("admin")
def remove(identifier: str) -> tuple[Response, int]:
    """Forgets an identifier and its secret address; its codes stay until they expire."""
    if not parts().store.registry.remove(auth.check_visible(normal(identifier))).result():
        raise NotFoundError(auth.NOTHING)
    return Response(status=204), 204


@identifiers.get("")
@auth.needs("admin")
def listing() -> Response:
    """Every registered identifier that this key may see."""
    found = [record for record in parts().store.registry.all() if auth.may_see(record.identifier)]
    return jsonify(identifiers=[identifier_json(record, domain()) for record in found])


def normal(text: str) -> str:
    """The identifier as it is kept; raises InvalidRequestError."""
    try:
        return normalize(text, parts().settings.identifiers.default_region)
    except InvalidIdentifierError as error:
        raise InvalidRequestError(str(error)) from error


def domain() -> str:
    """The domain that secret addresses are shown with."""
    return next(iter(parts().settings.gateway_domains()), "localhost")
