"""`POST /hooks/NAME`: inbound webhooks, answered after the commit."""

from flask import Blueprint, Response, g, request

from core import journal
from core.errors import InvalidRequestError, NotFoundError, TemporaryError
from core.message import Channel, InboundMessage
from gateway.providers import Hook, HookMessage, HookRefusedError, HookRequest
from gateway.web.parts import parts

hooks = Blueprint("hooks", __name__, url_prefix="/hooks")


@hooks.post("/<name>", strict_slashes=False)
def receive(name: str) -> Response:
    """Stores the messages of a signed request; refuses any other alike."""
    hook = parts().hooks.get(name)
    if hook is None:
        raise NotFoundError("there is no such hook")
    if not parts().settings.server.public_url:
        raise TemporaryError("set server.public_url: signatures cover the public URL")
    try:
        messages = hook.receive(_request())
    except HookRefusedError as error:
        journal.hook_refused(hook=name, reason=error.reason, address=request.remote_addr or "")
        raise
    except InvalidRequestError:
        journal.hook_refused(hook=name, reason="malformed", address=request.remote_addr or "")
        raise
    for message in messages:
        _store(hook, message)
    text, content_type = hook.provider.ANSWER
    return Response(text, content_type=content_type)


def _request() -> HookRequest:
    public = parts().settings.server.public_url.rstrip("/")
    query = request.query_string.decode("ascii", "replace")
    return HookRequest(
        url=f"{public}{request.path}" + (f"?{query}" if query else ""),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=False),
    )


def _store(hook: Hook, message: HookMessage) -> None:
    g.trace_id = parts().new_trace()
    inbound = InboundMessage(
        channel=Channel.SMS,
        door=f"hooks/{hook.name}",
        received_at=parts().clock(),
        trace_id=g.trace_id,
        sender=message.sender,
        recipient=message.recipient,
        text=message.text,
        external_id=message.external_id,
        route="provider",
    )
    parts().ingest(inbound).result()
