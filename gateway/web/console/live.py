"""Live: the newest codes as they arrive, and pushing one by hand."""

from typing import Annotated, Any

from flask import Response, jsonify, redirect, url_for
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from core.errors import InvalidIdentifierError
from core.identifiers import normalize
from core.message import Channel, InboundMessage
from core.reading import Reading, candidates_json, read
from core.store import History, Page
from gateway.web import auth
from gateway.web.api.messages import LONGEST_CONTENT, PushBody, pushed_json
from gateway.web.console.frame import navigation, pages, show, viewing
from gateway.web.happenings import event_id, event_number, told
from gateway.web.inputs import Input, Text, body, query
from gateway.web.parts import parts
from gateway.web.replies import code_json

live = pages("live")
ROWS = 30
_SUGGESTED = 100
_CANDIDATES = 3


@live.get("/")
@viewing()
def page() -> AnyResponse:
    """The page; a key that may see nothing of it goes on to the first place that it may see."""
    watching, pushing = auth.may("read", "claim"), auth.may("push")
    if not (watching or pushing):
        return redirect(url_for(navigation()[0].endpoint), 303)
    after = event_id(
        parts().store.events.newest()
    )  # before the rows: what comes meanwhile is told again, not lost
    return show(
        "live.html",
        watching=watching,
        pushing=pushing,
        after=after,
        rows=_newest() if watching else [],
        registered=_registered() if auth.may("admin") else [],
    )


class PollQuery(Input):
    """From where on."""

    after: Text


@live.get("/live/events")
@viewing("read", "claim", quiet=True)
def poll() -> AnyResponse:
    """What happened after an event, for a page whose stream is broken; `reset` when that is forgotten."""
    listener = parts().feed.join(event_number(query(PollQuery).after))
    try:
        happened = told(listener.take(0))
        return jsonify(events=happened, after=event_id(listener.position), reset=listener.lost)
    finally:
        listener.leave()


@live.post("/push")
@viewing("push")
def push() -> AnyResponse:
    """Stores what was pushed, at once; answers as `POST /v1/messages` does."""
    return jsonify(pushed_json(body(PushBody)))


class Draft(Input):
    """What somebody is typing into the form."""

    identifier: Annotated[str, Field(max_length=1024)] = ""
    content: Annotated[str, Field(max_length=LONGEST_CONTENT, repr=False)] = ""


@live.post("/push/preview")
@viewing("push")
def preview() -> Response:
    """What would be found in it, and why; nothing is stored."""
    draft = body(Draft)
    message = InboundMessage(
        channel=Channel.PUSH,
        door="push",
        received_at=parts().clock(),
        trace_id="",
        recipient=draft.identifier,
        text=draft.content,
        route="key",
    )
    return jsonify(
        identifier_fault=_fault(draft.identifier),
        **_found(read(message, threshold=parts().settings.extraction.threshold)),
    )


def _newest() -> list[dict[str, Any]]:
    now, values = parts().clock(), auth.may("claim")
    found = parts().store.codes.history(History(now=now), Page(limit=ROWS, only=auth.caller().only))
    if values:
        auth.note_shown("live", found)
    return [code_json(code, now, value=values) | {"subject": None} for code in found]  # shown nowhere on it


def _registered() -> list[str]:
    """Identifiers to choose from."""
    names = (record.identifier for record in parts().store.registry.all())
    return [name for name in names if auth.may_see(name)][:_SUGGESTED]


def _fault(identifier: str) -> str:
    """What is wrong with an identifier; "" when nothing is, or there is none yet."""
    if not identifier.strip():
        return ""
    try:
        name = normalize(identifier, parts().settings.identifiers.default_region)
    except InvalidIdentifierError as error:
        return str(error)
    owner = parts().store.registry.owner(name)
    known = owner is not None or parts().settings.identifiers.accept_unknown
    return "" if known and auth.may_see(owner or name) else auth.NOTHING


def _found(reading: Reading) -> dict[str, Any]:
    found = reading.extracted
    return {
        "kind": found.kind.value,
        "value": found.value,
        "confidence": round(found.confidence, 4),
        "reason": found.reason,
        "candidates": candidates_json(found.candidates[:_CANDIDATES]),
    }
