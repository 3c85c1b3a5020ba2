"""Skyvern's push and list, and the addresses that it pulls from. Errors are Skyvern's, not problem details."""

from typing import Literal

from flask import Blueprint, Response, g, jsonify, request

from core import journal
from core.errors import (
    ForbiddenError,
    InvalidIdentifierError,
    NotFoundError,
    OtpgateError,
    UnauthenticatedError,
)
from core.identifiers import normalize
from core.pulls import LONGEST_HOLD, PullAddresses, Puller
from core.store import Code, History, Page, Pull
from gateway import skyvern as words
from gateway.web import auth
from gateway.web.api.codes import kinds_of
from gateway.web.inputs import IdentifierText, Input, Text, Texts, body
from gateway.web.parts import parts
from gateway.web.shell import note_refused
from gateway.web.waiting import leaving

skyvern = Blueprint("skyvern", __name__)
pull_addresses = Blueprint("pull_addresses", __name__, url_prefix="/v1/skyvern")
_REFUSED = (UnauthenticatedError, ForbiddenError, NotFoundError)
_PULL = "/v1/skyvern/pull"


@skyvern.post("/v1/credentials/totp", strict_slashes=False)
@skyvern.post("/api/v1/totp", strict_slashes=False)
@auth.needs("push")
def push() -> Response:
    """Stores what was pushed and answers what was found in it; 200 after the commit."""
    pushed: words.Push = words.read(words.Push, words.read_json(request.get_data(cache=False)), "body")
    identifier = auth.check_identifier(_identifier(pushed.totp_identifier, "body"))
    g.trace_id = parts().new_trace()
    receipt = parts().ingest(words.inbound(pushed, identifier, parts().clock(), g.trace_id)).result()
    codes = [code for code in receipt.codes if not code.alternate]
    auth.note_shown("push", codes)
    return jsonify(words.pushed_json(pushed, receipt.messages[0], next(iter(codes), None)))


@skyvern.get("/v1/credentials/totp", strict_slashes=False)
@skyvern.get("/api/v1/totp", strict_slashes=False)
@auth.needs("claim")
def listing() -> Response:
    """The newest codes first, as a bare array; contents only for a key with scope `messages`."""
    asked: words.Listing = words.read(words.Listing, request.args.to_dict(), "query")
    found = _listed(asked)
    auth.note_shown("skyvern list", found)
    return jsonify([words.listed_json(code, _content(code)) for code in found])


@skyvern.post(f"{_PULL}/<token>")
def pull(token: str) -> Response:
    """The code or link for the run that asks, accepted by answering; "" where there is none yet."""
    addresses = PullAddresses(parts().store, parts().claims, parts().clock)
    raw = request.get_data(cache=False)
    wanted = addresses.find(token)
    key = parts().settings.skyvern.api_key.get_secret_value()
    if key and not words.is_signed(raw, request.headers.get("x-skyvern-signature", ""), key):
        raise ForbiddenError("the signature is not that of skyvern.api_key")
    asking: words.Pulling = words.read(words.Pulling, words.read_json(raw), "body")
    puller = Puller(run_id=asking.run_id, names=asking.names, address=request.remote_addr or "", gone=leaving())
    with parts().held.one(f"pull {wanted.digest}"):
        value = addresses.answer(wanted, puller, LONGEST_HOLD)
    return jsonify(verification_code=value)


@skyvern.errorhandler(OtpgateError)
def _refused(error: OtpgateError) -> tuple[Response, int]:
    note_refused(error)
    route = request.url_rule.rule if request.url_rule else "unknown"
    journal.request_refused(path=route, problem=error.slug, address=request.remote_addr or "")
    if isinstance(error, _REFUSED):
        return jsonify(detail="Invalid credentials"), 403
    return jsonify(detail=str(error)), error.status


@skyvern.errorhandler(words.UnreadableError)
def _unreadable(error: words.UnreadableError) -> tuple[Response, int]:
    return jsonify(detail=error.detail), 422


class UrlBody(Input):
    """What a pull address hands out."""

    identifier: IdentifierText
    kind: Literal["", "code", "link", "totp", "any"] = ""
    sender: Texts = ()
    link_host: Texts = ()
    issuer: Text = ""


@pull_addresses.post("/urls")
@auth.needs("claim")
def make() -> tuple[Response, int]:
    """Makes a pull address, which works as long as the key that made it; it is shown this once."""
    asked = body(UrlBody)
    wanted = Pull(
        digest="",
        identifier=auth.check_identifier(asked.identifier),
        kinds=kinds_of((asked.kind,) if asked.kind else ()),
        senders=asked.sender,
        link_hosts=asked.link_host,
        issuer=asked.issuer,
        key_id=auth.caller().id,
        created_at=parts().clock(),
    )
    token = PullAddresses(parts().store, parts().claims, parts().clock).make(wanted)
    base = parts().settings.server.public_url or request.host_url
    return jsonify(url=f"{base.rstrip('/')}{_PULL}/{token}"), 201


def _identifier(text: str, where: str) -> str:
    written = f"+{text.strip()}" if text.startswith(" ") else text  # a + that a query lost
    try:
        return normalize(written, parts().settings.identifiers.default_region)
    except InvalidIdentifierError as error:
        fault = {"loc": [where, "totp_identifier"], "msg": str(error), "type": "value_error"}
        raise words.UnreadableError([fault]) from error


def _listed(asked: words.Listing) -> list[Code]:
    """Codes and links that came in, that this key may see, newest first."""
    wanted = History(
        now=parts().clock(),
        identifier=auth.check_identifier(_identifier(asked.totp_identifier, "query"))
        if asked.totp_identifier
        else "",
        kind={"totp": "code", "magic_link": "link"}.get(asked.otp_type or "", ""),
        run_id=asked.workflow_run_id or "",
    )
    found = parts().store.codes.history(wanted, Page(limit=asked.limit, only=auth.caller().only))
    return [code for code in found if code.message_id]


def _content(code: Code) -> str:
    message = parts().store.messages.get(code.message_id) if auth.may("messages") else None
    return message.text if message else ""
