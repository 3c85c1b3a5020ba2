"""Every error of otpgate as one tree, with its SMTP and its HTTP answer.

    OtpgateError
    ├── ConfigurationError            exit 78; all faults at once
    ├── TemporaryError                451 4.3.0   503   our own trouble: try again
    │   ├── StoreUnavailableError     451 4.3.0   503   the database did not take it
    │   ├── StoreFullError            452 4.3.1   503   under the free-space floor
    │   ├── BusyError                 421 4.3.2   503   too many held requests or connections
    │   └── TooManyWrongKeysError     454 4.7.0   429   from one address, within a minute
    └── RefusedError                  permanent: trying again changes nothing
        ├── MalformedMailError        550 5.6.0   400   bare CR, bare LF or NUL
        ├── MessageTooLargeError      552 5.3.4   413
        ├── ForeignDomainError        550 5.7.1   400   we take no mail for that domain
        ├── InvalidRequestError       501 5.5.4   400   a request that cannot be understood
        │   ├── InvalidIdentifierError                  neither a mailbox nor a phone number
        │   └── InvalidCursorError                      not a cursor that we made
        ├── UnauthenticatedError      535 5.7.8   401   no key, or none that we know
        ├── ForbiddenError            550 5.7.1   403   a known key that may not do this
        ├── NotFoundError             550 5.1.1   404   nothing there, or not for this key
        └── ConflictError             550 5.5.0   409
            ├── AmbiguousCodeError                      two senders' codes, and no sender named
            ├── AmbiguousIssuerError                    several issuers' secrets, and no issuer named
            └── ClaimHeldError                          another run holds the code now

The text of an error is shown to whoever caused it: it says what to do, and holds
no code, link, secret, key or body.
"""

from collections.abc import Sequence
from typing import ClassVar


class OtpgateError(Exception):
    """Anything that otpgate raises on purpose."""

    slug: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    smtp: ClassVar[str] = "451 4.3.0"


class ConfigurationError(OtpgateError):
    """The configuration cannot be used; `faults` names each fault with its file and key."""

    slug = "bad-configuration"

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class TemporaryError(OtpgateError):
    """Our own trouble; the same request may work a moment later."""

    slug = "temporarily-unavailable"
    status = 503
    smtp = "451 4.3.0"


class StoreUnavailableError(TemporaryError):
    """The database did not take the change; nothing was stored."""

    slug = "store-unavailable"


class StoreFullError(TemporaryError):
    """There is too little free disk space to take another message."""

    slug = "store-full"
    smtp = "452 4.3.1"


class BusyError(TemporaryError):
    """Too many requests are held or connections open."""

    slug = "busy"
    smtp = "421 4.3.2"


class TooManyWrongKeysError(TemporaryError):
    """One address sent too many wrong API keys; a right one is still answered."""

    slug = "too-many-wrong-keys"
    status = 429
    smtp = "454 4.7.0"


class RefusedError(OtpgateError):
    """A permanent refusal: trying the same again changes nothing."""

    slug = "refused"
    status = 400
    smtp = "550 5.7.1"


class MalformedMailError(RefusedError):
    """The mail holds a bare CR, a bare LF or NUL, which lets two readers see two mails (RFC 5321, 2.3.8)."""

    slug = "malformed-mail"
    smtp = "550 5.6.0"


class MessageTooLargeError(RefusedError):
    """The message is larger than this gateway takes."""

    slug = "message-too-large"
    status = 413
    smtp = "552 5.3.4"


class ForeignDomainError(RefusedError):
    """The recipient's domain is none of `smtp.domains`."""

    slug = "foreign-domain"


class InvalidRequestError(RefusedError):
    """The request cannot be understood; the text says which field and why."""

    slug = "invalid-request"
    smtp = "501 5.5.4"


class InvalidIdentifierError(InvalidRequestError):
    """The text is neither a mailbox nor a phone number."""

    slug = "invalid-identifier"


class InvalidCursorError(InvalidRequestError):
    """The text is no cursor that otpgate made."""

    slug = "invalid-cursor"


class UnauthenticatedError(RefusedError):
    """There is no API key, or none that we know."""

    slug = "unauthenticated"
    status = 401
    smtp = "535 5.7.8"


class ForbiddenError(RefusedError):
    """A known key that may not do this."""

    slug = "forbidden"
    status = 403


class NotFoundError(RefusedError):
    """There is nothing there, or nothing that this key may see."""

    slug = "not-found"
    status = 404
    smtp = "550 5.1.1"


class ConflictError(RefusedError):
    """The state of things does not allow it."""

    slug = "conflict"
    status = 409
    smtp = "550 5.5.0"


class AmbiguousCodeError(ConflictError):
    """Fresh codes of different senders match and no sender was named; `senders` lists them."""

    slug = "ambiguous-code"

    def __init__(self, senders: Sequence[str]) -> None:
        super().__init__(f"codes of {' and '.join(senders)} match: name one with `sender`")
        self.senders = tuple(senders)


class AmbiguousIssuerError(ConflictError):
    """Secrets of several issuers are stored and none was named; `issuers` lists them."""

    slug = "ambiguous-issuer"

    def __init__(self, issuers: Sequence[str]) -> None:
        shown = " and ".join(issuer or "(without a name)" for issuer in issuers)
        super().__init__(f"there are secrets of {shown}: name one with `issuer`")
        self.issuers = tuple(issuers)


class ClaimHeldError(ConflictError):
    """Another run holds the code now."""

    slug = "held-by-another-run"
