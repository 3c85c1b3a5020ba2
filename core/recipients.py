"""Who a message was for, with the evidence (CONTRACT, "Whose message it is")."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from core.envelopes import (
    as_secret_address,
    bare_address,
    check_domain,
    in_domains,
    mailbox_identifier,
    new_secret_address,
)
from core.errors import InvalidIdentifierError
from core.forwards import Original
from core.identifiers import normalize
from core.mime import Mail, mailboxes

__all__ = ["Recipient", "Registry", "check_domain", "named", "new_secret_address", "resolve"]

STAMPS = (
    "x-simplelogin-envelope-to",  # SimpleLogin, app/email/headers.py
    "x-anonaddy-original-to",  # addy.io, its documentation of forwarded messages
    "x-gm-original-to",  # Google Workspace routing, "Add X-Gm-Original-To header"
    "x-forwarded-for",  # Gmail filters and Cloudflare: the mailbox, then where it went
    "x-pm-forwarded-from",  # Proton Mail forwarding
    "x-ms-exchange-inbox-rules-loop",  # Outlook and Exchange rules that redirect
    "x-ms-exchange-forwardingloop",  # Exchange mailbox forwarding
    "resent-from",  # RFC 5322, 3.6.6: who sent it on unchanged
    "x-delivered-to",  # Fastmail
    "x-original-to",  # Postfix, virtual(5)
    "original-recipient",  # RFC 8098, 2.3; iCloud
    "x-envelope-to",  # qmail and GMX
    "envelope-to",  # Exim, transport option envelope_to_add
    "delivered-to",  # Postfix, qmail, Gmail
    "x-beenthere",  # Mailman and Google Groups: the list itself
)
"""Headers in which forwarders note the mailbox that the mail first went to, the most telling first."""

_ADDRESS = re.compile(r"[^\s<>,;:()\"\[\]]{1,64}@[^\s<>,;:()\"\[\]]{1,255}")
_RECEIVED_FOR = re.compile(r"\bfor\s+<([^<>\s]{3,320})>", re.IGNORECASE)
_GMAIL_ENVELOPE = re.compile(r"(?P<user>[^@\s]{1,64}?)\+caf_=[^@\s]{1,300}@(?P<host>[^@\s]{1,255})", re.IGNORECASE)
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_LONGEST_TOLD = 320
_NOBODY = "what the sender names is neither a mailbox nor a phone number"
_LOOKED_AT = 40
"""How many addresses of one rank are looked up: chains of forwards are short, made-up headers need not be."""


class Registry(Protocol):
    """What recipients needs to ask about registered identifiers; the store answers it."""

    def by_secret_address(self, local_part: str) -> str | None:
        """The identifier that this secret address was issued for, or None."""

    def owner(self, identifier: str) -> str | None:
        """The canonical form of a registered identifier or alias, or None when it is not registered."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Whose message it is: the identifier, CONTRACT's `identity_source`, and a phrase for a person."""

    identifier: str
    source: str
    evidence: str
    nobody: bool = False
    """It is no identifier: the message is kept, and nothing in it can be handed out."""


def resolve(  # noqa: PLR0913 - the keyword arguments are the envelope and what the gateway knows of itself
    rcpt: str,
    mail: Mail,
    original: Original | None,
    *,
    registry: Registry,
    orcpt: str = "",
    mail_from: str = "",
    gateway_domains: Sequence[str] = (),
) -> Recipient:
    """Whose message a mail is that came for `rcpt`, by CONTRACT's order of evidence; never raises.

    `original` is the innermost forwarded message, `orcpt` the address of RFC 3461's ORCPT, and an address
    in `gateway_domains` is taken for the mailbox that a site wrote to only from To or Cc, and only where
    nothing else names one: somebody may live there, as `alice@gw.example` beside `otp@gw.example`.
    """
    asked = _Asked(rcpt=mailbox_identifier(rcpt), registry=registry, domains=tuple(gateway_domains))
    found = (
        asked.issued(rcpt, orcpt)
        or asked.encoded(rcpt)
        or asked.registered()
        or asked.first(_stamps(mail, mail_from, orcpt), named_by=_written_to(mail))
        or asked.first(_written_to(mail), named_by=())
        or asked.first(_forwarded(mail, original), named_by=())
        or asked.first(_written_to(mail), named_by=(), at_home=True)
    )
    return found or asked.last(rcpt)


def named(told: str, registry: Registry, default_region: str, *, pushed: bool) -> Recipient:
    """Whom a push or an SMS names.

    An SMS for somebody who is no identifier is kept for nobody, since whoever brought it cannot mend that; such a
    push raises InvalidIdentifierError.
    """
    source = "pushed" if pushed else "webhook"
    try:
        identifier = normalize(told, default_region)
    except InvalidIdentifierError:
        if pushed:
            raise
        return Recipient(
            identifier=told.strip()[:_LONGEST_TOLD] or "nobody", source=source, evidence=_NOBODY, nobody=True
        )
    owner = registry.owner(identifier)
    return Recipient(identifier=owner or identifier, source=source, evidence="named by the sender")


