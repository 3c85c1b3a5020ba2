"""Looks once whether a mailbox can be watched, for the person who adds it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from core.settings import MailboxSettings
from core.store import Mailbox, ReadUpTo
from gateway.mailboxes.connection import opened
from gateway.mailboxes.errors import LostError, ShutOutError
from gateway.mailboxes.grammar import Login
from gateway.mailboxes.oauth import is_due, refreshed
from gateway.mailboxes.transport import trusting

_SECONDS = 25.0


@dataclass(frozen=True, kw_only=True)
class Probed:
    """What a mail server said."""

    idle: bool
    messages: int
    end: ReadUpTo
    """The present end of the folder: whatever comes is behind it."""
    secret: Mapping[str, str] = field(repr=False)
    """The mailbox's, with a renewed grant where that was due."""


def probe(mailbox: Mailbox, settings: MailboxSettings, now: datetime) -> Probed:
    """Log in and look at the folder; raises a MailboxError, whose text says what to do."""
    return asyncio.run(_probe(mailbox, settings, now))


async def _probe(mailbox: Mailbox, settings: MailboxSettings, now: datetime) -> Probed:
    try:
        async with asyncio.timeout(_SECONDS):
            secret = await _renewed(mailbox.secret, now)
            login = Login(
                name=mailbox.login, password=secret.get("password", ""), token=secret.get("access_token", "")
            )
            connection = await opened(mailbox, login, trusting(settings.ca_file), settings.fetch_kib * 1024)
            try:
                folder = await connection.select()
            finally:
                connection.close()
    except TimeoutError as error:
        raise LostError("silent", f"{mailbox.host} answers too slowly") from error
    except OSError as error:
        raise ShutOutError("certificate", "mailboxes.ca_file cannot be used") from error
    end = ReadUpTo(uid_validity=folder.uid_validity, last_uid=folder.uid_next - 1)
    return Probed(idle=connection.idles, messages=folder.exists, end=end, secret=secret)


async def _renewed(secret: Mapping[str, str], now: datetime) -> Mapping[str, str]:
    if "refresh_token" not in secret or not is_due(secret, now):
        return secret
    async with httpx.AsyncClient() as http:
        return await refreshed(secret, http)
