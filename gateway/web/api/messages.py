"""`POST /v1/messages`, the native push; `GET /v1/messages`, what came in and what was made of it."""

from typing import Annotated, Any, Literal

from flask import Blueprint, Response, g, jsonify, request
from pydantic import Field

from core.errors import InvalidRequestError, NotFoundError
from core.fingerprint import mark
from core.message import Channel, InboundMessage
from core.store import Message
from gateway.web import auth
from gateway.web.inputs import AnyIdentifier, IdentifierText, Input, Text, body, query
from gateway.web.paging import Paged, shown_page
from gateway.web.parts import parts
from gateway.web.replies import code_json, message_json

messages = Blueprint("messages", __name__, url_prefix="/v1/messages")
LONGEST_CONTENT = 256 * 1024
_LONGEST_KEY = 255


class PushBody(Input):
    """A message, code or link pushed with an API key."""

    identifier: IdentifierText
    content: Annotated[str, Field(min_length=1, max_length=LONGEST_CONTENT, repr=False)]
    sender: Text = ""
    source: Text = ""
    run_id: Text = ""
    workflow_id: Text = ""
    task_id: Text = ""


@messages.post("")
@auth.needs("push")
def push() -> tuple[Response, int]:
    """Stores what was pushed, as new unless its `Idempotency-Key` was seen before; 201 after the commit."""
    return jsonify(pushed_json(body(PushBody))), 201


def pushed_json(pushed: PushBody) -> dict[str, Any]:
    """Stores what was pushed and answers what was found in it; values for a key with scope `claim`."""
    message = _inbound(pushed)
    receipt = parts().ingest(message).result()
    stored = receipt.messages[0]
    if not receipt.new[0]:
        stored = parts().store.messages.by_mark(mark(message, stored.identifier)) or stored
    now, value = parts().clock(), auth.may("claim")
    codes = [code for code in parts().store.codes.of_message(stored.id) if not code.alternate]
    if value:
        auth.note_shown("push", codes or [stored])
    return {
        "message": message_json(stored, values=value, text=False),
        "codes": [code_json(code, now, value=value) for code in codes],
        "new": receipt.new[0],
    }


def _inbound(pushed: PushBody) -> InboundMessage:
    g.trace_id = parts().new_trace()
    return InboundMessage(
        channel=Channel.PUSH,
        door="push",
        received_at=parts().clock(),
        trace_id=g.trace_id,
        sender=pushed.sender,
        recipient=auth.check_identifier(pushed.identifier),
        text=pushed.content,
        external_id=_once(),
        route="key",
        source=pushed.source,
        run_id=pushed.run_id,
        workflow_id=pushed.workflow_id,
        task_id=pushed.task_id,
    )


def _once() -> str:
    """The caller's name for this push, its own among all callers; "" where it gave none."""
    sent = request.headers.get("Idempotency-Key", "")
    if len(sent) > _LONGEST_KEY:
        raise InvalidRequestError(f"header Idempotency-Key: at most {_LONGEST_KEY} characters")
    return f"{auth.caller().id}\0{sent}" if sent else ""


class MessagesQuery(Paged):
    """What part of the list is wanted."""

    identifier: AnyIdentifier = None
    kind: Literal["", "code", "link", "none", "gmail-confirmation", "forwarding-confirmation"] = ""


@messages.get("")
@auth.needs("read", "messages")
def listing() -> Response:
    """Messages, newest first; values with scope `claim`, texts with scope `messages`."""
    asked = query(MessagesQuery)
    identifier = auth.check_identifier(asked.identifier) if asked.identifier else ""
    store = parts().store.messages
    found, following = shown_page(asked, lambda page: store.page(page, identifier=identifier, kind=asked.kind))
    _note_shown(found)
    return jsonify(messages=[_shown(message) for message in found], next=following)


@messages.get("/<message_id>")
@auth.needs("read", "messages")
def one(message_id: str) -> Response:
    """One message with its candidates and reasons."""
    message = parts().store.messages.get(message_id)
    if message is None or not auth.may_see(message.identifier):
        raise NotFoundError(auth.NOTHING)
    _note_shown([message])
    return jsonify(_shown(message))


def _note_shown(found: list[Message]) -> None:
    if auth.may("claim", "messages"):
        auth.note_shown("messages", found)


def _shown(message: Message) -> dict[str, object]:
    return message_json(message, values=auth.may("claim"), text=auth.may("messages"))
