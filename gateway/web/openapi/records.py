"""What the JSON API answers of what is kept: identifiers, keys, TOTP secrets; and of the gateway's health."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel

from core.access import Scope
from gateway.web.openapi.answers import Answer


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


class Mailbox(Answer):
    """A mailbox that is pulled by IMAP, without what opens it."""

    address: str
    folder: str
    host: str
    port: int
    security: Literal["tls", "starttls", "plain"]
    login: str
    method: Literal["password", "oauth"]
    mark_seen: bool
    state: Literal["new", "watching", "polling", "lost", "shut out"]
    reason: str
    contact_at: AwareDatetime
    """When the server last said that there was no more to read."""
    arrived_at: AwareDatetime | None
    """When the last mail was read from it."""
    created_at: AwareDatetime


class Mailboxes(Answer):
    """Every mailbox that the key may know of."""

    mailboxes: list[Mailbox]


class MailboxChecked(Answer):
    """What a mail server said just now."""

    idle: bool
    """Whether it tells by itself what arrives."""
    messages: int


class Rotation(Answer):
    """How far a rotation of the sealing keys is."""

    state: Literal["idle", "running", "done", "failed"]
    key_id: str
    rows: int
    retired: str


class Health(BaseModel):
    """Whether the process answers, and each part of it by name."""

    status: str
    parts: dict[str, bool] = {}
    warnings: dict[str, str] = {}
