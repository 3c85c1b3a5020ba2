"""Gets into a mailbox: by its password, or by its OAuth grant, renewed where that is due."""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx

from core.store import Mailbox
from gateway.mailboxes.connection import Connection, opened
from gateway.mailboxes.errors import ShutOutError
from gateway.mailboxes.grammar import Login
from gateway.mailboxes.oauth import is_due, refreshed

Keep = Callable[[Mapping[str, str]], Awaitable[None]]
"""Keeps a renewed grant; called before it is used, since the one before may be void by then."""


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """What getting into any mailbox needs."""

    tls: ssl.SSLContext
    fetch_bytes: int
    http: httpx.AsyncClient
    clock: Callable[[], datetime]

    async def enter(self, mailbox: Mailbox, keep: Keep) -> Connection:
        """A connection that is logged in; a token that is not accepted is renewed once. Raises MailboxError."""
        secret = mailbox.secret
        try:
            return await self._opened(mailbox, secret, keep)
        except ShutOutError as error:
            if error.reason != "login refused" or "refresh_token" not in secret or is_due(secret, self.clock()):
                raise
        return await self._opened(mailbox, {**secret, "expires_at": "0"}, keep)

    async def _opened(self, mailbox: Mailbox, secret: Mapping[str, str], keep: Keep) -> Connection:
        if "refresh_token" in secret and is_due(secret, self.clock()):
            secret = await refreshed(secret, self.http)
            await keep(secret)
        login = Login(
            name=mailbox.login, password=secret.get("password", ""), token=secret.get("access_token", "")
        )
        return await opened(mailbox, login, self.tls, self.fetch_bytes)
