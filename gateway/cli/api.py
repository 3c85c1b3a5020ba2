"""The gateway's HTTP API as client commands call it; every failure says what to do."""

import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from core.errors import OtpgateError

_PATIENCE = 10.0
"""Seconds that an answer may take beyond the time for which the gateway was asked to hold it."""
_LATER = frozenset({429, 502, 503, 504})


class CallError(OtpgateError):
    """The gateway did not do what a command asked; the text says what to do, `senders` whose codes match."""

    def __init__(self, text: str, senders: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.senders = senders


class NotThereError(CallError):
    """There is no such thing, or not for this key."""


class LaterError(CallError):
    """The gateway asks to try again a moment later, or the way to it broke."""


class UnreachableError(LaterError):
    """Nobody answers at the address."""


class Gateway:
    """One gateway's HTTP API, called with one key."""

    def __init__(self, url: str, key: str, data_dir: Path, *, verify: ssl.SSLContext | bool = True) -> None:
        """Use the key, or when it is empty the one in the data folder's `admin.key`; raises CallError."""
        self._url = url
        self._key, self._key_from = (key, "--key or OTPGATE_KEY") if key else _admin_key(data_dir)
        self._client = httpx.Client(
            base_url=url,
            headers={b"x-api-key": self._key.encode("utf-8", "replace")},
            verify=verify,
            trust_env=not _is_here(url),  # a proxy for the outside must not see this machine's key
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def call(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, hold: float = 0.0
    ) -> dict[str, Any]:
        """The JSON object that the gateway answers, {} for an empty answer; raises CallError.

        `hold` is how long, in seconds, the gateway was asked to wait for something.
        """
        response = self._send(method, path, body, hold)
        if response.status_code == httpx.codes.NO_CONTENT:
            return {}
        answer = _object(response)
        if response.is_success and answer is not None:
            return answer
        raise self._refusal(response.status_code, answer or {})

    def _send(self, method: str, path: str, body: dict[str, Any] | None, hold: float) -> httpx.Response:
        try:
            return self._client.request(method, path, json=body, timeout=_PATIENCE + hold)
        except httpx.ConnectError as error:
            raise UnreachableError(
                f"no gateway answers at {self._url}: start one with `otpgate serve`, "
                "or say where it is with --url or OTPGATE_URL"
            ) from error
        except httpx.TimeoutException as error:
            raise LaterError(f"the gateway at {self._url} did not answer in time: try again") from error
        except httpx.HTTPError:  # whose text may hold the key
            raise LaterError(f"the connection to {self._url} broke: try again") from None
        except httpx.InvalidURL as error:
            raise CallError(f"{self._url} is no address: write it as http://127.0.0.1:8025") from error

    def _refusal(self, status: int, answer: dict[str, Any]) -> CallError:
        detail = str(answer.get("detail", ""))
        if status in _LATER:
            return LaterError(detail or f"what answers at {self._url} is not ready ({status}): try again later")
        if not detail:
            return CallError(f"what answers at {self._url} is no otpgate ({status}): check --url or OTPGATE_URL")
        if status == httpx.codes.UNAUTHORIZED:
            return CallError(
                f"the gateway at {self._url} does not know this key (from {self._key_from}): it may be "
                "mistyped, revoked, expired or another gateway's; give a valid one with --key or OTPGATE_KEY"
            )
        if status == httpx.codes.FORBIDDEN:
            return CallError(
                f"{detail}: this key (from {self._key_from}) lacks the scope; see `otpgate keys --help`"
            )
        if status == httpx.codes.NOT_FOUND:
            return NotThereError(f"{detail}: check the spelling, and what the key is narrowed to (--only)")
        return CallError(detail, tuple(map(str, answer.get("senders", ()))))


def _admin_key(data_dir: Path) -> tuple[str, str]:
    """The key that the first start of the gateway left, and the file that it is in."""
    file = data_dir / "admin.key"
    try:
        return file.read_text(encoding="ascii").strip(), str(file)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds no key"
        raise CallError(
            f"there is no API key: give one with --key or OTPGATE_KEY, or say with --data-dir where the "
            f"gateway keeps its data ({file}: {reason})"
        ) from error


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
