"""JSON Web Tokens (RFC 7519) that senders sign their requests with, judged by the gateway's own clock."""

import hashlib
import hmac
import warnings
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import jwt
from jwt.types import Options
from jwt.warnings import InsecureKeyLengthWarning
from pydantic import SecretStr

from gateway.webhooks.proof import REPLAY_WINDOW, shown
from gateway.webhooks.request import HookRefusedError, HookRequest

_HMAC = ("HS256", "HS384", "HS512")
_CHECKED_HERE: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
_LONGEST = 8192
warnings.filterwarnings("ignore", category=InsecureKeyLengthWarning)  # a provider's key is as long as it is


def bearer(request: HookRequest) -> str:
    """The token of `Authorization: Bearer TOKEN` (RFC 6750, 2.1); "" where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def claims_of(
    token: str, secrets: Iterable[SecretStr], request: HookRequest, latest: timedelta = REPLAY_WINDOW
) -> Mapping[str, Any]:
    """The claims of a token that one of the secrets signed by HMAC and that is of this time.

    Of this time: not expired, not for later, and made at most `latest` ago, as far as it says.
    Raises HookRefusedError for any other.
    """
    if not token:
        raise HookRefusedError("signature missing")
    for secret in shown(secrets):
        claims = _signed(token, secret)
        if claims is not None:
            _check_times(claims, request, latest / timedelta(seconds=1))
            return claims
    raise HookRefusedError("signature wrong")


def check_hash(claims: Mapping[str, Any], name: str, content: bytes) -> None:
    """Raises HookRefusedError unless a claim holds the SHA-256 of the content in hexadecimal."""
    told = str(claims.get(name, "")).lower().encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(told, hashlib.sha256(content).hexdigest().encode()):
        raise HookRefusedError(f"{name} wrong")


def _signed(token: str, secret: str) -> Mapping[str, Any] | None:
    if len(token) > _LONGEST:
        return None
    try:
        claims: Mapping[str, Any] = jwt.decode(token, secret, algorithms=list(_HMAC), options=_CHECKED_HERE)
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None
    return claims


def _check_times(claims: Mapping[str, Any], request: HookRequest, latest: float) -> None:
    now, window = request.received_at.timestamp(), REPLAY_WINDOW / timedelta(seconds=1)
    made, first, last = (_seconds(claims, name) for name in ("iat", "nbf", "exp"))
    if made is None and last is None:
        raise HookRefusedError("no time in the signature")
    told = (
        made is None or -window <= now - made <= latest,
        first is None or first <= now + window,
        last is None or now < last + window,
    )
    if not all(told):
        raise HookRefusedError("signed at another time")


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise HookRefusedError("no time in the signature")
    return float(value)
