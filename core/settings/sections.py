"""The sections of the configuration: every key, its default and its bounds."""

from datetime import timedelta
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, IPvAnyAddress, SecretStr, model_validator

from core.identifiers import is_region
from core.secrets import parse_keys
from core.settings.kinds import Domain, Duration, Listen, MaybeListen, Networks, Section

TrustName = Literal["none", "route", "author"]
_DATABASES = ("sqlite:///", "postgresql+psycopg://")


def _database(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    if text and not text.startswith(_DATABASES):
        raise ValueError(f"should be empty or begin with {' or '.join(_DATABASES)}")
    if text.startswith("postgresql") and find_spec("psycopg") is None:
        raise ValueError("needs PostgreSQL's driver: pip install '.[postgresql]' in a clone of otpgate")
    return url


def _region(text: str) -> str:
    if text and not is_region(text):
        raise ValueError("should be a country's two letters, such as US")
    return text


class ServerSettings(Section):
    """What belongs to the whole process."""

    data_dir: Path = Path("otpgate-data")
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s/?#]+(/[^\s?#]*)?)?$",
        description="an address such as https://otp.example.com, without ? and #",
    )
    time_server: str = ""


class DatabaseSettings(Section):
    """Where messages and codes are kept; an empty `url` is SQLite in the data folder."""

    url: Annotated[SecretStr, AfterValidator(_database)] = SecretStr("")


class SmtpSettings(Section):
    """The SMTP door."""

    listen: Listen = "127.0.0.1:2525"
    domains: tuple[Domain, ...] = ()
    tls_listen: MaybeListen = ""
    proxy_listen: MaybeListen = ""
    balancers: Networks = ()
    certificate: str = ""
    certificate_key: str = ""
    require_tls: bool = False
    max_message_bytes: int = Field(default=25 * 1024 * 1024, ge=64 * 1024, le=200 * 1024 * 1024)
    max_connections: int = Field(default=500, ge=1)
    max_connections_per_address: int = Field(default=20, ge=1)
    session_seconds: int = Field(default=300, ge=5)
    idle_seconds: int = Field(default=60, ge=1)


class HttpSettings(Section):
    """The HTTP door: API, webhooks and console."""

    listen: Listen = "127.0.0.1:8025"
    max_body_bytes: int = Field(default=1024 * 1024, ge=64 * 1024)
    max_held_requests: int = Field(default=1000, ge=1, le=4000)
    request_seconds: int = Field(default=30, ge=1)
    proxies: Networks = ()
    certificate: str = ""
    certificate_key: str = ""
    docs: bool = True
    metrics: Literal["key", "open", "off"] = "key"


class IdentifierSettings(Section):
    """Whose messages are taken, and how numbers are read."""

    accept_unknown: bool = True
    default_region: Annotated[str, AfterValidator(_region)] = ""


class ForwarderSettings(Section):
    """Someone whose forwarding is trusted: networks, logins, or domains (signed or sealed), any one of them."""

    name: str = Field(min_length=1)
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    logins: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    sealers: tuple[str, ...] = ()


class TrustSettings(Section):
    """How much must vouch for a message before its code is handed out."""

    minimum: TrustName = "none"
    verify: bool = True
    dns_servers: tuple[IPvAnyAddress, ...] = ()
    forwarders: tuple[ForwarderSettings, ...] = ()


class ExtractionSettings(Section):
    """When a candidate is believed."""

    threshold: float = Field(default=0.5, ge=0.05, le=0.99)
    processes: int = Field(default=4, ge=0, le=64)


class ClaimSettings(Section):
    """How codes are handed out."""

    look_back: int = Field(default=120, ge=0, le=86_400)


class CodeSettings(Section):
    """How long codes and links are usable, unless their message says less."""

    code_seconds: int = Field(default=600, ge=30, le=86_400)
    link_seconds: int = Field(default=86_400, ge=60, le=604_800)


class RetentionSettings(Section):
    """What is forgotten, and when."""

    value_hours: int = Field(default=24, ge=1)
    message_days: int = Field(default=30, ge=1)
    mark_days: int = Field(default=400, ge=1)
    audit_days: int = Field(default=400, ge=1)


def _sealing_keys(key: SecretStr) -> SecretStr:
    if key.get_secret_value():
        parse_keys(key.get_secret_value())
    return key


class EncryptionSettings(Section):
    """The key that seals values in the database; empty: `encryption.key` in the data folder, made at first.

    Several, one a line, while keys rotate: the first seals, any opens.
    """

    key: Annotated[SecretStr, AfterValidator(_sealing_keys)] = SecretStr("")


class DiskSettings(Section):
    """When the data folder's disk counts as full, and what may be given up then; in MiB, 0 for nothing."""

    free_mib: int = Field(default=100, ge=0)
    ballast_mib: int = Field(default=32, ge=0, le=4096)


class SkyvernSettings(Section):
    """Skyvern's API: when the key is set, its pulls must be signed with it; a relay pushes codes there."""

    api_key: SecretStr = SecretStr("")
    relay: bool = False
    base_url: str = Field(
        default="", pattern=r"^(https?://[^\s?#]+)?$", description="an address such as https://api.example.com"
    )

    @model_validator(mode="after")
    def _relay_is_complete(self) -> Self:
        if self.relay and not (self.base_url and self.api_key.get_secret_value()):
            raise ValueError("relay needs base_url and api_key")
        return self


class LogSettings(Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "text", "json"] = "auto"


class HookSettings(BaseModel):
    """One `[hooks.NAME]` table: the provider names its file, which checks the other keys."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    provider: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="a provider's name, such as twilio")
    silent_after: Duration = timedelta()
    """How long it may be silent until that is told; nothing: however long."""

    def options(self) -> dict[str, Any]:
        """The keys that every hook may have left out: the provider's own settings."""
        return dict(self.model_extra or {})
