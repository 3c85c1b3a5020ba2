"""The page of one identifier: what is known of it, what waits for a person, and what came by whom."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from core.errors import NotFoundError
from core.store import History, Message, Page
from gateway.web import auth
from gateway.web.api.identifiers import domain
from gateway.web.console.codes_now import shown_codes
from gateway.web.console.frame import show
from gateway.web.parts import parts

_CONFIRMATIONS = ("gmail-confirmation", "forwarding-confirmation")
_LOOKED_AT = 200
"""The newest messages of an identifier that are looked at to say what came by whom."""


def details(name: str, status: int = 200, **context: object) -> AnyResponse:
    """The page of one identifier; raises NotFoundError where it is not known in any way."""
    record = parts().store.registry.get(name) if auth.may("admin") else None
    secrets = parts().store.totp.of(name)
    if record is None and not secrets and not auth.may("totp:write"):
        raise NotFoundError(auth.NOTHING)
    seen = newest_messages(name, limit=_LOOKED_AT) if auth.may("read") else []
    return show(
        "identifier.html",
        status,
        name=name,
        record=record,
        address=f"{record.secret_address}@{domain()}" if record else "",
        routable=bool(parts().settings.gateway_domains()),
        is_number=name.startswith("+"),
        hooks=_hooks(),
        waiting=_waiting(name) if auth.may("read") else [],
        newest=seen[0].id if seen else "",
        came=_came_by(seen),
        codes=shown_codes(secrets),
        now=parts().clock(),
        **context,
    )


def newest_messages(name: str, limit: int) -> list[Message]:
    """The newest messages of an identifier, without their texts."""
    wanted = History(now=parts().clock(), identifier=name)
    return parts().store.messages.history(wanted, Page(limit=limit))


def _waiting(name: str) -> list[Message]:
    """The confirmations whose links are still kept, newest first; shown values are audit rows."""
    now = parts().clock()
    since = now - timedelta(hours=parts().settings.retention.value_hours)
    found = [
        whole
        for kind in _CONFIRMATIONS
        for light in parts().store.messages.history(
            History(now=now, identifier=name, kind=kind, since=since), Page(limit=3)
        )
        if (whole := parts().store.messages.get(light.id))
    ]
    if auth.may("claim"):
        auth.note_shown("console", found)
    return sorted(found, key=lambda message: message.received_at, reverse=True)


def _came_by(seen: list[Message]) -> list[tuple[str, str, datetime, int]]:
    """By which route and forwarder messages came, when last, and how many; the latest first."""
    came: dict[tuple[str, str], list[datetime]] = {}
    for message in seen:
        forwarder = message.evidence.partition(":")[0] if message.route == "forwarder" else message.door
        came.setdefault((message.route, forwarder), []).append(message.received_at)
    return [(route, who, times[0], len(times)) for (route, who), times in came.items()]


def _hooks() -> dict[str, tuple[str, str]]:
    """The configured webhooks: provider and public address of each."""
    public = parts().settings.server.public_url.rstrip("/") or f"{urlsplit(request.host_url).scheme}://HOST"
    hooks = parts().settings.hooks
    return {name: (hook.provider, f"{public}/hooks/{name}") for name, hook in hooks.items()}
