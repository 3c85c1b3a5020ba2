"""What the SMTP door tells the journal: addresses of peers, fixed phrases and trace ids, never contents."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why the door refused something, as a phrase for logs and metrics."""

    ADDRESS_FULL = "too many connections from one address"
    DOOR_FULL = "too many connections"
    MADE_ROOM = "idle or slow connection closed for a newcomer"
    STOPPING = "stopping"
    TOO_SLOW = "timed out"
    TOO_MANY_ERRORS = "too many errors"
    TOO_MUCH_JUNK = "too much but mail"
    LINE_TOO_LONG = "command line too long"
    NOT_SMTP = "not SMTP"
    NO_BALANCER = "no PROXY header of a listed balancer"
    TLS_FAILED = "TLS failed"
    LOGIN = "login refused"
    NO_ROOM = "no room on the disk"
    RECIPIENT = "recipient refused"
    TOO_MANY_RECIPIENTS = "too many recipients"
    ENDLESS = "mail without an end"
    MAIL = "mail refused"
    MAIL_LATER = "mail not taken now"


class SmtpEvents:
    """Receives what happens at the SMTP door; this one keeps it to itself."""

    def connected(self, peer: str) -> None:
        """A connection from that IP address was let in."""

    def disconnected(self, peer: str) -> None:
        """A connection that was let in has ended."""

    def refused(self, peer: str, reason: Refusal, trace_id: str = "") -> None:
        """Something was refused; `trace_id` is that of the mail, once there is one."""

    def stored(self, peer: str, trace_id: str, size: int, seconds: float) -> None:
        """A mail of `size` bytes was accepted for good, `seconds` after its final dot."""

    def failed(self, peer: str, error: str, trace_id: str = "") -> None:
        """An unexpected exception of class `error` was answered with 451."""
