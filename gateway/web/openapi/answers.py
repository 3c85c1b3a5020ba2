"""What the JSON API answers, as models; a test holds real answers against them."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel

from core.access import Scope
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


class Message(Answer):
    """What came in and what was made of it."""

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
    candidates: list[dict[str, Any]]
    source: str
    run_id: str
    workflow_id: str
    task_id: str
    received_at: AwareDatetime
    size: int
    text: str = ""
    """With scope `messages` only."""


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


class Identifier(Answer):
    """A registered identifier."""

    identifier: str
    secret_address: str
    """Whatever comes to this address is for the identifier."""
    aliases: list[str]
    senders: list[str]
    link_hosts: list[str]
    min_trust: str
    created_at: AwareDatetime


class Identifiers(Answer):
    """Every registered identifier that the key may see."""

    identifiers: list[Identifier]


class Key(Answer):
    """An API key's record; never the key itself."""

    id: str
    name: str
    scopes: list[Scope]
    only: list[str]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class NewKey(Key):
    """A key that was just made."""

    key: str
    """The key itself, shown this once."""


class Keys(Answer):
    """Every key's record."""

    keys: list[Key]


class TotpSecret(Answer):
    """A TOTP secret without what it is."""

    identifier: str
    issuer: str
    account: str
    method: str
    hash: str
    digits: int
    period: int | None
    created_at: AwareDatetime


class TotpSecrets(Answer):
    """The secrets that the key may know of."""

    totp: list[TotpSecret]


class TotpCode(Answer):
    """The code of this moment."""

    value: str
    valid_for: float | None
    """Seconds; null for a counter."""
    period: int | None


class Rotation(Answer):
    """How far a rotation of the sealing keys is."""

    state: Literal["idle", "running", "done", "failed"]
    key_id: str
    rows: int
    retired: str


class PullAddress(Answer):
    """What goes into Skyvern's `totp_url`; it is shown this once."""

    url: str


class SkyvernCode(Answer):
    """A code as Skyvern shows it."""

    totp_code_id: str
    totp_identifier: str
    code: str
    otp_type: Literal["totp", "magic_link"] | None
    status: str | None
    content: str
    source: str | None
    task_id: str | None
    workflow_id: str | None
    workflow_run_id: str | None
    organization_id: str
    expired_at: AwareDatetime | None
    created_at: AwareDatetime
    modified_at: AwareDatetime


class SkyvernCodes(RootModel[list[SkyvernCode]]):
    """Codes, newest first."""


class SkyvernPulled(Answer):
    """The code; "" for not yet."""

    verification_code: str


class SkyvernProblem(Answer):
    """Why Skyvern's call was refused: a sentence, or its list of faults."""

    detail: str | list[dict[str, Any]]


class Health(BaseModel):
    """Whether the process answers, and each part of it by name."""

    status: str
    parts: dict[str, bool] = {}
