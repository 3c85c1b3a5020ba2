"""What goes wrong with a mail server, by what to do about it."""

from core.errors import ConflictError


class MailboxError(ConflictError):
    """A mailbox cannot be used; the text says what to do, `reason` is a fixed phrase for log and metrics."""

    slug = "mailbox-unusable"

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(text or reason)
        self.reason = reason


class LostError(MailboxError):
    """The connection broke, was refused or hangs: again in a moment."""


class ThrottledError(MailboxError):
    """The server asks for patience: again, but not soon."""


class ShutOutError(MailboxError):
    """The server does not let us in, and a person must do something: again, but seldom."""
