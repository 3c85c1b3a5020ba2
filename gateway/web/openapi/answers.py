"""What the JSON API answers, as models; a test holds real answers against them."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from core.store import State

Probability = Annotated[float, Field(ge=0, le=1)]


class Answer(BaseModel):
    """Members that an answer has; there are no others."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: str
    """Stable, such as urn:otpgate:problem:ambiguous-code."""
    title: str
    status: int
    detail: str
    """What to do about it, for a person."""
    senders: list[str] = []
    """Whose codes match, where a code is ambiguous."""
    issuers: list[str] = []
    """Which TOTP secrets there are, where several are."""


class Found(Answer):
    """What a code and a claim have in common."""

    identifier: str
    kind: Literal["code", "link", "totp"]
    value: str | None
    """What to type or open; null for a key without scope `claim`."""
    channel: str
    sender: str
    sender_domain: str
    subject: str | None
    link_host: str
    route: str
    """How the message came, and what that proves: open, secret-address, forwarder, provider or key."""
    author: str | None
    """The organisational domain that provably wrote it."""
    evidence: str
    confidence: Probability
    source: str
    run_id: str
    workflow_id: str
    task_id: str
    received_at: AwareDatetime
    expires_at: AwareDatetime
    state: State
    message_id: str


class Code(Found):
    """One code or link found in a message."""

    id: str


class Claim(Found):
    """One code held by one run."""

    claim_id: str
    code_id: str
    lease_until: AwareDatetime | None
    """When it is fresh again unless accepted or rejected; null: it is held until it expires."""


class Latest(Answer):
    """The poll's answer."""

    code: Code | None
    cursor: str
    diagnosis: str | None
    """Why there is none: a word, or a word, a colon and a sentence."""


class Codes(Answer):
    """A page of the history."""

    codes: list[Code]
    next: str | None
    """`page` of the next page."""


class ClaimMade(Answer):
    """The code that was handed to the run, or why there is none."""

    claim: Claim | None
    cursor: str
    diagnosis: str | None


class ClaimEnded(Answer):
    """The claim as it stands now."""

    claim: Claim


class Cursor(BaseModel):
    """A point in time by the gateway's clock; of a turn with the run that has it."""

    cursor: str
    run_id: str = ""


class Arrived(Answer):
    """A message without its text and candidates."""

    id: str
    trace_id: str
    door: str
    channel: str
    identifier: str
    identity_source: str
    identity_evidence: str
    sender: str
    sender_name: str
    sender_domain: str
    subject: str | None
    route: str
    author: str | None
    evidence: str
    kind: str
    value: str | None
    confidence: Probability
    reason: str
    verdict: str
    source: str
    run_id: str
    workflow_id: str
    task_id: str
    received_at: AwareDatetime
    size: int


class Message(Arrived):
    """What came in and what was made of it."""

    candidates: list[dict[str, Any]]
    text: str = ""
    """With scope `messages` only."""


class Forgotten(Answer):
    """Of `reset`: nothing."""


class Event(Answer):
    """One event: the fields `id` and `event` of the stream, and its `data` as JSON.

    A `claim` comes without its value, which the event of its code has told.
    """

    id: str
    event: Literal["message", "code", "claim", "reset"]
    data: Arrived | Code | Claim | Forgotten


class Messages(Answer):
    """A page of messages."""

    messages: list[Message]
    next: str | None


class Pushed(Answer):
    """What was made of a push."""

    message: Message
    codes: list[Code]
    new: bool
    """False where this push was seen before."""


class TotpCode(Answer):
    """The code of this moment."""

    value: str
    valid_for: float | None
    """Seconds; null for a counter."""
    period: int | None
