"""Signing in with OAuth, and staying signed in: a provider that plays RFC 8628, and a Dovecot that believes it."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from gateway.mailboxes.errors import LostError, ShutOutError
from gateway.mailboxes.oauth import Client, by_browser, by_device, is_due, is_safe, refreshed
from tests.dovecot import Dovecot
from tests.gateway.mailboxes.conftest import Post, running
from tests.sign_in import CLIENT, SECRET, SignInServer

ROOT = Path(__file__).parents[3]
NOW = datetime.now(UTC)


@pytest.fixture
def provider() -> Iterator[SignInServer]:
    made = SignInServer()
    yield made
    made.close()


@pytest.fixture
def believing(authority: Path, provider: SignInServer) -> Iterator[Dovecot]:
    """A Dovecot that asks the provider whether a token is good."""
    yield from running(authority, introspection=f"{provider.url}/introspect")


@pytest.fixture
def client(provider: SignInServer) -> Client:
    urls = {"token_url": f"{provider.url}/token", "device_url": f"{provider.url}/device"}
    return Client(id=CLIENT, secret=SECRET, scope="mail", authorize_url="https://sign-in.example/auth", **urls)


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as made:
        yield made


def renewed(grant: dict[str, str]) -> dict[str, str]:
    async def renew() -> dict[str, str]:
        async with httpx.AsyncClient() as http:
            return await refreshed(grant, http)

    return asyncio.run(renew())


def test_a_person_types_a_code_and_a_provider_in_a_hurry_is_asked_less_often(
    provider: SignInServer, client: Client, http: httpx.Client
) -> None:
    provider.errors = ["authorization_pending", "slow_down", "authorization_pending", "slow_down"]
    told, slept = list[tuple[str, str]](), list[float]()
    grant = by_device(client, lambda *it: told.append(it), http, slept.append)
    assert told == [(f"{provider.url}/go", "WDJB-MJHT")]
    assert slept == [0, 0, 5, 5, 10]
    assert grant["refresh_token"]
    assert not is_due(grant, datetime.now(UTC))
    assert is_due(grant, datetime.now(UTC) + timedelta(seconds=3590))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("access_denied", "was refused"),
        ("expired_token", "in time"),
        ("invalid_scope", "does not give this app mail"),
        ("whatever", "refused the sign-in"),
    ],
)
def test_a_sign_in_that_fails_says_why(
    provider: SignInServer, client: Client, http: httpx.Client, error: str, said: str
) -> None:
    provider.errors = ["authorization_pending", error]
    with pytest.raises(ShutOutError, match=said):
        by_device(client, lambda *_: None, http, lambda _: None)


def test_nobody_is_waited_for_longer_than_the_code_lasts(
    provider: SignInServer, client: Client, http: httpx.Client
) -> None:
    provider.errors = ["slow_down"] * 100
    with pytest.raises(ShutOutError, match="in time"):
        by_device(client, lambda *_: None, http, lambda _: None)
    assert len(provider.errors) > 90


def test_a_person_pastes_where_the_browser_ended(
    provider: SignInServer, client: Client, http: httpx.Client
) -> None:
    assert by_browser(client, "me", provider.signed_in_by, http)["access_token"]
    with pytest.raises(ShutOutError, match="whole address"):
        by_browser(client, "me", lambda _: "http://127.0.0.1:41100/?code=x&state=another", http)


def test_refresh_tokens_that_rotate_are_each_used_once(client: Client, http: httpx.Client) -> None:
    grant = by_device(client, lambda *_: None, http, lambda _: None)
    first = renewed(grant)
    assert renewed(first)["access_token"] != first["access_token"]
    with pytest.raises(ShutOutError, match="mailbox add"):
        renewed(grant)


def test_a_token_server_that_is_away_is_no_reason_to_sign_in_again(client: Client, http: httpx.Client) -> None:
    grant = by_device(client, lambda *_: None, http, lambda _: None)
    with pytest.raises(LostError):
        renewed({**grant, "token_url": "http://127.0.0.1:1/token"})


def test_tokens_go_over_tls_alone_but_on_this_machine() -> None:
    safe = {"https://a.example/t": True, "http://127.0.0.1:80/t": True, "http://a.example/t": False, "x": False}
    assert {url: is_safe(url) for url in safe} == safe


def test_a_mailbox_is_added_by_a_device_code_and_stays_open_over_expired_and_revoked_tokens(
    post: Post, provider: SignInServer, believing: Dovecot
) -> None:
    dovecot = believing
    user = provider.user = dovecot.add_user("signed-in@example.com")
    provider.lasts, provider.errors = 1, ["authorization_pending"]
    ended = add(post, dovecot, user, provider)
    assert ended.returncode == 0, ended.stderr
    assert "type WDJB-MJHT" in ended.stderr
    post.wait_for(user, lambda one: one["state"] == "watching")
    dovecot.deliver(user, "Your code is 111222")
    assert post.value(user) == "111222"
    dovecot.stop()
    post.wait_for(user, lambda one: one["state"] == "lost")
    provider.lasts = 3600
    dovecot.start()
    post.wait_for(user, lambda one: one["state"] == "watching")
    before = provider.refreshes
    assert before >= 2  # each token lasted for a second
    provider.revoke()
    assert post.gateway.api.post(f"/v1/mailboxes/{user}/check").json() == {"idle": True, "messages": 1}
    provider.revoke()
    dovecot.stop()
    post.wait_for(user, lambda one: one["state"] == "lost")
    dovecot.start()
    post.wait_for(user, lambda one: one["state"] == "watching")
    dovecot.deliver(user, "Your code is 333444")
    assert post.value(user) == "333444"
    assert (provider.refreshes, provider.reused) == (before + 2, 0)
    assert post.shown(user)["method"] == "oauth"


def add(post: Post, dovecot: Dovecot, user: str, provider: SignInServer) -> subprocess.CompletedProcess[str]:
    """What a person runs."""
    command = [sys.executable, "-m", "gateway", "mailbox", "add", user, "--host", "127.0.0.1", "--oauth"]
    command += ["--port", str(dovecot.port), "--client-id", CLIENT, "--client-secret", SECRET, "--scope", "mail"]
    command += ["--token-url", f"{provider.url}/token", "--device-url", f"{provider.url}/device"]
    command += ["--url", post.gateway.url, "--key", post.gateway.key]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
