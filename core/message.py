"""The one shape of a message, however it came, and of what a person would read in it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """How the site sent the message."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What the SMTP conversation said (RFC 5321); all of it can be forged but `peer` and `login`."""

    mail_from: str = ""
    rcpt_to: tuple[str, ...] = ()
    orcpt: tuple[str, ...] = ()
    """RFC 3461 ORCPT of each recipient, address part only; "" where there was none."""
    helo: str = ""
    peer: str = ""
    """IP address of the connected client."""
    login: str = ""
    """Name of the API key that logged in by AUTH, or ""."""
    login_only: tuple[str, ...] = ()
    """Patterns of the identifiers that this key is for; none is all."""


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """One inbound email, SMS or push, as received. A door makes it; `core.ingest` reads it.

    An email carries its bytes in `raw` and its recipients in `envelope`; everything else carries
    `text` and the one identifier that it is for in `recipient`.
    """

    channel: Channel
    door: str
    """Which door: "smtp", "push", "hooks/NAME"."""
    received_at: datetime
    trace_id: str
    envelope: Envelope = field(default_factory=Envelope)
    raw: bytes = field(default=b"", repr=False)
    sender: str = ""
    recipient: str = ""
    text: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    """The code itself, where the sender says that this is all the message is."""
    expires_at: datetime | None = None
    """When the sender says that the code ends."""
    external_id: str = ""
    """The sender's own id of this message (MessageSid, Idempotency-Key): the same id adds nothing."""
    conversation: str = ""
    """What it is the whole of so far (a call, by its CallSid): a value that was found in it adds nothing again."""
    whole: bool = True
    """False: `raw` is only the beginning of the mail, so that no signature of it can be checked."""
    route: str = "open"
    """What the door itself proves: "provider" (signed webhook), "key" (an API key), else "open"."""
    source: str = ""
    run_id: str = ""
    workflow_id: str = ""
    task_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Link:
    """An anchor as a person sees it: `label` stands at `text[start:end]`, `href` is exact after entities."""

    label: str = field(repr=False)
    href: str = field(repr=False)
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a person would read: the input of extraction.

    `text` is the visible text (of the HTML where there is one), in reading order, a line per block;
    `alternative` is the plain part where `text` came from HTML and there was a plain part too.
    URLs that stand bare in `text` are not in `links`.
    """

    channel: Channel
    sender: str = ""
    """A mail address, E.164 number, short code or alphanumeric name."""
    sender_name: str = ""
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    links: tuple[Link, ...] = field(default=(), repr=False)
    alternative: str = field(default="", repr=False)
    older_from: int = 0
    """Where `text` goes on with older mail under its header lines; 0 for nowhere."""
    is_reply: bool = False
    """The subject begins as that of a reply: older mail below was answered, not forwarded."""
    is_listed: bool = False
    """It came over a mailing list, as its headers say."""
    year: int = 0
    """Of its arrival, since a number that reads as one of these years likely is one; 0 where it is not known."""