@dataclass(frozen=True, kw_only=True)
class _Claim:
    """One address that some header or text names as the mailbox."""

    address: str
    source: str
    evidence: str

    @property
    def identifier(self) -> str:
        return mailbox_identifier(self.address)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One recipient of one mail, while its owner is looked for."""

    rcpt: str
    registry: Registry
    domains: tuple[str, ...] = field(default=())

    def issued(self, rcpt: str, orcpt: str) -> Recipient | None:
        for address in (rcpt, orcpt):
            secret = as_secret_address(bare_address(address).rpartition("@")[0])
            owner = self.registry.by_secret_address(secret) if secret else None
            if owner:
                return Recipient(identifier=owner, source="rcpt-token", evidence="sent to its secret address")
        return None

    def encoded(self, rcpt: str) -> Recipient | None:
        _, plus, named = bare_address(rcpt).rpartition("@")[0].partition("+")
        user, equals, domain = named.rpartition("=")
        identifier = mailbox_identifier(f"{user}@{domain}") if plus and equals and "." in domain else ""
        if not identifier:
            return None
        return self._recipient(identifier, "rcpt-encoded", "the recipient's address names it (user=domain)")

    def registered(self) -> Recipient | None:
        owner = self.registry.owner(self.rcpt) if self.rcpt else None
        return Recipient(identifier=owner, source="rcpt", evidence="a registered address") if owner else None

    def first(
        self, claims: Iterable[_Claim], *, named_by: Iterable[_Claim], at_home: bool = False
    ) -> Recipient | None:
        """The best claim of one rank: a registered one, else one that `named_by` confirms, else the first.

        Those in the gateway's own domains count only `at_home`.
        """
        is_barred = self._hides if at_home else self._ours
        known = [(claim, claim.identifier) for claim in islice(claims, _LOOKED_AT)]
        theirs = [(claim, identifier) for claim, identifier in known if identifier and not is_barred(identifier)]
        confirmed = {claim.identifier for claim in named_by} if theirs else set()
        ranked = sorted(theirs, key=lambda it: (self.registry.owner(it[1]) is None, it[1] not in confirmed))
        for claim, identifier in ranked[:1]:
            return self._recipient(identifier, claim.source, claim.evidence)
        return None

    def last(self, rcpt: str) -> Recipient:
        identifier = self.rcpt or bare_address(rcpt).casefold()
        return Recipient(identifier=identifier, source="rcpt", evidence="nothing else names a mailbox")

    def _ours(self, identifier: str) -> bool:
        return identifier == self.rcpt or in_domains(identifier.rpartition("@")[2], self.domains)

    def _hides(self, identifier: str) -> bool:
        """Whether it is the RCPT itself or, by its looks, a secret address, which no log may show."""
        return identifier == self.rcpt or bool(as_secret_address(identifier.rpartition("@")[0]))

    def _recipient(self, identifier: str, source: str, evidence: str) -> Recipient:
        canonical = self.registry.owner(identifier) or identifier
        return Recipient(identifier=canonical, source=source, evidence=evidence)


def _stamps(mail: Mail, mail_from: str, orcpt: str) -> list[_Claim]:
    found = list(_stamped(mail, mail_from))
    if orcpt:
        address = _XTEXT.sub(lambda m: chr(int(m[1], 16)), orcpt)
        found.append(_stamp("original-recipient", address))
    for value in reversed(mail.headers.all("received")):
        found.extend(_stamp("received", match) for match in _RECEIVED_FOR.findall(value[:2000]))
    return found


def _stamped(mail: Mail, mail_from: str) -> Iterator[_Claim]:
    for name in STAMPS:
        for value in reversed(mail.headers.all(name)):  # the lowest is the first hop: what the site wrote to
            match = _ADDRESS.search(bare_address(value[:2000]))
            if match:
                yield _stamp(name, match[0])
        if name == "x-forwarded-for":
            yield from _gmail_envelope((mail_from, *mail.headers.all("return-path")))


def _gmail_envelope(senders: Iterable[str]) -> Iterator[_Claim]:
    """Gmail's envelope sender `user+caf_=dest=domain@host` names the mailbox `user@host` (FACTS 26)."""
    for sender in senders:
        match = _GMAIL_ENVELOPE.fullmatch(bare_address(sender[:700]))
        if match:
            yield _stamp("return-path", f"{match['user']}@{match['host']}")


def _stamp(name: str, address: str) -> _Claim:
    return _Claim(address=address, source=f"header:{name}", evidence=f"the forwarder's {name} names it")


def _written_to(mail: Mail) -> list[_Claim]:
    names = (("to", "to", "the mail is addressed to it"), ("cc", "header:cc", "the mail is copied to it"))
    return [
        _Claim(address=mailbox.address, source=source, evidence=evidence)
        for header, source, evidence in names
        for value in mail.headers.all(header)[:4]
        for mailbox in mailboxes(value)
    ]


def _forwarded(mail: Mail, original: Original | None) -> list[_Claim]:
    if original is None:
        return []
    inner = _Claim(
        address=original.recipient, source=original.source, evidence="the forwarded message was addressed to it"
    )
    if original.recipient or original.depth > 1:
        return [inner]
    return [  # Samsung and others write no To: the person who forwards is the one who got it
        _Claim(address=mailbox.address, source="header:from", evidence="it forwarded a message without To")
        for mailbox in mailboxes(mail.headers.first("from"))[:1]
    ]
