"""What a message says, to whoever reads it: the pure half of ingest, which `otpgate parse` shows too."""

import json
import re
from dataclasses import dataclass, field, replace

from core.extract import extract
from core.extract.result import Candidate, Extracted, Kind, Part, Reason, Validity
from core.forwards import Original, find_block, unwrap
from core.forwards.confirmation import Confirmation, confirmation
from core.forwards.subjects import is_reply
from core.hosts import judged_host
from core.markup import Page, render
from core.message import Channel, Content, InboundMessage, Link
from core.mime import Headers, Mail, Mailbox, mailboxes
from core.mime import read as read_mail

_GROUP = re.compile(r'[^"<(]{0,998}:.{0,998};\s*$')  # RFC 5322, 3.4: no one mailbox wrote it
_NO_MAIL = Mail(headers=Headers())
LONGEST_SUBJECT = 998
"""Characters of a subject that are read and kept: what one line of a header may hold (RFC 5322, 2.1.1)."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A message as understood: its content, what was forwarded in it, and what was found."""

    content: Content
    extracted: Extracted
    mail: Mail = field(default=_NO_MAIL, repr=False)
    original: Original | None = field(default=None, repr=False)
    confirmation: Confirmation | None = field(default=None, repr=False)
    verdict: str = ""
    """What could not be understood, in fixed phrases; "" for nothing."""
    fault: str = ""
    """The class of the exception that reading ended with; "" for none."""
    candidates_text: str = field(default="", repr=False)
    """The candidates as JSON with their reasons, of a reading that was made light."""

    @property
    def sender_domain(self) -> str:
        """The domain of the sender's mail address as written, in lower case; "" where there is none."""
        return self.content.sender.rpartition("@")[2].lower() if "@" in self.content.sender else ""


def read(message: InboundMessage, *, threshold: float) -> Reading:
    """Read a message of whatever bytes; never raises: what cannot be understood has a verdict."""
    try:
        if message.channel is Channel.EMAIL:
            return _read_mail(message, threshold)
        return _read_text(message, threshold)
    except Exception as error:  # noqa: BLE001 - any bytes may come in, and the message is kept (CONTRACT, rule 2)
        content = Content(channel=message.channel, sender=message.sender)
        nothing = Extracted(kind=Kind.NONE, reason="the message could not be read")
        return Reading(content=content, extracted=nothing, verdict="unreadable", fault=type(error).__name__)


def _read_text(message: InboundMessage, threshold: float) -> Reading:
    year = message.received_at.year
    content = Content(channel=message.channel, sender=message.sender, text=message.text, year=year)
    found = _given(message) or extract(content, threshold=threshold)
    if message.expires_at:
        found = replace(found, validity=Validity(lasts=message.expires_at - message.received_at))
    return Reading(content=content, extracted=found)


def _given(message: InboundMessage) -> Extracted | None:
    """What is all of the message, by its sender's word: a code, or a bare URL pushed with a key."""
    if message.code:
        kind, value = Kind.CODE, message.code
    elif message.channel is Channel.PUSH and judged_host(url := message.text.strip()):
        kind, value = Kind.LINK, url
    else:
        return None
    return Extracted(kind=kind, value=value, confidence=1.0, reason=f"it was sent as the {kind.value} itself")


def _read_mail(message: InboundMessage, threshold: float) -> Reading:
    mail = read_mail(message.raw)
    page = render(mail.html) if mail.html.strip() else None
    original = unwrap(mail, page)
    confirmed = confirmation(mail, page, mail_from=message.envelope.mail_from)
    content = replace(_content(mail, page, original), year=message.received_at.year)
    found = _confirmed(confirmed) if confirmed else extract(content, threshold=threshold)
    return Reading(
        content=content,
        extracted=found,
        mail=mail,
        original=original,
        confirmation=confirmed,
        verdict="; ".join(_faults(mail, content, found)),
    )


