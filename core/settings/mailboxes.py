"""How mailboxes are watched that are pulled by IMAP; the mailboxes themselves are in the database."""

from pydantic import Field

from core.settings.kinds import Section


class MailboxSettings(Section):
    """What is the same for every mailbox (`otpgate mailbox add` adds them)."""

    ca_file: str = ""
    renew_seconds: int = Field(default=120, ge=1, le=1740)
    poll_seconds: int = Field(default=10, ge=1, le=3600)
    fetch_kib: int = Field(default=512, ge=32, le=25 * 1024)
    most: int = Field(default=200, ge=1, le=5000)
