"""Tells the journal what the SMTP door reports."""

from core import journal
from gateway.smtp import Refusal, SmtpEvents


class JournalEvents(SmtpEvents):
    """Every event of the SMTP door as a line of the log."""

    def connected(self, peer: str) -> None:
        """A connection was let in."""
        journal.smtp_connected(peer=peer)

    def stored(self, peer: str, trace_id: str, size: int, seconds: float) -> None:
        """A mail was accepted for good."""
        journal.smtp_stored(peer=peer, trace_id=trace_id, size=size, seconds=seconds)

    def refused(self, peer: str, reason: Refusal, trace_id: str = "") -> None:
        """Something was refused."""
        journal.smtp_refused(peer=peer, reason=reason.value, trace_id=trace_id)

    def failed(self, peer: str, error: str, trace_id: str = "") -> None:
        """A fault of ours was answered with 451."""
        journal.smtp_failed(peer=peer, error=error, trace_id=trace_id)
