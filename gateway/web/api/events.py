"""`GET /v1/events`: what happens, as server-sent events."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

from flask import Blueprint, Response, request, stream_with_context

from core import journal
from core.feed import Listener
from core.store import Event
from gateway.web import auth
from gateway.web.happenings import as_stream, beginning, event_id, told
from gateway.web.inputs import AnyIdentifier, Input, Text, query
from gateway.web.parts import parts
from gateway.web.waiting import leaving

events = Blueprint("events", __name__, url_prefix="/v1/events")
LOOK_SECONDS = 2.0
"""How often a stream looks whether its client is still there."""
BEAT_LOOKS = 7
"""A heartbeat after so many looks without an event: proxies close what is silent for a minute or less."""
_FIRST = b"retry: 2000\n\n"
"""Milliseconds after which a browser connects again; sent at once, so that it knows that it is connected."""
_BEAT = b": beat\n\n"
Tell = Callable[[Iterable[Event]], list[dict[str, Any]]]


class EventsQuery(Input):
    """What to listen to, and from where on."""

    identifier: AnyIdentifier = None
    after: Text = ""
    """A cursor, or the id of the last event that was seen; the header Last-Event-ID, with either, wins."""


@events.get("")
@auth.needs("read", "claim", console=True)
def stream() -> Response:
    """Server-sent events as they happen: `message`, `code`, `claim`. Last-Event-ID resumes, without gap or double.

    A key sees its own identifiers only, and values only with scope `claim`. A `code` is told when it arrives, a
    `claim` each time that a code is claimed, accepted, rejected, superseded or handed back. `reset` says that what
    came after that is forgotten: look at the history. A comment every quarter of a minute keeps proxies
    from closing the stream. It counts as a held request, and ends when the gateway stops or the key does.
    """
    asked = query(EventsQuery)
    identifier = auth.check_identifier(asked.identifier) if asked.identifier else ""
    after, since = beginning(request.headers.get("Last-Event-ID", "") or asked.after)
    with ExitStack() as entered:
        entered.enter_context(parts().held.one(auth.caller().id, stream=True))
        listener = parts().feed.join(after)
        entered.callback(listener.leave)
        lines = stream_with_context(
            _lines(listener, lambda happened: told(happened, identifier, since), leaving())
        )
        response = Response(lines, content_type="text/event-stream")
        response.call_on_close(entered.pop_all().close)
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back
    return response


def _lines(listener: Listener, tell: Tell, left: Callable[[], bool]) -> Iterator[bytes]:
    yield _FIRST
    if listener.lost:
        yield as_stream({"id": event_id(listener.position), "event": "reset", "data": {}})
    try:
        yield from _happening(listener, tell, left)
    except Exception as error:  # noqa: BLE001 - the answer has begun: all that is left is to end it, and be asked again
        journal.request_failed(path="/v1/events", error=error)


def _happening(listener: Listener, tell: Tell, left: Callable[[], bool]) -> Iterator[bytes]:
    looks = 0
    while not (listener.over or left()):
        happened, looks = listener.take(LOOK_SECONDS), looks + 1
        if (happened or looks % BEAT_LOOKS == 0) and not auth.still_good():
            return
        lines = [as_stream(event) for event in tell(happened)]
        if lines or looks % BEAT_LOOKS == 0:
            yield b"".join(lines) or _BEAT
