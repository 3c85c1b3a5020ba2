"""`/hooks/NAME`: inbound webhooks, answered after the commit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import MethodNotAllowed

from core import journal
from core.errors import BusyError, InvalidRequestError, NotFoundError, TemporaryError
from core.identifiers import sms_sender
from core.message import Channel, Envelope, InboundMessage
from core.store import Part, joined
from gateway.providers import Brought, Hook, HookMail, HookMessage, HookRefusedError, HookRequest, SmsPart
from gateway.web.parts import parts
from gateway.webhooks.mail import with_crlf
from gateway.webhooks.spoken import HELD, to_read

hooks = Blueprint("hooks", __name__, url_prefix="/hooks")
_LARGE = 1024 * 1024
_MOST_PARTS = 255  # 3GPP TS 23.040, 9.2.3.24.1
_PATIENCE = 5.0
_large_ones = threading.BoundedSemaphore(4)
"""Bodies of large mails that are in memory at once: anybody may send one, and it must be read to be believed."""


@hooks.route("/<name>", methods=["GET", "POST"], strict_slashes=False)
def receive(name: str) -> Response:
    """Stores what a believed request brings; refuses any other alike."""
    hook = parts().hooks.get(name)
    if hook is None:
        raise NotFoundError("there is no such hook")
    if request.method not in hook.settings.taken:
        raise MethodNotAllowed(hook.settings.taken)
    if hook.settings.signs_url and not parts().settings.server.public_url:
        raise TemporaryError("set server.public_url: signatures cover the public URL")
    with _room():
        return _receive(hook)


def _receive(hook: Hook) -> Response:
    brought = _believed(hook)
    if brought.alive:
        parts().heard(hook.name)
    for message in brought.messages:
        _store(hook, message)
    answer = brought.answer
    return Response(answer.text, status=answer.status, content_type=answer.content_type)


def _believed(hook: Hook) -> Brought:
    """What the request brings; logs a refusal and raises it."""
    try:
        brought = hook.receive(_request(hook))
        _check_nonce(brought)
    except HookRefusedError as error:
        journal.hook_refused(hook=hook.name, reason=error.reason, address=request.remote_addr or "")
        raise
    except InvalidRequestError:
        journal.hook_refused(hook=hook.name, reason="malformed", address=request.remote_addr or "")
        raise
    return brought


def _check_nonce(brought: Brought) -> None:
    nonce = brought.nonce
    if nonce and not parts().store.nonces.stands_for(nonce.value, brought.digest, nonce.until).result():
        raise HookRefusedError("signed for another message")


@contextmanager
def _room() -> Iterator[None]:
    """Raises BusyError while too many large bodies are being read."""
    if (request.content_length or 0) <= _LARGE:
        yield
        return
    if not _large_ones.acquire(timeout=_PATIENCE):
        raise BusyError("too many large mails at once: try again")
    try:
        yield
    finally:
        _large_ones.release()


def _request(hook: Hook) -> HookRequest:
    public = parts().settings.server.public_url.rstrip("/")
    query = request.query_string.decode("ascii", "replace")
    request.max_content_length = hook.settings.largest_body or parts().settings.http.max_body_bytes
    return HookRequest(
        method=request.method,
        url=f"{public}{request.path}" + (f"?{query}" if query else ""),
        query=query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=False),
        received_at=parts().clock(),
    )


def _store(hook: Hook, message: HookMessage | HookMail) -> None:
    g.trace_id = parts().new_trace()
    if isinstance(message, HookMail):
        parts().ingest(_mail(hook, message)).result()
    elif message.sentence is not None:
        _store_sentence(hook, message, message.sentence)
    elif message.part and message.part.total > 1:
        _store_part(hook, message, message.part)
    else:
        parts().ingest(_sms(hook, message)).result()


def _store_part(hook: Hook, message: HookMessage, place: SmsPart) -> None:
    """Keeps a part; the one that completes its SMS, here or at another node, stores that as a whole."""
    if not 1 <= place.number <= place.total <= _MOST_PARTS:
        raise InvalidRequestError(f"part {place.number} of {place.total}: an SMS has at most {_MOST_PARTS} parts")
    part = _part(hook, message, place)
    if not parts().store.parts.add(part).result():
        return
    found = parts().store.parts.beside(part)
    if len(found) == place.total:
        text, external_id = joined(found)
        parts().ingest(_sms(hook, replace(message, text=text, external_id=external_id))).result()
        parts().store.parts.drop(found).result()


def _store_sentence(hook: Hook, message: HookMessage, place: int) -> None:
    """Keeps a sentence of a call, or hears of the call's end; stores what can be read of it by now.

    What was found in the call before adds nothing. Its sentences stay until it is silent (gateway/joining.py).
    """
    sentence = _part(hook, message, SmsPart(reference=message.call, number=place, total=0))
    if not (message.over or parts().store.parts.add(sentence).result()):
        return
    found = parts().store.parts.beside(sentence)
    said = {one.number: one.text for one in found}
    over = message.over and said.keys() == set(range(min(said, default=place), place))
    for text in to_read(said, over=over):
        external_id = found[-1].external_id + (HELD if text.endswith(HELD) else "")
        parts().ingest(_sms(hook, replace(message, text=text, external_id=external_id))).result()


def _part(hook: Hook, message: HookMessage, place: SmsPart) -> Part:
    return Part(
        door=f"hooks/{hook.name}",
        sender=message.sender,
        recipient=message.recipient,
        reference=place.reference,
        number=place.number,
        total=place.total,
        external_id=message.external_id,
        text=message.text,
        received_at=parts().clock(),
    )


def _sms(hook: Hook, message: HookMessage) -> InboundMessage:
    return InboundMessage(
        channel=Channel.SMS,
        door=f"hooks/{hook.name}",
        received_at=parts().clock(),
        trace_id=g.trace_id,
        sender=sms_sender(message.sender, parts().settings.identifiers.default_region),
        recipient=message.recipient,
        text=message.text,
        external_id=message.external_id,
        conversation=message.call,
        route="provider",
    )


def _mail(hook: Hook, message: HookMail) -> InboundMessage:
    return InboundMessage(
        channel=Channel.EMAIL,
        door=f"hooks/{hook.name}",
        received_at=parts().clock(),
        trace_id=g.trace_id,
        envelope=Envelope(mail_from=message.mail_from, rcpt_to=message.rcpt_to),
        raw=with_crlf(message.raw),
        route="provider",
    )
