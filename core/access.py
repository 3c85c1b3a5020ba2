"""API keys: making them, telling a right one from a wrong one, and what each may do."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal, get_args

from core.errors import InvalidRequestError, UnauthenticatedError
from core.store import ApiKey

Scope = Literal["push", "read", "claim", "messages", "totp:write", "admin"]
SCOPES: tuple[str, ...] = get_args(Scope)
_PREFIX = "otpgate"
_NO_DIGEST = "0" * 64
SEND_A_KEY = "send a valid API key as `x-api-key` or `Authorization: Bearer`"
"""What a caller is told who has no key, or one that is not good."""


def mint(
    name: str, scopes: Sequence[str], only: Sequence[str], lasts: timedelta | None, now: datetime
) -> tuple[str, ApiKey, str]:
    """A new key: its text (shown once), its record, and the digest to store.

    256 random bits need no slow hash (NIST SP 800-63B, 5.1.1.2 is about passwords); SHA-256 keeps the
    stored form useless. Raises InvalidRequestError for an unknown scope.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise InvalidRequestError(f"name at least one scope of: {', '.join(SCOPES)}")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    record = ApiKey(
        id=key_id,
        name=name,
        scopes=tuple(dict.fromkeys(scopes)),
        only=tuple(pattern.casefold() for pattern in only),
        created_at=now,
        expires_at=now + lasts if lasts else None,
    )
    return f"{_PREFIX}_{key_id}_{secret}", record, digest(secret)


def digest(secret: str) -> str:
    """What is stored of a key's secret part."""
    return hashlib.sha256(secret.encode()).hexdigest()


def verify(text: str, find: Callable[[str], tuple[ApiKey, str] | None], now: datetime) -> ApiKey:
    """The record of a key's text; raises UnauthenticatedError alike for unknown, wrong, revoked and expired."""
    prefix, _, rest = text.strip().partition("_")
    key_id, _, secret = rest.partition("_")
    found = find(key_id) if prefix == _PREFIX and key_id.isalnum() else None
    record, stored = found or (None, _NO_DIGEST)
    right = hmac.compare_digest(digest(secret), stored)
    if not right or record is None or not lives(record, now):
        raise UnauthenticatedError(SEND_A_KEY)
    return record


def allows(key: ApiKey, *scopes: str) -> bool:
    """Whether a key has one of the scopes; admin has all."""
    return "admin" in key.scopes or any(scope in key.scopes for scope in scopes)


def may_see(key: ApiKey, identifier: str) -> bool:
    """Whether a key is for that identifier; a key without patterns is for all.

    In a pattern `*` stands for any text and `?` for one character, as in `core.store.Page`.
    """
    return matches(identifier, key.only)


def matches(identifier: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns is for that identifier; none is for all."""
    return not patterns or any(fnmatchcase(identifier, pattern.replace("[", "[[]")) for pattern in patterns)


def still_lives(key: ApiKey, find: Callable[[str], tuple[ApiKey, str] | None], now: datetime) -> bool:
    """Whether a key that was good has been neither revoked nor expired since."""
    found = find(key.id)
    return found is not None and lives(found[0], now)


def lives(key: ApiKey, now: datetime) -> bool:
    """Whether a key is neither revoked nor expired."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)
