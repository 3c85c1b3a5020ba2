"""The SMTP door as configured: its ports, its bounds, its certificate, and who may log in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from core import access
from core.errors import UnauthenticatedError
from core.settings import Settings
from core.store import Store
from gateway.addresses import networks_of
from gateway.certificate import unusable_certificate
from gateway.smtp import Login, Port, SmtpSettings


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One address to listen on, the key that names it, and what is special about it."""

    key: str
    listen: str
    port: Port


def openings(settings: Settings) -> list[Opening]:
    """Where mail is taken: `smtp.listen` first, then the ports for TLS and for load balancers."""
    smtp = settings.smtp
    balancers = networks_of(smtp.balancers)
    found = (
        Opening(key="smtp.listen", listen=smtp.listen, port=Port()),
        Opening(key="smtp.tls_listen", listen=smtp.tls_listen, port=Port(implicit_tls=True)),
        Opening(key="smtp.proxy_listen", listen=smtp.proxy_listen, port=Port(balancers=balancers)),
    )
    return [opening for opening in found if opening.listen]


def bounds(settings: Settings) -> SmtpSettings:
    """What one client may take; the banner names the first domain that mail is taken for."""
    smtp = settings.smtp
    names = (domain for domain in settings.gateway_domains() if domain[:1] not in {"*", "["})
    return SmtpSettings(
        name=next(names, "otpgate"),
        max_message_bytes=smtp.max_message_bytes,
        max_connections=smtp.max_connections,
        max_connections_per_address=smtp.max_connections_per_address,
        session_seconds=smtp.session_seconds,
        idle_seconds=smtp.idle_seconds,
        require_tls=smtp.require_tls,
    )


def logging_in(store: Store, clock: Callable[[], datetime]) -> Callable[[str, str], Login | None]:
    """What AUTH asks: the API key that was sent as password, if it may push; any user name will do."""

    def authenticate(_user: str, password: str) -> Login | None:
        try:
            key = access.verify(password, store.keys.find, clock())
        except UnauthenticatedError:
            return None
        if not access.allows(key, "push"):
            return None
        return Login(
            name=key.name, only=key.only, is_good=lambda: access.still_lives(key, store.keys.find, clock())
        )

    return authenticate


def unusable_ports(settings: Settings) -> Iterator[tuple[str, str]]:
    """What is missing or cannot be used for the configured ports, as keys and sentences."""
    smtp = settings.smtp
    if smtp.proxy_listen and not smtp.balancers:
        yield (
            "smtp.balancers",
            "must name who may connect to smtp.proxy_listen: anybody else could write the header",
        )
    yield from unusable_certificate("smtp", smtp.certificate, smtp.certificate_key)
    yield from unusable_certificate("http", settings.http.certificate, settings.http.certificate_key)
    if not (smtp.certificate or smtp.certificate_key):
        for key in ("tls_listen", "require_tls"):
            if getattr(smtp, key):
                yield f"smtp.{key}", "needs smtp.certificate and smtp.certificate_key"
