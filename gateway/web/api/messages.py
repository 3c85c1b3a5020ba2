"""`POST /v1/messages`, the native push; `GET /v1/messages`, what came in and what was made of it."""

from typing import Annotated, Literal

from flask import Blueprint, Response, g, jsonify, request
from pydantic import Field

from core.errors import NotFoundError
from core.message import Channel, InboundMessage
from core.store import Message
from gateway.web import auth
from gateway.web.inputs import IdentifierText, Input, Text, body, query
from gateway.web.parts import parts
from gateway.web.replies import code_json, message_json, next_page, page_place

messages = Blueprint("messages", __name__, url_prefix="/v1/messages")
_LONGEST_CONTENT = 256 * 1024
_LONGEST_KEY = 255


class PushBody(Input):
    """A message, code or link pushed with an API key."""

    identifier: IdentifierText
    content: Annotated[str, Field(min_length=1, max_length=_LONGEST_CONTENT, repr=False)]
    sender: Text = ""
    source: Text = ""
    run_id: Text = ""
    workflow_id: Text = ""
    task_id: Text = ""


@messages.post("")
@auth.needs("push")
def push() -> tuple[Response, int]:
    """Stores what was pushed, as new unless its `Idempotency-Key` was seen before; 201 after the commit."""
    pushed = body(PushBody)
    auth.check_identifier(pushed.identifier)
    once = request.headers.get("Idempotency-Key", "")[:_LONGEST_KEY]
    g.trace_id = parts().new_trace()
    message = InboundMessage(
        channel=Channel.PUSH,
        door="push",
        received_at=parts().clock(),
        trace_id=g.trace_id,
        sender=pushed.sender,
        recipient=pushed.identifier,
        text=pushed.content,
        external_id=f"{auth.caller().id}\0{once}" if once else "",
        route="key",
        source=pushed.source,
        run_id=pushed.run_id,
        workflow_id=pushed.workflow_id,
        task_id=pushed.task_id,
    )
    receipt = parts().ingest(message).result()
    now, value = parts().clock(), auth.may("claim")
    stored = message_json(receipt.messages[0], values=value, text=False)
    codes = [code_json(code, now, value=value) for code in receipt.codes if not code.alternate]
    return jsonify(message=stored, codes=codes, new=receipt.new[0]), 201


class MessagesQuery(Input):
    """What part of the list is wanted."""

    identifier: IdentifierText | None = None
    kind: Literal["", "code", "link", "none", "gmail-confirmation", "forwarding-confirmation"] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    page: Text = ""


@messages.get("")
@auth.needs("read", "messages")
def listing() -> Response:
    """Messages, newest first; values with scope `claim`, texts with scope `messages`."""
    asked = query(MessagesQuery)
    if asked.identifier:
        auth.check_identifier(asked.identifier)
    found = parts().store.messages.page(
        before=page_place(asked.page),
        limit=asked.limit,
        identifier=asked.identifier or "",
        kind=asked.kind,
    )
    shown = [_shown(message) for message in found if auth.may_see(message.identifier)]
    if shown and (auth.may("claim") or auth.may("messages")):
        parts().store.audit.add(auth.showing("messages")).result()
    return jsonify(messages=shown, next=next_page(found, asked.limit))


@messages.get("/<message_id>")
@auth.needs("read", "messages")
def one(message_id: str) -> Response:
    """One message with its candidates and reasons."""
    message = parts().store.messages.get(message_id)
    if message is None or not auth.may_see(message.identifier):
        raise NotFoundError("there is no such thing, or not for this API key")
    if auth.may("claim") or auth.may("messages"):
        parts().store.audit.add(auth.showing("message")).result()
    return jsonify(_shown(message))


def _shown(message: Message) -> dict[str, object]:
    return message_json(message, values=auth.may("claim"), text=auth.may("messages"))
