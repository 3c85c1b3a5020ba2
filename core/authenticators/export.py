"""What was read of an export, and how an entry of one becomes a secret."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from core.errors import InvalidRequestError
from core.totp import Secret, clean_name, parse_secret

MOST = 5000
"""Entries of one export."""


@dataclass(frozen=True, kw_only=True)
class Export:
    """The secrets of an export; each names its account and issuer where the export does."""

    secrets: tuple[Secret, ...] = ()
    unread: tuple[str, ...] = ()
    """Each entry that could not be read: its name and why; nothing of its secret."""
    missing: int = 0
    """How many more pictures belong to this export."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry as exported: a secret or URI, and what the entry is called."""

    secret: str = field(repr=False)
    title: str = ""
    account: str = ""


def collect(entries: Iterable[Entry]) -> Export:
    """The entries as secrets; the entry's title and account fill in what its URI does not say."""
    secrets, unread = [], []
    for number, entry in enumerate(entries, start=1):
        if number > MOST:
            raise InvalidRequestError(f"there are more than {MOST} entries in it")
        try:
            secrets.append(_named(parse_secret(entry.secret), entry))
        except InvalidRequestError as error:
            unread.append(f"{clean_name(entry.title) or f'entry {number}'}: {error}")
    return Export(secrets=tuple(secrets), unread=tuple(unread))


def _named(secret: Secret, entry: Entry) -> Secret:
    return replace(
        secret,
        issuer=secret.issuer or clean_name(entry.title),
        account=secret.account or clean_name(entry.account),
    )
