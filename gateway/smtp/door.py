"""What the SMTP listener asks of the rest of the gateway."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from ssl import SSLContext

from core.message import InboundMessage
from gateway.smtp.events import SmtpEvents


@dataclass(frozen=True, kw_only=True)
class Login:
    """The API key that somebody logged in with: its name, and the patterns of identifiers that it is for."""

    name: str
    only: tuple[str, ...] = ()
    is_good: Callable[[], bool] = field(default=lambda: True, repr=False)
    """Whether the key is neither revoked nor expired by now; asked at MAIL and DATA, in a thread."""


@dataclass(frozen=True, kw_only=True)
class SmtpDoor:
    """The functions behind the door; whatever else than an `OtpgateError` they raise is answered 451."""

    accept_recipient: Callable[[str], None]
    """Raises (ForeignDomainError…) for an address whose domain we take no mail for; asked at RCPT."""
    deliver: Callable[[InboundMessage], Awaitable[None]]
    """Returns once the message is on stable storage; raises TemporaryError or RefusedError."""
    now: Callable[[], datetime]
    new_trace: Callable[[], str]
    check_room: Callable[[], None] = lambda: None
    """Raises StoreFullError when no mail can be stored now; asked at MAIL, before the bytes are sent."""
    events: SmtpEvents = field(default_factory=SmtpEvents)
    tls: Callable[[], SSLContext] | None = None
    """Gives the context for one handshake, so a certificate changed on disk counts from the next one."""
    authenticate: Callable[[str, str], Login | None] | None = None
    """User name and password to the API key that they are, or None; without it AUTH does not exist."""
