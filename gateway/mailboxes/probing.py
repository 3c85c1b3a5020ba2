"""Looks once whether a mailbox can be watched, for the person who adds it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from core.settings import MailboxSettings
from core.store import Mailbox, ReadUpTo
from gateway.mailboxes.entering import Entrance
from gateway.mailboxes.errors import LostError, ShutOutError
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


def probe(mailbox: Mailbox, settings: MailboxSettings, clock: Callable[[], datetime]) -> Probed:
    """Log in and look at the folder; raises a MailboxError, whose text says what to do."""
    return asyncio.run(_probe(mailbox, settings, clock))


async def _probe(mailbox: Mailbox, settings: MailboxSettings, clock: Callable[[], datetime]) -> Probed:
    secret = mailbox.secret

    async def keep(grant: Mapping[str, str]) -> None:
        nonlocal secret
        secret = grant

    try:
        tls = trusting(settings.ca_file)
    except OSError as error:
        raise ShutOutError("certificate", "mailboxes.ca_file cannot be used") from error
    async with httpx.AsyncClient(verify=tls) as http:
        entrance = Entrance(tls=tls, fetch_bytes=settings.fetch_kib * 1024, http=http, clock=clock)
        try:
            async with asyncio.timeout(_SECONDS):
                connection = await entrance.enter(mailbox, keep)
                try:
                    folder = await connection.select()
                finally:
                    connection.close()
        except TimeoutError as error:
            raise LostError("silent", f"{mailbox.host} answers too slowly") from error
    end = ReadUpTo(uid_validity=folder.uid_validity, last_uid=folder.uid_next - 1)
    return Probed(idle=connection.idles, messages=folder.exists, end=end, secret=secret)
