"""How much a peer may ask for without sending a mail (FACTS 3)."""

from gateway.smtp.events import Refusal
from gateway.smtp.limits import SmtpSettings

IDLE_TALK = frozenset({"EHLO", "HELO", "HELP", "NOOP", "RSET", "VRFY", "EXPN"})
ERRORS = ("50", "53")
"""Answers to what is not understood, out of order or not authenticated (RFC 5321, 4.2.1)."""
REFUSALS = "55"


class Patience:
    """Counts errors and junk since the last accepted mail; 4xx, which is our trouble, counts for nothing."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self.renew()

    def renew(self) -> None:
        """Starts again from nothing."""
        self._errors = 0
        self._junk = 0

    def asked(self, verb: str) -> None:
        """The peer said this command."""
        self._junk += verb in IDLE_TALK

    def answered(self, reply: str) -> None:
        """The peer is about to hear this answer."""
        self._errors += reply.startswith(ERRORS)
        self._junk += reply.startswith(REFUSALS)

    @property
    def lost(self) -> Refusal | None:
        """Why the conversation has to end, once it has to."""
        if self._errors > self._settings.max_errors:
            return Refusal.TOO_MANY_ERRORS
        return Refusal.TOO_MUCH_JUNK if self._junk > self._settings.max_junk else None
