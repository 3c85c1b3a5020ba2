"""Test a message: what the gateway would make of it. Nothing is stored."""

import re
from dataclasses import replace

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from core.errors import InvalidIdentifierError, InvalidRequestError
from core.message import Channel, Envelope, InboundMessage
from core.store import Code, Message
from gateway.web import auth
from gateway.web.console.explained import explained
from gateway.web.console.frame import pages, show, viewing
from gateway.web.parts import parts

trial = pages("trial")
_HEADER = re.compile(
    rb"(from|to|subject|date|received|return-path|delivered-to|mime-version|message-id|dkim-signature"
    rb"|arc-[a-z-]{1,40}|x-[a-z0-9-]{1,60}|authentication-results)[ \t]{0,9}:",
    re.IGNORECASE,
)
_NOBODY = "nobody@example.invalid"
"""Stands for the recipient of a text where none is given; never shown."""
_LONGEST = 320


@trial.get("/test")
@viewing("push", "read", "claim", "messages")
def page() -> AnyResponse:
    """The page."""
    return _page()


@trial.post("/test")
@viewing("push", "read", "claim", "messages")
def test() -> AnyResponse:
    """The verdict on the message that was pasted or dropped."""
    file = request.files.get("file")
    name = (file.filename or "") if file else ""
    data = file.read() if file and name else request.form.get("content", "").encode()
    try:
        message, codes = _judged(data)
    except (InvalidRequestError, InvalidIdentifierError) as error:
        return _page(400, wrong=str(error))
    return _page(told=explained(message), codes=codes, file=name, is_mail=is_mail(data))


def is_mail(data: bytes) -> bool:
    """Whether the bytes begin as a mail does: with a header that mails have."""
    return bool(_HEADER.match(data.lstrip()))


def _page(status: int = 200, **context: object) -> AnyResponse:
    shown = {"told": None, "codes": (), "wrong": "", "file": "", "is_mail": False, **context}
    largest = parts().settings.http.max_body_bytes
    return show("trial.html", status, written=request.form, largest=largest, always=lambda *_: True, **shown)


def _judged(data: bytes) -> tuple[Message, tuple[Code, ...]]:
    """What would be stored; raises InvalidRequestError for nothing, InvalidIdentifierError for a wrong number."""
    if not data.strip():
        raise InvalidRequestError("paste a message, or choose a file")
    recipient, sender = (request.form.get(name, "").strip()[:_LONGEST] for name in ("rcpt", "sender"))
    if is_mail(data):
        (message, codes, _), *_rest = parts().ingest.judge(_mail(data, recipient, sender)).stored
    else:
        (message, codes, _), *_rest = parts().ingest.judge(_text(data, recipient, sender)).stored
    known = message.identifier != _NOBODY and auth.may_see(message.identifier)
    return (message if known else replace(message, identifier="", identity_source="", identity_evidence="")), codes


def _mail(data: bytes, recipient: str, sender: str) -> InboundMessage:
    envelope = Envelope(mail_from=sender, rcpt_to=(recipient,))
    return InboundMessage(
        channel=Channel.EMAIL,
        door="test",
        received_at=parts().clock(),
        trace_id="",
        envelope=envelope,
        raw=data,
    )


def _text(data: bytes, recipient: str, sender: str) -> InboundMessage:
    return InboundMessage(
        channel=Channel.SMS,
        door="test",
        received_at=parts().clock(),
        trace_id="",
        sender=sender,
        recipient=recipient or _NOBODY,
        text=data.decode("utf-8", "replace").replace("\r\n", "\n"),
    )
