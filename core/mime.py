"""Raw mail bytes to headers, subject, text and HTML: bounded, and never raising on bad mail."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """One address of a header: display name and address, both decoded; `address` may be ""."""

    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Headers:
    """A mail's headers in order, unfolded, names in lower case, encoded words (RFC 2047) decoded."""

    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of that header, topmost first."""
        return tuple(value for key, value in self.fields if key == name)

    def first(self, name: str) -> str:
        """The topmost value of that header, or ""."""
        return next((value for key, value in self.fields if key == name), "")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail as read. `faults` names, in fixed phrases, what could not be understood."""

    headers: Headers
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    """The plain text of the body's visible text/plain parts, decoded; line ends are LF."""
    html: str = field(default="", repr=False)
    """The body's text/html, decoded, as written; "" where there is none."""
    attached: tuple["Mail", ...] = field(default=(), repr=False)
    """The message/rfc822 parts, outermost first."""
    faults: tuple[str, ...] = ()


def read(raw: bytes) -> Mail:
    """Read a mail of any bytes; bounds per FACTS 22 (100 KB of headers, depth 20, 200 parts)."""
    raise NotImplementedError


def mailboxes(value: str) -> tuple[Mailbox, ...]:
    """The mailboxes of an address header's decoded value (RFC 5322, 3.4), at most 100; bad ones left out."""
    raise NotImplementedError
