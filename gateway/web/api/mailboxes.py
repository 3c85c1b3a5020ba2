"""`/v1/mailboxes`: mailboxes that are pulled by IMAP. Passwords and tokens go in, and never come out."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, jsonify
from pydantic import AfterValidator, Field
from werkzeug.routing import PathConverter

from core import journal
from core.envelopes import mailbox_identifier
from core.errors import ConflictError, InvalidRequestError, NotFoundError
from core.identifiers import ascii_domain
from core.store import Mailbox
from gateway.mailboxes.oauth import is_safe
from gateway.mailboxes.probing import Probed, probe
from gateway.web import auth
from gateway.web.inputs import Input, Short, body, query
from gateway.web.parts import parts
from gateway.web.replies import stamp


class _InPath(PathConverter):
    """A mailbox with its slashes, but without what is asked of it."""

    regex = r"[^/].*?(?<!/check)"


mailboxes = Blueprint("mailboxes", __name__, url_prefix="/v1/mailboxes")
mailboxes.record_once(lambda state: state.app.url_map.converters.update(mailbox=_InPath))


def _host(text: str) -> str:
    name = text if ":" in text else ascii_domain(text)
    if not name:
        raise ValueError("is no host name such as imap.example.com")
    return name


def _safe(url: str) -> str:
    if not is_safe(url):
        raise ValueError("must begin with https://")
    return url


Secret = Annotated[str, Field(max_length=20_000, repr=False)]


class GrantBody(Input):
    """An OAuth grant, as `otpgate mailbox add --oauth` gets one."""

    client_id: Short
    client_secret: Secret = ""
    token_url: Annotated[Short, Field(json_schema_extra={"format": "token-url"}), AfterValidator(_safe)]
    scope: Short = ""
    refresh_token: Annotated[Secret, Field(min_length=1)]
    access_token: Secret = ""
    expires_at: Annotated[str, Field(pattern=r"^[0-9]{0,12}$")] = "0"


class MailboxBody(Input):
    """Where a mailbox is and how to get in; without password and grant, those that are stored stay."""

    host: Annotated[Short, Field(min_length=1, json_schema_extra={"format": "mail-host"}), AfterValidator(_host)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 993
    security: Literal["tls", "starttls", "plain"] = "tls"
    login: Short = ""
    mark_seen: bool = False
    password: Secret = ""
    oauth: GrantBody | None = None
    check: bool = True


class FolderQuery(Input):
    """Which folder is meant."""

    folder: Annotated[str, Field(min_length=1, max_length=255)] = "INBOX"


@mailboxes.put("/<mailbox:identifier>")
@auth.needs("admin")
def put(identifier: str) -> Response:
    """Watches a mailbox from its present end on; looks first whether that works, unless `check` is false."""
    given, address, folder = body(MailboxBody), _address(identifier), query(FolderQuery).folder
    old = parts().store.mailboxes.find(address, folder)
    now = parts().clock()
    secret = _secret(given) or (dict(old.secret) if old else {})
    if not secret:
        raise ConflictError("there is no password or grant for it yet: give one")
    box = Mailbox(
        address=address,
        folder=folder,
        **{name: getattr(given, name) for name in ("host", "port", "security", "mark_seen")},
        login=given.login or address,
        secret=secret,
        contact_at=now,
        created_at=now,
        changed_at=now,
    )
    if given.check:
        found = _probe(box)
        box = replace(box, secret=found.secret, **vars(found.end))
    parts().store.mailboxes.put(box).result()
    journal.mailbox_changed(mailbox=address, change="added", key_id=auth.caller().id)
    return jsonify(_shown(_found(address, folder)))


@mailboxes.get("")
@auth.needs("admin")
def listing() -> Response:
    """Every mailbox and how watching it goes, without what opens it."""
    return jsonify(mailboxes=[_shown(box) for box in parts().store.mailboxes.all() if auth.may_see(box.address)])


@mailboxes.post("/<mailbox:identifier>/check")
@auth.needs("admin")
def check(identifier: str) -> Response:
    """Logs in to a stored mailbox and looks at its folder; 409 says why that does not work."""
    box = _found(_address(identifier), query(FolderQuery).folder)
    found = _probe(box)
    if found.secret is not box.secret:
        parts().store.mailboxes.change_secret(box.id, found.secret, box.changed_at).result()
    return jsonify(idle=found.idle, messages=found.messages)


@mailboxes.delete("/<mailbox:identifier>")
@auth.needs("admin")
def remove(identifier: str) -> tuple[Response, int]:
    """Forgets a mailbox; what came from it stays."""
    box = _found(_address(identifier), query(FolderQuery).folder)
    parts().store.mailboxes.remove(box.address, box.folder).result()
    journal.mailbox_changed(mailbox=box.address, change="removed", key_id=auth.caller().id)
    return Response(status=204), 204


def _address(identifier: str) -> str:
    """The mailbox of the path, if the caller's key is for it; raises InvalidRequestError, NotFoundError."""
    address = mailbox_identifier(identifier)
    if not address:
        raise InvalidRequestError("the mailbox is no address such as user@example.com")
    return auth.check_identifier(address)


def _found(address: str, folder: str) -> Mailbox:
    box = parts().store.mailboxes.find(address, folder)
    if box is None:
        raise NotFoundError(auth.NOTHING)
    return box


def _secret(given: MailboxBody) -> dict[str, str]:
    if given.oauth:
        return given.oauth.model_dump()
    return {"password": given.password} if given.password else {}


def _probe(box: Mailbox) -> Probed:
    return probe(box, parts().settings.mailboxes, parts().clock)


def _shown(box: Mailbox) -> dict[str, Any]:
    return {
        "address": box.address,
        "folder": box.folder,
        "host": box.host,
        "port": box.port,
        "security": box.security,
        "login": box.login,
        "method": "oauth" if "refresh_token" in box.secret else "password",
        "mark_seen": box.mark_seen,
        "state": box.state,
        "reason": box.reason,
        "contact_at": stamp(box.contact_at),
        "arrived_at": stamp(box.arrived_at),
        "created_at": stamp(box.created_at),
    }
