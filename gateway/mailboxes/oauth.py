"""OAuth 2.0 grants for mailboxes: signing in once (RFC 8628; RFC 8252 with PKCE), refreshing (RFC 6749, 6).

A grant is a flat dictionary, sealed in the database as a whole: client_id, client_secret, token_url, scope,
refresh_token, access_token, and expires_at in seconds since 1970.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from core.exposure import is_loopback
from gateway.mailboxes.errors import LostError, ShutOutError

REDIRECT = "http://127.0.0.1:41100/"
"""Where the browser ends; nobody listens there: its address is pasted, so that it works over SSH too."""
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_EARLY = 60.0
"""Seconds before its end at which an access token is renewed."""
_SLOWER = 5.0
_PATIENCE = 20.0
Answer = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Client:
    """An app that the operator registered with the provider, and where its sign-in is."""

    id: str
    secret: str = field(default="", repr=False)
    scope: str
    token_url: str
    device_url: str = ""
    authorize_url: str = ""

    def form(self, **more: str) -> dict[str, str]:
        """The fields of a request to the token server."""
        own = {"client_id": self.id, "client_secret": self.secret}
        return {name: value for name, value in {**own, **more}.items() if value}


def is_safe(url: str) -> bool:
    """Whether tokens may be sent there: over TLS, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def by_device(
    client: Client,
    show: Callable[[str, str], None],
    http: httpx.Client,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, str]:
    """A grant, once a person has typed the code that `show(address, code)` tells them (RFC 8628).

    Raises ShutOutError when they refuse or wait too long, LostError when the provider does not answer.
    """
    begun = _asked(http, client.device_url, {"client_id": client.id, "scope": client.scope})
    if "device_code" not in begun:
        raise _denied(begun)
    show(str(begun.get("verification_uri", "")), str(begun.get("user_code", "")))
    interval = _seconds(begun, "interval", _SLOWER)
    left = _seconds(begun, "expires_in", 900.0)
    asked = client.form(grant_type=_DEVICE_GRANT, device_code=str(begun["device_code"]))
    while left > 0:
        sleep(interval)
        left -= max(interval, 0.1)
        answer = _asked(http, client.token_url, asked)
        if "access_token" in answer:
            return _grant(client, answer)
        if answer.get("error") == "slow_down":
            interval += _SLOWER  # RFC 8628, 3.5
        elif answer.get("error") != "authorization_pending":
            raise _denied(answer)
    raise ShutOutError("expired", "nobody signed in in time: try again")


def by_browser(client: Client, login: str, ask: Callable[[str], str], http: httpx.Client) -> dict[str, str]:
    """A grant, once a person has signed in at an address and `ask(address)` told where the browser ended.

    The code is bound to this call by PKCE and `state` (RFC 7636; RFC 9700, 4.7). Raises as `by_device`.
    """
    state, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": REDIRECT,
        "scope": client.scope,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
        "login_hint": login,
    }
    ended = parse_qs(urlsplit(ask(f"{client.authorize_url}?{urlencode(query)}").strip()).query)
    if ended.get("state") != [state] or "code" not in ended:
        raise ShutOutError(
            "not signed in", "that is not where this sign-in ends: paste the browser's whole address"
        )
    form = client.form(grant_type="authorization_code", code=ended["code"][0], redirect_uri=REDIRECT)
    answer = _asked(http, client.token_url, {**form, "code_verifier": verifier})
    if "access_token" not in answer:
        raise _denied(answer)
    return _grant(client, answer)


def is_due(grant: Mapping[str, str], now: datetime) -> bool:
    """Whether the access token is at its end."""
    return now.timestamp() > float(grant.get("expires_at") or 0) - _EARLY


async def refreshed(grant: Mapping[str, str], http: httpx.AsyncClient) -> dict[str, str]:
    """The grant with a new access token, and the new refresh token where the provider rotates them.

    Raises ShutOutError when somebody must sign in again, LostError when the provider does not answer.
    """
    client = Client(
        id=grant["client_id"], secret=grant["client_secret"], scope=grant["scope"], token_url=grant["token_url"]
    )
    form = client.form(grant_type="refresh_token", refresh_token=grant["refresh_token"], scope=client.scope)
    try:
        answer = _object(await http.post(client.token_url, data=form, timeout=_PATIENCE))
    except httpx.HTTPError as error:
        raise LostError("no token", "the provider's token server does not answer") from error
    if "access_token" not in answer:
        raise _denied(answer)
    return _grant(client, {"refresh_token": grant["refresh_token"], **answer})


def _asked(http: httpx.Client, url: str, form: Mapping[str, str]) -> Answer:
    try:
        return _object(http.post(url, data=dict(form), timeout=_PATIENCE))
    except httpx.TimeoutException:
        return {"error": "slow_down"}  # RFC 8628, 3.5: after a time-out, ask less often
    except httpx.HTTPError as error:
        raise LostError("no token", f"nothing answers at {url}") from error


def _object(response: httpx.Response) -> Answer:
    """The JSON object of an answer; raises LostError for the server's own trouble."""
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or response.is_server_error:
        raise LostError("no token", "the provider's token server is in trouble: try again later")
    return answer


def _denied(answer: Answer) -> ShutOutError:
    """What an error of RFC 6749, 5.2, or RFC 8628, 3.5, means to a person."""
    texts = {
        "access_denied": "the sign-in was refused",
        "expired_token": "nobody signed in in time: try again",
        "invalid_client": "the provider does not know this --client-id, or wants another --client-secret",
        "unauthorized_client": "the provider allows this app no sign-in of that kind: see the page on mailboxes",
        "invalid_scope": "the provider does not give this app mail by that sign-in: see the page on mailboxes",
        "invalid_grant": "the sign-in is not valid any more: run `otpgate mailbox add` again",
    }
    error = str(answer.get("error", ""))
    return ShutOutError("sign-in refused", texts.get(error, "the provider refused the sign-in"))


def _grant(client: Client, answer: Answer) -> dict[str, str]:
    if not answer.get("refresh_token"):
        raise ShutOutError(
            "no refresh token", "the provider gave no refresh token: the app must ask for offline access"
        )
    lasts = _seconds(answer, "expires_in", 300.0)
    return {
        "client_id": client.id,
        "client_secret": client.secret,
        "token_url": client.token_url,
        "scope": client.scope,
        "refresh_token": str(answer["refresh_token"]),
        "access_token": str(answer["access_token"]),
        "expires_at": str(int(time.time() + lasts)),
    }


def _seconds(answer: Answer, name: str, otherwise: float) -> float:
    try:
        return min(max(float(answer[name]), 0.0), 86_400.0)
    except (KeyError, TypeError, ValueError):
        return otherwise
