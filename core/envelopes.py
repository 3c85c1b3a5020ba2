"""Envelope addresses as they come: routes, hacks and domains, before anyone trusts them."""

import re
import secrets
from collections.abc import Sequence

from core.errors import ForeignDomainError, InvalidIdentifierError
from core.identifiers import ascii_domain, normalize

_TYPEABLE = "0123456789abcdefghjkmnpqrstvwxyz"
"""Thirty-two letters and digits without i, l, o and u, which people mistype (Crockford's base 32)."""
_SECRET_LENGTH = 16  # 5 bits a letter: 80 bits
_LOOK_ALIKES = str.maketrans("ilo", "110")
_ROUTED = re.compile(r"[%!@]")  # user%host, host!user and "user@host": relays of old read a second domain there


def bare_address(address: str) -> str:
    """The address without angle brackets, `rfc822;` (RFC 3461) and source route (RFC 5321, appendix C)."""
    text = address.strip().removeprefix("<").removesuffix(">").strip()
    if text[:7].lower() == "rfc822;":
        text = text[7:].strip()
    if text.startswith("@") and ":" in text:
        text = text.split(":", 1)[1]
    return text


def mailbox_identifier(address: str) -> str:
    """The identifier of an address as written in an envelope or a header; "" when it is no mailbox."""
    try:
        identifier = normalize(bare_address(address))
    except InvalidIdentifierError:
        return ""
    return identifier if "@" in identifier else ""


def in_domains(domain: str, domains: Sequence[str]) -> bool:
    """Whether a domain is one of `domains`; `*.example` there stands for every subdomain of `example`."""
    name = _plain(domain)
    return any(_covers(_plain(listed), name) for listed in domains) if name else False


def check_domain(address: str, domains: Sequence[str]) -> None:
    """Return when we take mail for the address; asked at RCPT, before anything else is known.

    No `domains` means any. A second domain inside the local part (`user%there@here`, `there!user@here`,
    `"user@there"@here`) asks us to relay. Raises ForeignDomainError.
    """
    if not domains or bare_address(address).lower() == "postmaster":  # RFC 5321, 4.5.1: without a domain
        return
    local, at, domain = bare_address(address).rpartition("@")
    if not (at and local) or _ROUTED.search(local) or not in_domains(domain, domains):
        raise ForeignDomainError("this gateway takes no mail for that domain")


def new_secret_address() -> str:
    """A local part that nobody can guess: 80 random bits in 16 letters and digits that are easy to type."""
    return "".join(secrets.choice(_TYPEABLE) for _ in range(_SECRET_LENGTH))


def as_secret_address(local_part: str) -> str:
    """The issued form of a local part that a person typed: lower case, look-alikes read as digits.

    "" where it is none of ours by its length or letters: that needs no look into the registry.
    """
    typed = local_part.partition("+")[0].lower().translate(_LOOK_ALIKES)
    return typed if len(typed) == _SECRET_LENGTH and set(_TYPEABLE).issuperset(typed) else ""


def _covers(listed: str, name: str) -> bool:
    return name.endswith(listed[1:]) if listed.startswith("*.") else name == listed


def _plain(domain: str) -> str:
    text = domain.strip().rstrip(".").lower()
    if text.startswith("["):  # an address literal (RFC 5321, 4.1.3) is taken only when listed as such
        return text
    wild = "*." if text.startswith("*.") else ""
    name = ascii_domain(text.removeprefix("*."))
    return wild + name if name else ""
