"""Every bound of the SMTP door, with its default."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """What one client, and all of them together, may take from the SMTP door (FACTS 2, 3, 7)."""

    name: str = "otpgate"
    """Host name in the banner and in the answer to EHLO."""
    max_message_bytes: int = 25 * 2**20
    max_line_bytes: int = 2**20
    """A line of DATA; real HTML mail has lines far over the 1,000 bytes of RFC 5321."""
    max_command_bytes: int = 4096
    max_bytes_in_flight: int = 256 * 2**20
    """Mail in memory over all connections; what goes beyond is answered 421, try again."""
    max_connections: int = 500
    max_connections_per_address: int = 20
    """IPv6 addresses of one /64 count as one."""
    slow_seconds: float = 20.0
    """For one mail; whoever takes longer has to make room when all connections are taken."""
    max_recipients: int = 100
    max_junk: int = 20
    """Commands that lead nowhere (NOOP, RSET, VRFY…) and refused mails, since the last accepted mail."""
    max_errors: int = 5
    """Commands that are not understood, out of order or badly authenticated, since the last accepted mail."""
    idle_seconds: float = 300.0
    """Without a command or a byte of DATA (RFC 5321, 4.5.3.2.7 asks for five minutes)."""
    session_seconds: float = 600.0
    """Without an accepted mail."""
    linger_seconds: float = 2.0
    """For a peer to read our last word; what it still sends is discarded meanwhile."""
    max_discarded_bytes: int = 16 * 2**20
    """Of what it still sends then."""
    require_tls: bool = False
    """Refuse MAIL before STARTTLS."""
