"""What a webhook request may bring: texts, mails, or nothing but a sign of life; and how it is answered."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class SmsPart:
    """Which part of a long SMS a text is (3GPP TS 23.040, 9.2.3.24.1); the door joins the parts."""

    reference: str
    """The same in all parts of one SMS; phones and networks use it again after a while."""
    number: int
    """From 1."""
    total: int


@dataclass(frozen=True, kw_only=True)
class HookMessage:
    """One SMS that a webhook brought."""

    sender: str
    recipient: str
    """A number or mailbox; where the sender tells none, what it does tell: then nothing of it is handed out."""
    text: str = field(repr=False)
    external_id: str
    """The provider's id of the message: the same id adds nothing."""
    part: SmsPart | None = None
    call: str = ""
    """The provider's id of the call that spoke it; a value that is said again in it adds nothing."""
    sentence: int | None = None
    """Where it stands in the call, if it is not all of it; the door reads it with those before and after."""
    over: bool = False
    """It is no sentence, but the end of the call at that place."""


@dataclass(frozen=True, kw_only=True)
class HookMail:
    """One mail that a webhook brought, with the envelope that its provider saw."""

    raw: bytes = field(repr=False)
    """As received (RFC 5322), or as `gateway.webhooks.composing.compose` makes it from what a provider parsed."""
    rcpt_to: tuple[str, ...]
    mail_from: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the sender is answered after the commit."""

    text: str = field(default="", repr=False)
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200


@dataclass(frozen=True, kw_only=True)
class Nonce:
    """What a sender signs once only, where its signature does not cover the message."""

    value: str
    until: datetime
    """When its signature ends to count."""


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What a believed request brings; without messages it was a sign of life, a challenge or of no interest."""

    messages: tuple[HookMessage | HookMail, ...] = ()
    answer: Answer = Answer()
    alive: bool = True
    """False where it tells that the sender is silent: then it is no sign of life."""
    nonce: Nonce | None = None
    """It stands for these messages and for no others: a request with other ones is refused."""

    @property
    def digest(self) -> str:
        """A hash of the messages, the same whichever way they came."""
        made = hashlib.sha256()
        for value in (value for message in self.messages for value in vars(message).values()):
            made.update(value if isinstance(value, bytes) else repr(value).encode("utf-8", "backslashreplace"))
            made.update(b"\0")
        return made.hexdigest()
