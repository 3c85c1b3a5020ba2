"""Time- and counter-based codes from stored secrets (RFC 6238, RFC 4226, Steam), and reading those secrets."""

import base64
import binascii
import hashlib
import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import pyotp

from core.errors import InvalidRequestError

_SEPARATORS = re.compile("[\\s\\-_.\u200b-\u200d\u2060\ufeff]")  # what people and web pages put between the groups
_STEAM = "23456789BCDFGHJKMNPQRTVWXY"
_STEAM_LENGTH = 5
_LONGEST_SECRET = 2048
_ALL_DIGITS = 10
_LONGEST_NAME = 100
_DIGITS = range(6, 9)
_LONGEST_PERIOD = 3600
_LONGEST_NUMBER = 19
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Method(StrEnum):
    """How a code is made from its secret."""

    TOTP = "totp"
    HOTP = "hotp"
    STEAM = "steam"


class Hash(StrEnum):
    """The hash function of RFC 6238."""

    SHA1 = "SHA1"
    SHA256 = "SHA256"
    SHA512 = "SHA512"


K = TypeVar("K", Method, Hash)


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A secret and how codes are made from it; `seed` is base32 without padding."""

    seed: str = field(repr=False)
    method: Method = Method.TOTP
    hash: Hash = Hash.SHA1
    digits: int = 6
    period: int = 30
    """Seconds; of no meaning for HOTP."""
    counter: int = 0
    """The next counter, for HOTP."""
    issuer: str = ""
    account: str = ""

    def at(self, step: int) -> str:
        """The code of a time step or counter."""
        number = _truncated(self.seed, step, self.hash)
        if self.method is Method.STEAM:
            return "".join(_STEAM[number // len(_STEAM) ** place % len(_STEAM)] for place in range(_STEAM_LENGTH))
        return f"{number % 10**self.digits:0{self.digits}d}"

    def step(self, now: datetime) -> int:
        """The time step of a moment (RFC 6238, 4.2)."""
        return (now - _EPOCH) // timedelta(seconds=self.period)

    def begins(self, step: int) -> datetime:
        """When a time step begins: the moment when the one before ends."""
        return _EPOCH + step * timedelta(seconds=self.period)

    def valid_for(self, now: datetime) -> timedelta:
        """How long the code of this moment is still good."""
        return self.begins(self.step(now) + 1) - now


class _AnyLength(pyotp.OTP):
    """pyotp refuses secrets under 112 bits, which most sites still give out (80 bits: RFC 4226 asks for 128)."""

    def byte_secret(self) -> bytes:
        """The key of the secret, however long."""
        return base64.b32decode(self.secret + "=" * (-len(self.secret) % 8))


def _truncated(seed: str, moving: int, digest: Hash) -> int:
    """The 31-bit number of a time step or counter (RFC 4226, 5.3)."""
    whole = _AnyLength(seed, digits=_ALL_DIGITS, digest=getattr(hashlib, digest.value.lower()))
    return int(whole.generate_otp(moving))


def parse_secret(text: str) -> Secret:
    """The secret in base32 (however spaced or cased) or an `otpauth://` URI.

    Raises InvalidRequestError that says what is wrong, and holds nothing of the secret.
    Source: https://github.com/google/google-authenticator/wiki/Key-Uri-Format
    """
    written = text.strip()
    if len(written) > _LONGEST_SECRET:
        raise InvalidRequestError("the secret is too long")
    if written.lower().startswith("otpauth://"):
        return _from_uri(written)
    if written.lower().startswith("steam://"):
        return Secret(seed=_seed(written[len("steam://") :]), method=Method.STEAM, digits=_STEAM_LENGTH)
    return Secret(seed=_seed(written))


def write_uri(secret: Secret) -> str:
    """The secret as an `otpauth://` URI that `parse_secret` reads back."""
    label = f"{secret.issuer.replace(':', ' ')}:{secret.account}"
    method = Method.TOTP if secret.method is Method.STEAM else secret.method
    query = {"secret": secret.seed, "issuer": secret.issuer, "algorithm": secret.hash.value}
    query |= {"digits": str(secret.digits)}
    query |= {"counter": str(secret.counter)} if method is Method.HOTP else {"period": str(secret.period)}
    if secret.method is Method.STEAM:
        query |= {"encoder": "steam", "digits": "6"}
    return f"otpauth://{method.value}/{quote(label, safe='')}?{urlencode(query, quote_via=quote)}"


def seed_of(raw: bytes) -> str:
    """Raw key bytes in base32 without padding."""
    return base64.b32encode(raw).decode("ascii").rstrip("=")


def clean_name(text: str) -> str:
    """An issuer or account as it can be shown: without control and format characters, at most 100 characters."""
    shown = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    return shown.strip()[:_LONGEST_NAME].strip()


def _seed(text: str) -> str:
    """Base32 in capitals without padding; raises InvalidRequestError."""
    plain = _SEPARATORS.sub("", text).upper().rstrip("=")
    try:
        raw = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except (binascii.Error, ValueError) as error:
        raise InvalidRequestError("the secret is no base32 (letters A to Z and digits 2 to 7)") from error
    if not raw:
        raise InvalidRequestError("the secret is empty")
    return plain


def _from_uri(uri: str) -> Secret:
    try:
        parts = urlsplit(uri)
        query = {name.lower(): values[0] for name, values in parse_qs(parts.query, max_num_fields=20).items()}
    except ValueError:
        raise InvalidRequestError("the otpauth URI cannot be read") from None
    before, colon, behind = unquote(parts.path.lstrip("/")).partition(":")
    issuer, account = (before, behind) if colon else ("", before)
    secret = Secret(
        seed=_seed(query.get("secret", "")),
        method=_choice(Method, parts.netloc.lower(), "type"),
        hash=_choice(
            Hash, query.get("algorithm", "SHA1").upper().replace("-", "").removeprefix("HMAC"), "algorithm"
        ),
        digits=_number(query.get("digits", "6"), _DIGITS, "digits"),
        period=_number(query.get("period", "30"), range(1, _LONGEST_PERIOD + 1), "period"),
        counter=_number(query.get("counter", "0"), range(2**62), "counter"),
        issuer=clean_name(query.get("issuer", issuer)),
        account=clean_name(account),
    )
    steam = query.get("encoder", "").lower() == "steam" or secret.issuer.lower() == "steam"
    return replace(secret, method=Method.STEAM, digits=_STEAM_LENGTH) if steam else secret


def _choice(kind: type[K], text: str, name: str) -> K:
    try:
        return kind(text)
    except ValueError:  # whose text holds parts of the URI
        raise InvalidRequestError(f"the {name} of the otpauth URI is none of {', '.join(kind)}") from None


def _number(text: str, allowed: range, name: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else -1
    if number not in allowed:
        raise InvalidRequestError(f"{name} must be from {allowed.start} to {allowed.stop - 1}")
    return number
