"""Who receives out-going webhooks: where one may lead, and the secret that it is signed with.

The address comes from an admin alone, never from a message.
"""

import base64
import binascii
import re
import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

from core.errors import InvalidRequestError

_PREFIX = "whsec_"
_BYTES = 32
_SHORTEST, _LONGEST = 24, 64
"""Bytes of a secret (standardwebhooks.com, specification 1.0)."""
_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.){0,30}[a-z0-9_-]{1,63}")
_LOCAL = (".localhost", ".local", ".internal", ".home.arpa", ".test")
"""Names that no public host has (RFC 6761, 6762, 8375; ICANN for .internal)."""


def check_address(url: str, *, value: bool) -> str:
    """The address, if a delivery may go there; raises InvalidRequestError.

    A code must not cross the internet in plain text: with `value`, http is for this machine and private networks.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:  # whose text may hold a password
        raise InvalidRequestError("`url` is no address such as https://app.example.com/otp") from None
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain or parts.scheme not in {"http", "https"} or not _is_host(host) or parts.fragment:
        raise InvalidRequestError("`url` must be an address such as https://app.example.com/otp, without #")
    if value and parts.scheme == "http" and not _is_near(host):
        raise InvalidRequestError("`url`: to a public host codes go by https only; begin it with https://")
    return url


def new_secret() -> str:
    """A new signing secret."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode("ascii")


def read_secret(text: str) -> str:
    """A secret that the user brings, in its canonical form; raises InvalidRequestError."""
    try:
        raw = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequestError("`secret` must be whsec_ and base64, such as this gateway makes") from error
    if not _SHORTEST <= len(raw) <= _LONGEST:
        raise InvalidRequestError(f"`secret` must be {_SHORTEST} to {_LONGEST} bytes in base64")
    return _PREFIX + base64.b64encode(raw).decode("ascii")


def _is_near(host: str) -> bool:
    """Whether it is this machine, a private network, or a name without dots, as containers have."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(_LOCAL)


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return bool(_NAME.fullmatch(host))
    return True
