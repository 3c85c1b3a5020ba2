"""TOTP in the console: secrets go in, as text or as a picture, and their codes come out."""

from dataclasses import replace

from flask import jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core import journal
from core.authenticators import read_export
from core.errors import InvalidRequestError, NotFoundError
from core.totp import clean_name
from gateway.web import auth
from gateway.web.api.identifiers import normal
from gateway.web.console.codes_now import shown_codes
from gateway.web.console.frame import pages, viewing
from gateway.web.console.identified import details
from gateway.web.parts import parts

authenticators = pages("authenticators")


@authenticators.post("/identifiers/<identifier:identifier>/totp")
@viewing("totp:write")
def add(identifier: str) -> AnyResponse:
    """Keeps the secrets that were pasted or are in the picture, each in place of that of the same issuer."""
    name = auth.check_identifier(normal(identifier))
    try:
        _keep(name)
    except InvalidRequestError as error:
        return details(name, error.status, wrong_totp=str(error))
    return redirect(url_for("console_identifiers.one", identifier=name, _anchor="totp"), 303)


@authenticators.post("/identifiers/<identifier:identifier>/totp/remove")
@viewing("totp:write")
def remove(identifier: str) -> AnyResponse:
    """Forgets the secret of an issuer."""
    name, issuer = auth.check_identifier(normal(identifier)), request.form.get("issuer", "")
    if not parts().store.totp.remove(name, issuer).result():
        raise NotFoundError(auth.NOTHING)
    journal.totp_changed(identifier=name, issuer=issuer, change="removed", key_id=auth.caller().id)
    return redirect(url_for("console_identifiers.one", identifier=name, _anchor="totp"), 303)


@authenticators.get("/identifiers/<identifier:identifier>/totp/codes")
@viewing("claim", quiet=True)
def codes(identifier: str) -> AnyResponse:
    """The codes of this moment, in the order of the page."""
    found = parts().store.totp.of(auth.check_identifier(normal(identifier)))
    return jsonify(codes=[vars(code) for code in shown_codes(found)])


def _keep(name: str) -> None:
    """Store what was sent; raises InvalidRequestError when there is nothing in it, or nothing readable."""
    picture = request.files.get("picture")
    data = picture.read() if picture and picture.filename else request.form.get("secret", "").encode()
    if not data.strip():
        raise InvalidRequestError("paste a secret or an otpauth:// address, or choose a picture of its QR code")
    export = read_export(data)
    if not export.secrets:
        raise InvalidRequestError("; ".join(export.unread) or "there is no secret in it")
    issuer = clean_name(request.form.get("issuer", ""))
    for secret in export.secrets:
        kept = replace(secret, issuer=issuer or secret.issuer) if len(export.secrets) == 1 else secret
        parts().store.totp.put(name, kept, parts().clock()).result()
        journal.totp_changed(identifier=name, issuer=kept.issuer, change="stored", key_id=auth.caller().id)
