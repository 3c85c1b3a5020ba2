"""The message that a person forwarded: as a block in the text, or attached whole."""

from dataclasses import dataclass, field, replace

from core.forwards.blocks import Block, find_attribution, find_block, unquoted
from core.forwards.subjects import is_forward, is_reply, same_subject
from core.forwards.words import Field
from core.markup import Page, render
from core.message import Link
from core.mime import Mail, Mailbox, mailboxes

_DEEPEST = 10
_COVER_NOTE = 400
"""Characters of text around an attached message that still read as a note to it."""


@dataclass(frozen=True, kw_only=True)
class Original:
    """The innermost forwarded message; `text` and the places of `links` are those of the inner part alone."""

    sender: str
    sender_name: str
    recipient: str
    """The first address it was sent to, as written; "" when it names none."""
    subject: str = field(repr=False)
    date: str
    """As written: mail programs translate it."""
    text: str = field(repr=False)
    links: tuple[Link, ...] = field(repr=False)
    source: str
    """`forwarded-block` or `attached`."""
    depth: int
    """1 for a message that was forwarded once."""
    alternative: str = field(default="", repr=False)
    """The inner part of the plain text where `text` came from HTML."""


def unwrap(mail: Mail, page: Page | None) -> Original | None:
    """The innermost message that was forwarded in a mail, or None; `page` is its HTML rendered, if it has any.

    A mail that only quotes a block in its own text, a reply, and a delivery report forward nothing.
    """
    return _unwrap(mail, page, depth=1)


def _unwrap(mail: Mail, page: Page | None, *, depth: int) -> Original | None:
    if depth > _DEEPEST or is_reply(mail.subject) or _is_report(mail):
        return None
    told = bool(mail.headers.first("x-forwarded-message-id"))  # Thunderbird writes it
    if page is None:
        return _from_block(mail.text, (), mail.subject, told=told, depth=depth) or _attached(mail, page, depth)
    found = _from_block(page.text, page.links, mail.subject, told=told, depth=depth)
    if found is None:
        return _attached(mail, page, depth)
    plain = _from_block(mail.text, (), mail.subject, told=told, depth=depth)
    return replace(found, alternative=plain.text if plain else "")


def _from_block(text: str, links: tuple[Link, ...], subject: str, *, told: bool, depth: int) -> Original | None:
    block = find_block(text, subject)
    if block is None and is_forward(subject):
        block = find_attribution(text)
    if block is None or is_reply(subject) or not (told or _is_forwarded(text, block, subject)):
        return None
    outer = _original(text, links, block, depth)
    inner = (
        _from_block(outer.text, outer.links, outer.subject, told=False, depth=depth + 1)
        if depth < _DEEPEST
        else None
    )
    return _within(outer, inner)


def _within(outer: Original, inner: Original | None) -> Original:
    """The inner message; when it names no recipient, whoever forwarded it had received it."""
    if inner is None:
        return outer
    return replace(inner, recipient=inner.recipient or outer.sender)


def _is_forwarded(text: str, block: Block, subject: str) -> bool:
    """Whether the message around a block forwards it, and does not merely show how a forward looks."""
    if is_forward(subject) or same_subject(subject, block.fields.get(Field.SUBJECT, "")):
        return True
    above = [line for line in text[: block.start].splitlines() if any(c.isalnum() for c in line)]
    return len(above) <= 1 and sum(map(len, above)) < 80  # noqa: PLR2004 - at most the mail program's own separator


def _original(text: str, links: tuple[Link, ...], block: Block, depth: int) -> Original:
    body = text[block.end :]
    begin = block.end + len(body) - len(body.lstrip("\n"))
    inner = text[begin:]
    quoted = inner.startswith(">") or any(it.startswith(">") for it in text[block.start : block.end].splitlines())
    return Original(
        sender=block.address(Field.SENDER),
        sender_name=block.name(Field.SENDER),
        recipient=block.address(Field.RECIPIENT),
        subject=block.fields.get(Field.SUBJECT, ""),
        date=block.fields.get(Field.DATE, ""),
        text=unquoted(inner).lstrip("\n") if quoted else inner,
        links=tuple(
            replace(link, start=link.start - begin, end=link.end - begin) for link in links if link.start >= begin
        ),
        source="forwarded-block",
        depth=depth,
    )


def _attached(mail: Mail, page: Page | None, depth: int) -> Original | None:
    for inner in mail.attached[:1]:
        note = page.text if page else mail.text
        if not (
            len(note.strip()) < _COVER_NOTE
            or is_forward(mail.subject)
            or same_subject(mail.subject, inner.subject)
        ):
            return None
        shown = render(inner.html) if inner.html else None
        outer = _whole(inner, shown, depth)
        return _within(outer, _unwrap(inner, shown, depth=depth + 1))
    return None


def _whole(mail: Mail, page: Page | None, depth: int) -> Original:
    sender, recipient = _first(mail, "from"), _first(mail, "to")
    return Original(
        sender=sender.address,
        sender_name=sender.name,
        recipient=recipient.address,
        subject=mail.subject,
        date=mail.headers.first("date"),
        text=page.text if page else mail.text,
        links=page.links if page else (),
        source="attached",
        depth=depth,
        alternative=mail.text if page else "",
    )


def _first(mail: Mail, name: str) -> Mailbox:
    return next(iter(mailboxes(mail.headers.first(name))), Mailbox(name="", address=""))


def _is_report(mail: Mail) -> bool:
    """Delivery reports (RFC 3462) and automatic replies (RFC 3834) return a mail; they forward none."""
    answered = mail.headers.first("auto-submitted").lower().startswith("auto-replied")
    return answered or mail.headers.first("content-type").lower().lstrip().startswith("multipart/report")
