"""How a sender proves itself: secrets that rotate, compared in constant time, and times that must be recent."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from gateway.webhooks.request import HookRefusedError, HookRequest

REPLAY_WINDOW = timedelta(minutes=5)
"""How far the time in a signature may be from ours, as Standard Webhooks and Stripe have it."""
_MOST_GIVEN = 10


def one_or_several(value: object) -> object:
    """A lone text as a list of one: for keys that take a value, or several while it is being changed."""
    return (value,) if isinstance(value, str) else value


def _none_empty(value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """An empty secret would let anybody sign."""
    if not all(secret.get_secret_value() for secret in value):
        raise ValueError("a secret is empty")
    return value


MaybeSecrets = Annotated[tuple[SecretStr, ...], BeforeValidator(one_or_several), AfterValidator(_none_empty)]
"""A secret, or a list of them while rotating, none empty; or no secret at all, where there is another way."""
Secrets = Annotated[MaybeSecrets, Field(min_length=1, description="a secret, or a list of them")]
"""A secret, or a list of them while rotating; none may be empty."""


def shown(secrets: Iterable[SecretStr]) -> list[str]:
    """The secrets themselves, to compute with."""
    return [secret.get_secret_value() for secret in secrets]


def check_one_of(given: str, expected: Iterable[str]) -> None:
    """Raises HookRefusedError unless a text is one of those expected; compares in constant time."""
    check_any_of([given] if given else [], expected)


def check_any_of(given: Sequence[str], expected: Iterable[str]) -> None:
    """The same for a sender that gives several signatures at once, of which one must be right."""
    if not given:
        raise HookRefusedError("signature missing")
    said = [text.encode("utf-8", "surrogatepass") for text in given[:_MOST_GIVEN]]
    equal = [hmac.compare_digest(one, text.encode()) for text in expected for one in said]
    if not any(equal):
        raise HookRefusedError("signature wrong")


def check_header(request: HookRequest, name: str, secrets: Iterable[SecretStr]) -> None:
    """Raises HookRefusedError unless a header holds one of the secrets itself."""
    check_one_of(request.headers.get(name, ""), shown(secrets))


def is_heartbeat(request: HookRequest, tokens: Sequence[SecretStr]) -> bool:
    """Whether the URL ends in `?heartbeat=TOKEN` with one of the tokens, which prove nothing but life.

    For apps that can put a heartbeat's proof nowhere else. Raises HookRefusedError for a wrong one.
    """
    given = request.parameters().get("heartbeat")
    if not given or not tokens:
        return False
    check_one_of(given[0], shown(tokens))
    return True


def check_basic(request: HookRequest, user: str, passwords: Iterable[SecretStr]) -> None:
    """Raises HookRefusedError unless the request has that user and one of the passwords (RFC 7617)."""
    pairs = [b64encode(f"{user}:{password}".encode()).decode() for password in shown(passwords)]
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    check_one_of(given.strip() if scheme.lower() == "basic" else "", pairs)


def hmac_sha256(secret: str, content: bytes) -> str:
    """HMAC-SHA256 in lower-case hexadecimal (RFC 2104)."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def check_recent(seconds: str, request: HookRequest, latest: timedelta = REPLAY_WINDOW) -> None:
    """Raises HookRefusedError unless a time, in seconds since 1970, is near the request's arrival.

    `latest` is how long after it the request may come: longer than usual for senders that come back for hours
    with the signature of their first attempt, and whose messages have ids, so that a replay adds nothing.
    """
    try:
        moment = datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise HookRefusedError("no time in the signature") from error
    if not -REPLAY_WINDOW <= request.received_at - moment <= latest:
        raise HookRefusedError("signed at another time")
