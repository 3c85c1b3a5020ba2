"""Typed settings: every key, its default and its bounds.

`core.configuration` reads them from a TOML file, the environment and `*_file` keys. A section of its own file is
imported here and gets its line in `Settings`.
"""

from pydantic import Field

from core.identifiers import ascii_domain
from core.settings.console import ConsoleSettings
from core.settings.kinds import Section, split_address
from core.settings.mailboxes import MailboxSettings
from core.settings.outgoing import OutgoingSettings
from core.settings.sections import (
    ClaimSettings,
    CodeSettings,
    DatabaseSettings,
    DiskSettings,
    EncryptionSettings,
    ExtractionSettings,
    HookSettings,
    HttpSettings,
    IdentifierSettings,
    LogSettings,
    RetentionSettings,
    ServerSettings,
    SkyvernSettings,
    SmtpSettings,
    TrustSettings,
)

__all__ = [
    "DiskSettings",
    "ExtractionSettings",
    "HookSettings",
    "HttpSettings",
    "LogSettings",
    "MailboxSettings",
    "OutgoingSettings",
    "RetentionSettings",
    "Settings",
    "SmtpSettings",
    "TrustSettings",
    "split_address",
]


class Settings(Section):
    """Everything that can be configured."""

    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    smtp: SmtpSettings = SmtpSettings()
    http: HttpSettings = HttpSettings()
    identifiers: IdentifierSettings = IdentifierSettings()
    trust: TrustSettings = TrustSettings()
    extraction: ExtractionSettings = ExtractionSettings()
    claims: ClaimSettings = ClaimSettings()
    codes: CodeSettings = CodeSettings()
    retention: RetentionSettings = RetentionSettings()
    hooks: dict[str, HookSettings] = Field(default={})
    encryption: EncryptionSettings = EncryptionSettings()
    disk: DiskSettings = DiskSettings()
    skyvern: SkyvernSettings = SkyvernSettings()
    log: LogSettings = LogSettings()
    mailboxes: MailboxSettings = MailboxSettings()
    webhooks: OutgoingSettings = OutgoingSettings()
    console: ConsoleSettings = ConsoleSettings()

    def gateway_domains(self) -> tuple[str, ...]:
        """The domains whose mailboxes are the gateway's own, in ASCII form."""
        return tuple(ascii_domain(d) or d for d in self.smtp.domains)
