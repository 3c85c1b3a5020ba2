"""Loads what first use would load, so that the first code is as quick as the next."""

from contextlib import suppress
from datetime import datetime

from core.claims import Claims, Request
from core.errors import InvalidIdentifierError
from core.identifiers import normalize
from core.ingest import Prove
from core.matching import Ask
from core.message import Channel, Envelope, InboundMessage
from core.reading import read
from core.store import Showing, Store

_SAMPLE = (
    b"From: a@example.com\r\nTo: b@example.com\r\nSubject: Code\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Your code is <b>123456</b>. <a href='https://example.com/sign-in'>Sign in</a></p>"
)


def warm_up(store: Store, claims: Claims, prove: Prove, now: datetime) -> None:
    """Load what first use would load (words, charsets, statements): the first code is as quick as the next."""
    sample = InboundMessage(
        channel=Channel.EMAIL, door="", received_at=now, trace_id="", raw=_SAMPLE, envelope=Envelope()
    )
    read(sample, threshold=1.0)
    prove(sample)
    with suppress(InvalidIdentifierError):
        normalize("+15550000000")
    nobody = Request(ask=Ask(identifier="nobody@example.com"), showing=Showing(at=now, action="", result=""))
    claims.claim(nobody)
    claims.latest(nobody)
    store.messages.add([]).result()
