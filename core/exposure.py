"""Exposed means decided: what must be set in so many words before outsiders can reach the gateway."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from core.settings import Settings, split_address

_DECISIONS = (
    ("smtp", "domains", "list the domains that you take mail for"),
    ("identifiers", "accept_unknown", "false takes messages for registered identifiers only, true for any"),
    ("trust", "minimum", "none, route or author: how much must vouch for a message before its code is used"),
)


def undecided(settings: Settings) -> Iterator[tuple[str, str]]:
    """Each decision that is missing, as a key and a sentence; nothing when only this machine reaches the doors.

    A key counts as set when the configuration names it, even with its default (CONTRACT, "Exposed means
    decided").
    """
    openings = exposures(settings)
    if not openings:
        return
    because = f"the gateway can be reached from outside ({' and '.join(openings)})"
    for section, key, hint in _DECISIONS:
        if key not in getattr(settings, section).model_fields_set:
            yield f"{section}.{key}", f"must be set, since {because}: {hint}"
    if "domains" in settings.smtp.model_fields_set and not settings.smtp.domains and _smtp_is_open(settings):
        yield (
            "smtp.domains",
            "must not be empty, since SMTP is not on loopback: list the domains you take mail for",
        )
    if not (settings.http.proxies or settings.http.certificate):
        yield (
            "http.proxies",
            f"must be set, since {because}: name the address of the proxy that does TLS, or set http.certificate",
        )


def exposures(settings: Settings) -> list[str]:
    """What lets outsiders reach the gateway, each as key and value; empty when all is on loopback."""
    openings = [
        f"{key} is {listen}"
        for key, listen in (*_smtp_ports(settings), ("http.listen", settings.http.listen))
        if not is_loopback(split_address(listen)[0])
    ]
    public = settings.server.public_url
    if public and not is_loopback(urlsplit(public).hostname or ""):
        openings.append(f"server.public_url is {public}")
    return openings


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that host: localhost, 127.0.0.0/8 or ::1; "" is every address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _smtp_is_open(settings: Settings) -> bool:
    return not all(is_loopback(split_address(listen)[0]) for _, listen in _smtp_ports(settings))


def _smtp_ports(settings: Settings) -> list[tuple[str, str]]:
    keys = ("listen", "tls_listen", "proxy_listen")
    return [(f"smtp.{key}", listen) for key in keys if (listen := getattr(settings.smtp, key))]
