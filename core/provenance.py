"""What a message came with, as it is kept for whoever asks why: SMTP's own words, then the mail's headers."""

from collections.abc import Iterable, Iterator

from core.message import InboundMessage
from core.mime import Headers

MOST = 24 * 1024
"""Characters that are kept of one message: several times what long chains of relays add."""


def provenance(message: InboundMessage, headers: Headers) -> tuple[tuple[str, str], ...]:
    """Names and values in order, within `MOST` characters; SMTP's names hold a space, as no header's can."""
    return tuple(_bounded([*_conversation(message), *headers.fields]))


def _conversation(message: InboundMessage) -> Iterator[tuple[str, str]]:
    envelope = message.envelope
    yield from ((name, value) for name, value in _greeting(message) if value)
    for recipient, original in zip(
        envelope.rcpt_to, envelope.orcpt or ("",) * len(envelope.rcpt_to), strict=False
    ):
        yield "RCPT TO", f"{recipient} (ORCPT {original})" if original else recipient


def _greeting(message: InboundMessage) -> Iterable[tuple[str, str]]:
    envelope = message.envelope
    return (
        ("client address", envelope.peer),
        ("client name", envelope.helo),
        ("logged in", envelope.login),
        ("MAIL FROM", envelope.mail_from),
    )


def _bounded(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    left = MOST
    for name, value in pairs:
        left -= len(name)
        if left <= 0:
            return
        yield name, value if len(value) <= left else f"{value[:left]}…"
        left -= len(value)