def _content(mail: Mail, page: Page | None, original: Original | None) -> Content:
    """What a person would read: of a forwarded mail, the inner message."""
    sender = _sender(mail)
    text, links = (page.text, page.links) if page and page.text.strip() else (mail.text, ())
    content = Content(
        channel=Channel.EMAIL,
        sender=sender.address,
        sender_name=sender.name,
        subject=mail.subject[:LONGEST_SUBJECT],
        text=text,
        links=links,
        alternative=mail.text if text is not mail.text else "",
        is_listed=_is_listed(mail.headers),
    )
    if original is not None:
        content = _of_original(content, original, original.links)
    older = find_block(content.text, content.subject)
    return replace(content, is_reply=is_reply(content.subject), older_from=older.start if older else 0)


def _faults(mail: Mail, content: Content, found: Extracted) -> list[str]:
    """What could not be understood, or does not agree, in fixed phrases."""
    faults = list(mail.faults)
    if found.contradicts:
        faults.append("plain part and HTML differ")
    if not (content.text.strip() or content.subject.strip()):
        faults.append("no text")
    return faults


def _sender(mail: Mail) -> Mailbox:
    """The one mailbox of the one From; where there are more, nobody: who wrote it is not to be guessed."""
    written = mail.headers.all("from")
    found = [box for value in written for box in mailboxes(value)]
    return found[0] if len(found) == 1 and not any(map(_GROUP.match, written)) else Mailbox(name="", address="")


def _of_original(content: Content, original: Original, links: tuple[Link, ...]) -> Content:
    return replace(
        content,
        sender=original.sender or content.sender,
        sender_name=original.sender_name or content.sender_name,
        subject=original.subject[:LONGEST_SUBJECT] or content.subject,
        text=original.text,
        links=links,
        alternative=original.alternative,
        is_listed=False,
    )


def _is_listed(headers: Headers) -> bool:
    """Whether a mailing list that people write to sent it on (RFC 2369, 3.4), not what a list's program says."""
    post = headers.first("list-post").strip().lower()
    return (bool(post) and post != "no") or headers.first("precedence").strip().lower() == "list"


def _confirmed(found: Confirmation) -> Extracted:
    """The link to confirm with, and as a candidate the number to type instead, where there is one."""
    number = Candidate(
        kind=Kind.CODE,
        value=found.number,
        part=Part.TEXT,
        start=0,
        end=0,
        score=0.0,
        reasons=(Reason(name="the number that confirms the forwarding", weight=0.0),),
    )
    return Extracted(
        kind=Kind(found.kind),
        value=found.link or None,
        confidence=1.0,
        reason="a mail provider asks to confirm that mail may be forwarded here",
        candidates=(number,) if found.number else (),
    )


def lightened(reading: Reading) -> Reading:
    """The same reading with all that is asked of it but to explain it: less to carry to another process."""
    found, mail, original = reading.extracted, reading.mail, reading.original
    bare = tuple(replace(candidate, reasons=()) for candidate in found.candidates)
    return replace(
        reading,
        content=replace(reading.content, links=()),
        extracted=replace(found, candidates=bare),
        mail=replace(mail, text="", html="", attached=()),
        original=replace(original, text="", links=(), alternative="") if original else None,
        candidates_text=candidates_text(reading),
    )


def candidates_text(reading: Reading) -> str:
    """The candidates of a reading as JSON with their reasons, best first; "" for none."""
    found = reading.extracted.candidates
    return reading.candidates_text or (json.dumps(candidates_json(found)) if found else "")


def candidates_json(candidates: tuple[Candidate, ...]) -> list[dict[str, object]]:
    """Candidates as JSON values, best first, each with its reasons."""
    return [
        {
            "kind": candidate.kind.value,
            "value": candidate.value,
            "part": candidate.part.value,
            "start": candidate.start,
            "end": candidate.end,
            "score": round(candidate.score, 3),
            "reasons": [{"name": r.name, "weight": round(r.weight, 3)} for r in candidate.reasons],
        }
        for candidate in candidates
    ]
