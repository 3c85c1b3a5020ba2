"""What is kept of a message that was read: its row and those of its codes."""

from dataclasses import dataclass, replace
from datetime import timedelta

from core.extract.result import Kind, Part
from core.hosts import host_matches, judged_host
from core.ids import new_id
from core.message import Channel, InboundMessage
from core.provenance import provenance
from core.reading import Reading, candidates_text
from core.recipients import Recipient
from core.store import Code, Message
from core.trust import Vouched

CONFIRMATIONS = frozenset({Kind.GMAIL_CONFIRMATION, Kind.FORWARDING_CONFIRMATION})
"""Kinds that wait for a person, never for a login."""


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """How long codes and links are usable, unless their message says less."""

    code: timedelta
    link: timedelta


def message_row(
    message: InboundMessage, reading: Reading, recipient: Recipient, vouched: Vouched, *, known: bool
) -> Message:
    """A message as it is kept for one recipient; where that is not `known`, its verdict says so."""
    # Long: a line for each column of the record.
    content, found = reading.content, reading.extracted
    confirmed = found.kind in CONFIRMATIONS
    return Message(
        id=new_id("msg", message.received_at),
        trace_id=message.trace_id,
        door=message.door,
        channel=message.channel.value,
        identifier=recipient.identifier,
        identity_source=recipient.source,
        identity_evidence=recipient.evidence,
        sender=content.sender,
        sender_name=content.sender_name,
        sender_domain=reading.sender_domain,
        subject=content.subject,
        text=content.text,
        route=vouched.route,
        author=vouched.author or "",
        evidence=vouched.evidence,
        kind=found.kind.value,
        value=(found.value or "") if confirmed else "",
        confidence=found.confidence,
        reason=found.reason,
        verdict=reading.verdict if known else "unknown recipient",
        candidates_text=candidates_text(reading),
        headers=provenance(message, reading.mail.headers),
        alternative=content.alternative if any(c.part is Part.ALTERNATIVE for c in found.candidates) else "",
        source=message.source,
        run_id=message.run_id,
        workflow_id=message.workflow_id,
        task_id=message.task_id,
        received_at=message.received_at,
        size=len(message.raw) or len(message.text),
    )


def code_rows(message: Message, reading: Reading, lifetimes: Lifetimes) -> list[Code]:
    """The code or link found in a message, and the link beside a code."""
    found = reading.extracted
    if found.kind not in {Kind.CODE, Kind.LINK} or found.value is None:
        return []
    codes = [_code(message, reading, lifetimes, found.kind, found.value)]
    beside = next((c for c in found.candidates if c.kind is Kind.LINK and c.score > 0), None)
    if found.kind is Kind.CODE and beside:
        codes.append(replace(_code(message, reading, lifetimes, Kind.LINK, beside.value), alternate=True))
    return codes


def _code(message: Message, reading: Reading, lifetimes: Lifetimes, kind: Kind, value: str) -> Code:
    # Long: a line for each column of the record.
    host = judged_host(value) if kind is Kind.LINK else ""
    received = message.received_at
    lasts = lifetimes.link if kind is Kind.LINK else lifetimes.code
    stated = reading.extracted.validity.end(received) if reading.extracted.validity else None
    return Code(
        id=new_id("code", received),
        message_id=message.id,
        identifier=message.identifier,
        kind=kind.value,
        value=value,
        channel=message.channel,
        sender=message.sender,
        sender_domain=message.sender_domain,
        bound_host=reading.extracted.bound_host,
        subject=message.subject,
        link_host=host,
        host_expected=_host_expected(message, reading, host, value),
        route=message.route,
        author=message.author,
        evidence=message.evidence,
        confidence=reading.extracted.confidence,
        contradicts=reading.extracted.contradicts,
        source=message.source,
        run_id=message.run_id,
        workflow_id=message.workflow_id,
        task_id=message.task_id,
        received_at=received,
        expires_at=min(received + lasts, stated) if stated else received + lasts,
    )


def _host_expected(message: Message, reading: Reading, host: str, value: str) -> bool:
    """The link is its author's own, or all that somebody with a key pushed."""
    if message.author and host_matches(host, [message.author]):
        return True
    return message.route == "key" and message.channel == Channel.PUSH and reading.content.text.strip() == value
