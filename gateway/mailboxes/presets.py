"""Where well-known providers keep their mail, and how they let programs in; each with its source."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A provider's OAuth addresses; `{tenant}` stands for an organisation."""

    token_url: str
    scope: str
    device_url: str = ""
    """Empty where the provider gives no mail by RFC 8628."""
    authorize_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One provider."""

    name: str
    host: str
    domains: tuple[str, ...] = ()
    sign_in: SignIn | None = None
    password: str
    """Which password it takes, for a person."""


_GOOGLE = SignIn(
    # https://developers.google.com/workspace/gmail/imap/xoauth2-protocol. Its device flow takes a short list of
    # scopes, without mail (https://developers.google.com/identity/protocols/oauth2/limited-input-device).
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    scope="https://mail.google.com/",
)
_MICROSOFT = SignIn(
    # "Authenticate an IMAP, POP or SMTP connection using OAuth", learn.microsoft.com/exchange
    token_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",  # noqa: S106 - an address
    device_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode",
    authorize_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    scope="https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
)
PRESETS = (
    Preset(
        name="gmail",
        host="imap.gmail.com",
        domains=("gmail.com", "googlemail.com"),
        sign_in=_GOOGLE,
        password="an app password (Google Account, Security, App passwords)",  # noqa: S106 - advice
    ),
    Preset(
        name="microsoft",
        host="outlook.office365.com",
        domains=("outlook.com", "hotmail.com", "live.com", "msn.com"),
        sign_in=_MICROSOFT,
        password="no password any more: use --oauth",  # noqa: S106 - advice
    ),
    Preset(
        name="fastmail",
        host="imap.fastmail.com",
        domains=("fastmail.com", "fastmail.fm"),
        password="an app password (Settings, Privacy & Security, App passwords)",  # noqa: S106 - advice
    ),
    Preset(
        name="icloud",
        host="imap.mail.me.com",
        domains=("icloud.com", "me.com", "mac.com"),
        password="an app-specific password (account.apple.com, Sign-In and Security)",  # noqa: S106 - advice
    ),
    Preset(
        name="yahoo",
        host="imap.mail.yahoo.com",
        domains=("yahoo.com", "ymail.com"),
        password="an app password (Account security, App passwords)",  # noqa: S106 - advice
    ),
)


def preset(provider: str, address: str) -> Preset | None:
    """The named provider, else the one whose domain an address has."""
    domain = address.rpartition("@")[2].lower()
    return next((one for one in PRESETS if (one.name == provider if provider else domain in one.domains)), None)
