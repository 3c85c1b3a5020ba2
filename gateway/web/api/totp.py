"""`/v1/totp`: TOTP secrets go in and never come out; their codes do."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from flask import Blueprint, Response, jsonify
from pydantic import Field

from core import journal
from core.authenticator import Authenticator
from core.errors import InvalidIdentifierError, InvalidRequestError
from core.identifiers import normalize
from core.store import TotpSecret, current_code
from core.totp import Method, clean_name, parse_secret
from gateway.web import auth
from gateway.web.inputs import AnyIdentifier, Input, Text, body, query
from gateway.web.parts import parts
from gateway.web.replies import stamp

totp = Blueprint("totp", __name__, url_prefix="/v1/totp")


class SecretBody(Input):
    """A secret in base32 or as an `otpauth://` URI."""

    secret: Annotated[
        str, Field(min_length=1, max_length=2048, repr=False, json_schema_extra={"format": "totp-secret"})
    ]


class IssuerQuery(Input):
    """Whose secret is meant, where an identifier has several."""

    issuer: Text = ""


class SecretsQuery(Input):
    """Whose secrets are wanted."""

    identifier: AnyIdentifier = None


@totp.put("/<path:identifier>")
@auth.needs("totp:write")
def put(identifier: str) -> Response:
    """Keeps a secret, in place of that of the same issuer; the answer says what it makes, never what it is."""
    name = _allowed(identifier)
    issuer = clean_name(query(IssuerQuery).issuer)
    given = parse_secret(body(SecretBody).secret)
    secret = replace(given, issuer=issuer or given.issuer)
    parts().store.totp.put(name, secret, parts().clock()).result()
    journal.totp_changed(identifier=name, issuer=secret.issuer, change="stored", key_id=auth.caller().id)
    return jsonify(_shown(_authenticator().find(name, secret.issuer)))


@totp.get("/<path:identifier>")
@auth.needs("claim")
def get(identifier: str) -> Response:
    """The code of this moment; neither waits nor counts as a hand-out. For a counter, that of the next one."""
    found = _authenticator().find(_allowed(identifier), query(IssuerQuery).issuer)
    now = parts().clock()
    code = current_code(found, now)
    auth.note_shown("totp", [code])
    return jsonify(value=code.value, **_times(found, now))


@totp.delete("/<path:identifier>")
@auth.needs("totp:write")
def remove(identifier: str) -> tuple[Response, int]:
    """Forgets a secret."""
    found = _authenticator().find(_allowed(identifier), query(IssuerQuery).issuer)
    parts().store.totp.remove(found.identifier, found.secret.issuer).result()
    journal.totp_changed(
        identifier=found.identifier, issuer=found.secret.issuer, change="removed", key_id=auth.caller().id
    )
    return Response(status=204), 204


@totp.get("")
@auth.needs("read", "claim", "totp:write")
def listing() -> Response:
    """The secrets that are stored and that this key may know of, without what they are."""
    asked = query(SecretsQuery)
    store = parts().store.totp
    found = store.of(auth.check_identifier(asked.identifier)) if asked.identifier else store.all()
    return jsonify(totp=[_shown(one) for one in found if auth.may_see(one.identifier)])


def _authenticator() -> Authenticator:
    return Authenticator(parts().store, parts().clock)


def _allowed(identifier: str) -> str:
    """The identifier of the path, if the caller's key is for it; raises InvalidRequestError, NotFoundError."""
    try:
        name = normalize(identifier, parts().settings.identifiers.default_region)
    except InvalidIdentifierError as error:
        raise InvalidRequestError(str(error)) from error
    return auth.check_identifier(name)


def _times(found: TotpSecret, now: datetime) -> dict[str, Any]:
    """How long the code of now lasts and how long each does, in seconds; null for a counter."""
    if found.secret.method is Method.HOTP:
        return {"valid_for": None, "period": None}
    left = found.secret.valid_for(now).total_seconds()
    return {"valid_for": round(left, 3), "period": found.secret.period}


def _shown(found: TotpSecret) -> dict[str, Any]:
    secret = found.secret
    return {
        "identifier": found.identifier,
        "issuer": secret.issuer,
        "account": secret.account,
        "method": secret.method.value,
        "hash": secret.hash.value,
        "digits": secret.digits,
        "period": None if secret.method is Method.HOTP else secret.period,
        "created_at": stamp(found.created_at),
    }
