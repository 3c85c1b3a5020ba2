"""Mails by which a provider asks to confirm that mail may be forwarded here."""

from dataclasses import dataclass, field

from core.markup import Page
from core.mime import Mail


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """A provider's request to confirm forwarding."""

    kind: str
    link: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    identifier: str = ""


def confirmation(mail: Mail, page: Page | None, *, mail_from: str = "") -> Confirmation | None:
    """What a forwarding confirmation asks, or None when the mail is none."""
    del mail, page, mail_from
    return None
