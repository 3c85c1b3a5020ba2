"""What happened, as the present caller may know it: its identifiers only, and values only with scope `claim`."""

import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import g

from core.errors import InvalidRequestError
from core.ids import CURSOR, cursor_moment
from core.store import Event
from gateway.web import auth
from gateway.web.parts import parts
from gateway.web.replies import code_json, message_json, stamp

_PREFIX = "evt_"
_ID = re.compile(rf"{_PREFIX}([0-9a-f]{{1,15}})", re.ASCII)


def event_id(number: int) -> str:
    """The id of an event, opaque to callers."""
    return f"{_PREFIX}{number:x}"


def event_number(text: str) -> int | None:
    """The number of an event's id, None for ""; raises InvalidRequestError."""
    found = _ID.fullmatch(text)
    if text and not found:
        raise InvalidRequestError("this is no id of an event: send the last one that you got, a cursor, or none")
    return int(found[1], 16) if found else None


def beginning(text: str) -> tuple[int | None, datetime | None]:
    """Behind which event to begin, and what moment the events must follow: of a cursor, or of an event's id.

    Neither for "". Raises InvalidRequestError, StoreUnavailableError.
    """
    if not text.startswith(CURSOR):
        return event_number(text), None
    moment = cursor_moment(text)
    kept = timedelta(hours=parts().settings.retention.value_hours)
    return parts().store.events.number_at(moment) if moment > parts().clock() - kept else 0, moment


def told(events: Iterable[Event], identifier: str = "", since: datetime | None = None) -> list[dict[str, Any]]:
    """`id`, `event` and `data` of each event that the caller may know of; an audit row for each value shown.

    With `since`, only of what is later than that. A message comes without its text and candidates. A claim's
    code comes without its value, which its own event has told. The console hears no
    subjects: it shows none as they arrive.
    """
    later = [event for event in events if since is None or event.at > since]
    seen = [e for e in later if auth.may_see(e.identifier) and (not identifier or e.identifier == identifier)]
    values = auth.may("claim")
    if values:
        shown = [event.code for event in seen if event.kind == "code" and event.code]
        auth.note_shown("events", [*shown, *(e.message for e in seen if e.message and e.message.value)])
    unheard = {"subject": None} if "signed_in" in g else {}
    return [{"id": event_id(e.number), "event": e.kind, "data": _data(e, values=values) | unheard} for e in seen]


def as_stream(event: dict[str, Any]) -> bytes:
    """An event as text/event-stream has it (HTML Living Standard, 9.2)."""
    data = json.dumps(event["data"], separators=(",", ":"))
    return f"id: {event['id']}\nevent: {event['event']}\ndata: {data}\n\n".encode("ascii")


def _data(event: Event, *, values: bool) -> dict[str, Any]:
    now = parts().clock()
    if event.message:
        fields = message_json(event.message, values=values, text=False)
        return {name: value for name, value in fields.items() if name != "candidates"}
    if not event.code:
        return {}
    if event.kind == "code":
        return code_json(event.code, now, value=values)
    fields = code_json(event.code, now, value=False)
    fields["code_id"] = fields.pop("id")
    return {"claim_id": event.claim_id, **fields, "lease_until": stamp(event.code.lease_until)}
