"""Mails in which a mail provider asks whether it may forward somebody's mail here: never a login's business."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.forwards.subjects import is_forward, is_reply
from core.hosts import host_matches, judged_host
from core.identifiers import organizational_domain
from core.markup import Page
from core.mime import Mail, mailboxes

GMAIL = "gmail-confirmation"
OTHER = "forwarding-confirmation"


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """One request to confirm a forwarding address; opening `link` needs a person."""

    kind: str
    """`gmail-confirmation` or `forwarding-confirmation`, as in `core.extract.result.Kind`."""
    link: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    """What to type instead of opening the link, where the mail shows such a number."""
    identifier: str = ""
    """The mailbox whose mail is to be forwarded, as written; "" when the mail does not say."""


# Providers that forward mail and ask first: the domain they write from. Google has its own kind.
_LISTED = """
33mail.com addy.io anonaddy.com anonaddy.me aol.com apple.com bluehost.com cloudflare.com cloudflare-email.net
duck.com duckduckgo.com erine.email fastmail.com fastmail.fm forwardemail.net free.fr gandi.net gmx.com gmx.de
gmx.net godaddy.com hey.com hostinger.com icloud.com improvmx.com ionos.com laposte.net libero.it live.com
mail.com mail.ru mailbox.org mailfence.com messagingengine.com microsoft.com migadu.com mozilla.com mozmail.com
namecheap.com naver.com orange.fr outlook.com ovh.com ovh.net pobox.com posteo.de proton.me protonmail.com
qq.com rackspace.com runbox.com seznam.cz simplelogin.co simplelogin.io startmail.com t-online.de tuta.com
web.de wp.pl yahoo.co.jp yahoo.com yahooinc.com yandex.com yandex.ru zoho.com zoho.eu zoho.in zohomail.com
"""
_PROVIDERS = frozenset(_LISTED.split())

# "Forward" as mail programs translate it; not the words that also mean to send again or to transfer money
_FORWARDING = re.compile(
    r"forward|redirect|weiterleit|umleit|transf[eé]r\w* .{0,20}(?:mail|courri)|réexp|redirig"
    r"|reenv[ií]\w* .{0,20}(?:mail|correo)|inoltr|encaminhamento|doorstu|vidarebef|videresend|przekaz(?:yw|an)"
    r"|přepos|presmer|továbbít|átirány|yönlendir|iletme|пересыл|переадрес|перенаправ|переслан|转发|轉寄|轉發|転送|전달"
    r"|إعادة توجيه|העבר|προώθ|ส่งต่อ|chuyển tiếp|teruskan|edastami|redirecț|destination address|zieladresse",
    re.IGNORECASE,
)
_HELP_DESK = re.compile(
    r"(?:no-?reply|support|help|info|abuse|security|privacy|contact|feedback|team|postmaster)\b", re.IGNORECASE
)
_PATH = re.compile(
    r"https?://[^/?#]+/[^?#]*(?:forward|fwd|mailbox[_/-]?(?:verif|confirm)|recipients?/|destination|email-?routing)",
    re.IGNORECASE,
)
_CONFIRMING = re.compile(r"confirm|verif|accept|approve|activat|valid|allow|token=|code=", re.IGNORECASE)
_REFUSING = re.compile(r"cancel|deny|reject|decline|unsub|revoke|remove|report|/help|/support|/hc/", re.IGNORECASE)

_URL = re.compile(r"https?://[^\s<>\"'|\\^`{}]{4,2000}")
_GMAIL_LINK = re.compile(
    r"https://(?:isolated\.)?mail(?:-settings)?\.google\.com/mail/(?:u/[0-9]{1,2}/)?vf-[^\s<>\"']{4,2000}"
)
_MAILBOX = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_NUMBER = re.compile(r"(?<![\w./=&?#@-])#?([0-9]{6,12})(?![\w/=&@-])")


def confirmation(mail: Mail, page: Page | None, *, mail_from: str = "") -> Confirmation | None:
    """The request to confirm forwarding that a mail is, or None; `page` is its HTML rendered, if it has any.

    Gmail's is known by sender and header (support.google.com/mail/answer/10957), as its text is translated.
    Others by structure: a mail provider's own mail whose confirm link or subject speaks of forwarding; of
    anyone else's mail, one sentence must name the reader's mailbox, another one, and forwarding. A site's link
    to confirm an address has none of these, and stays a sign-in link.
    """
    sender = _sender(mail)
    text = "\n".join((mail.subject, page.text if page else "", mail.text))
    urls = [*(link.href for link in (page.links if page else ())), *_urls(text)]
    if sender == "forwarding-noreply@google.com" and mail.headers.all("x-google-address-confirmation"):
        link = next((url for url in urls if _GMAIL_LINK.fullmatch(url)), "")
        return Confirmation(kind=GMAIL, link=link, number=_number(text), identifier=_asker(mail, text, mail_from))
    if is_forward(mail.subject) or is_reply(mail.subject):
        return None
    return _other(mail, text, urls, organizational_domain(sender.rpartition("@")[2]), mail_from)


def _other(mail: Mail, text: str, urls: list[str], domain: str, mail_from: str) -> Confirmation | None:
    told = bool(_FORWARDING.search(mail.subject))
    if not told and domain not in _PROVIDERS and not any(reader in text.lower() for reader in _readers(mail)):
        return None
    asker = _asker(mail, text, mail_from)
    asks = _asks(mail, text, asker)
    link = _confirm_link(urls, domain, told=told or asks)
    number = _number(text) if told else ""
    by_provider = domain in _PROVIDERS and (told or bool(_PATH.match(link)))
    if not (link or number) or not (by_provider or asks):
        return None
    return Confirmation(kind=OTHER, link=link, number=number, identifier=asker)


def _asks(mail: Mail, text: str, asker: str) -> bool:
    """Whether one sentence says that the asker's mail is to be forwarded to the reader."""
    at = text.find(asker) if asker else -1
    near = text[max(0, at - 250) : at + 250].lower() if at >= 0 else ""
    return any(reader in near for reader in _readers(mail)) and bool(_FORWARDING.search(near))


def _readers(mail: Mail) -> list[str]:
    return [box.address.lower() for box in mailboxes(mail.headers.first("to")) if box.address]


def _confirm_link(urls: list[str], domain: str, *, told: bool) -> str:
    """The link that says yes, of the sender's own organisation; "" when there is none."""
    for url in urls:
        path = re.sub(r"^https?://[^/]*", "", url)
        own = host_matches(judged_host(url), [domain])
        if own and not _REFUSING.search(path) and _CONFIRMING.search(path) and (told or _PATH.match(url)):
            return url
    return ""


def _urls(text: str) -> Iterator[str]:
    for match in _URL.finditer(text):
        yield match[0].rstrip(".,;:!?)]}>*")


def _number(text: str) -> str:
    match = _NUMBER.search(_URL.sub(" ", text))
    return match[1] if match else ""


def _asker(mail: Mail, text: str, mail_from: str) -> str:
    """The first mailbox in the text that is neither the reader's own nor a help desk."""
    ours = {
        box.address.lower()
        for name in ("to", "cc", "from", "reply-to")
        for box in mailboxes(mail.headers.first(name))
    }
    ours.add(mail_from.lower())
    for match in _MAILBOX.finditer(_URL.sub(" ", text)):
        address = match[0].rstrip(".-_")
        if address.lower() not in ours and not _HELP_DESK.match(address):
            return address
    return ""


def _sender(mail: Mail) -> str:
    boxes = mailboxes(mail.headers.first("from"))
    return boxes[0].address.lower() if len(boxes) == 1 else ""
