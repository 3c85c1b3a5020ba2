"""Who provably wrote a mail: DKIM by dkimpy, behind the checks that a signature alone does not make."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import dkim
from dkim.util import InvalidTagValueList, parse_tag_value

from core.envelopes import mailbox_identifier
from core.identifiers import organizational_domain
from core.mime import mailboxes

Txt = Callable[[str], bytes]
"""Answers a DNS question for TXT; b"" when there is none. Raises DnsError when nobody answered."""


class DnsError(Exception):
    """Nobody answered a DNS question in time, or the answer was of no use; it proves nothing either way."""


@dataclass(frozen=True, kw_only=True)
class Signed:
    """What a signature proves of a mail: its author, and the mailboxes that the signed To names."""

    author: str | None = None
    """Organisational domain (by the public suffix list) of the one mailbox in From."""
    to: frozenset[str] = field(default=frozenset())
    evidence: str = "not signed"


class _NoProofError(Exception):
    """Why nothing is proven, as a phrase for a person."""


FRESH = timedelta(minutes=15)
_AHEAD = timedelta(minutes=5)
_MOST_SIGNATURES = 5
_LONGEST_HEADERS = 100_000  # bytes; past that, `core.mime` reads no header either
_MOST_NAMES = 200  # header names in one h=
_MOST_WORK = 50_000_000  # dkimpy's relaxed form takes time with the square of each run of blanks
_LONGEST_KEY = 1100  # bytes of a key record: 4096 bits; a key of megabits takes minutes to try
_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)|\x00")
_SIGNED = re.compile(rb"dkim-signature[ \t]*:", re.IGNORECASE)
_ONCE = ("from", "to", "subject", "date", "content-type", "content-transfer-encoding", "mime-version")
_MUST_SIGN = frozenset({"from", "to", "subject", "date"})
_ALGORITHMS = (b"rsa-sha256",)  # RFC 8301; Ed25519 needs a library more, and its senders sign with RSA too
_ONE_MAILBOX = re.compile(
    r'(?:(?:"(?:[^"\\\x00-\x1f]|\\[ -~]){0,300}"|[^<>"@,;:()\\\x00-\x08\x0a-\x1f]{0,300})[ \t]*)'
    r'<(?P<angled>[^<>"@,;:()\\\s\x00-\x1f]{1,64}@[^<>"@,;:()\\\s\x00-\x1f]{1,255})>'
    r'|(?P<bare>[^<>"@,;:()\\\s\x00-\x1f]{1,64}@[^<>"@,;:()\\\s\x00-\x1f]{1,255})'
)


def signed_author(raw: bytes, *, now: datetime, txt: Txt) -> Signed:
    """What the DKIM signatures of a mail prove (RFC 6376), or the reason why they prove nothing.

    Beyond a good signature: no bare CR, LF or NUL; From, To, Subject, Date and Content-Type at most once and
    signed; no `l=`; not expired; Date at most 15 minutes old; From one plain mailbox of the signing
    organisation. `now` is aware. Never raises; at most 5 DNS questions.
    """
    beginning = raw[:_LONGEST_HEADERS]
    if b"dkim-signature" not in beginning.lower() or not _SIGNED.search(beginning):
        return Signed(evidence="no author: not signed")
    try:
        headers = _headers(raw)
        domain = _from_domain(headers["from"])
        _check_date(headers["date"], now)
        signatures = [value for name, value in _fields(raw) if name == "dkim-signature"]
        mail = _Checked(raw=raw, headers=headers, domain=domain, now=now, txt=txt)
        return mail.first_good(signatures)
    except _NoProofError as reason:
        return Signed(evidence=f"no author: {reason}")


def verified(raw: bytes, at: int, txt: Txt) -> bool:
    """Whether the signature at that place (0 is the topmost) is good; raises DnsError when DNS did not answer."""
    try:
        return bool(dkim.DKIM(raw, minkey=1024).verify(at, dnsfunc=_asking(txt)))
    except DnsError:
        raise
    except Exception:  # noqa: BLE001 - dkimpy raises whatever its parts raise on hostile keys and signatures
        return False


def sealed_by(raw: bytes, txt: Txt) -> str:
    """The domain of the newest ARC seal (RFC 8617) of a mail whose whole chain is good; "" otherwise."""
    seals = [value for name, value in _fields(raw) if name == "arc-seal"]
    if not 1 <= len(seals) <= _MOST_SIGNATURES or not _affordable(raw):
        return ""
    try:
        verdict, results, _ = dkim.arc_verify(raw, dnsfunc=_asking(txt))
        newest: dict[str, Any] = max(results, key=lambda result: int(result["instance"]), default={})
    except Exception:  # noqa: BLE001 - as above
        return ""
    return str(newest.get("as-domain", b""), "ascii", "replace").lower() if verdict == dkim.CV_Pass else ""


def signing_domains(raw: bytes) -> list[str]:
    """The domain (`d=`) of each DKIM signature, topmost first; "" where it cannot be read; not verified."""
    return [
        _tags(value).get(b"d", b"").decode("ascii", "replace").lower()
        for name, value in _fields(raw)
        if name == "dkim-signature"
    ]


def affordable(raw: bytes) -> bool:
    """Whether the checks of a mail end in time: blanks are few, headers short, line ends whole."""
    head = raw.partition(b"\r\n\r\n")[0]
    return _affordable(raw) and len(head) <= _LONGEST_HEADERS and not _BARE.search(raw)


def _affordable(raw: bytes) -> bool:
    return sum(len(run) ** 2 for run in re.findall(rb"[ \t]{50,}", raw)) < _MOST_WORK


def _headers(raw: bytes) -> dict[str, str]:
    """The headers that must be unambiguous, each once."""
    if not affordable(raw):
        raise _NoProofError("bare CR, LF or NUL, or too much to check")
    fields = _fields(raw)
    for name in _ONCE:
        if sum(key == name for key, _ in fields) > 1:
            raise _NoProofError(f"{name} stands there more than once")
    found = {name: value.decode("utf-8", "replace") for name, value in fields if name in _ONCE}
    missing = _MUST_SIGN - found.keys()
    if missing:
        raise _NoProofError(f"no {min(missing)}")
    return found


def _fields(raw: bytes) -> list[tuple[str, bytes]]:
    """Every header, unfolded, name in lower case, blanks before the colon forgiven, so that none hides."""
    head = re.sub(rb"\r\n(?=[ \t])", b"", raw[: _LONGEST_HEADERS + 4].partition(b"\r\n\r\n")[0])
    pairs = (line.partition(b":") for line in head.split(b"\r\n"))
    return [(name.strip().lower().decode("latin-1"), value.strip()) for name, _, value in pairs]


def _from_domain(value: str) -> str:
    match = _ONE_MAILBOX.fullmatch(value.strip())
    identifier = mailbox_identifier(match["angled"] or match["bare"]) if match else ""
    if not identifier:
        raise _NoProofError("From is not one plain mailbox")
    return organizational_domain(identifier.rpartition("@")[2])


def _check_date(value: str, now: datetime) -> None:
    try:
        date = parsedate_to_datetime(value)
        age = now - (date if date.tzinfo else date.replace(tzinfo=UTC))
    except (ValueError, TypeError, OverflowError, IndexError) as error:
        raise _NoProofError("Date cannot be read") from error
    if not -_AHEAD <= age <= FRESH:
        raise _NoProofError("Date is not of the last 15 minutes")


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """A mail whose headers are in order, while its signatures are tried."""

    raw: bytes
    headers: dict[str, str]
    domain: str
    now: datetime
    txt: Txt

    def first_good(self, signatures: Sequence[bytes]) -> Signed:
        if len(signatures) > _MOST_SIGNATURES:
            raise _NoProofError("more than 5 signatures")
        reason = "not signed"
        for at, value in enumerate(signatures):
            tags = _tags(value)
            reason = self._objection(tags) or self._failure(at)
            if not reason:
                return self._proven(tags)
        raise _NoProofError(reason)

    def _proven(self, tags: dict[bytes, bytes]) -> Signed:
        selector = tags[b"s"].decode("ascii", "replace")
        to = (mailbox_identifier(mailbox.address) for mailbox in mailboxes(self.headers["to"]))
        evidence = f"DKIM signature of {self.domain}, selector {selector}"
        return Signed(author=self.domain, to=frozenset(filter(None, to)), evidence=evidence)

    def _objection(self, tags: dict[bytes, bytes]) -> str:
        """Why a signature would prove nothing even if it were good; "" for no reason."""
        names = tags.get(b"h", b"").decode("ascii", "replace").lower().split(":")
        unsigned = (_MUST_SIGN | ({"content-type"} & self.headers.keys())) - set(names[:_MOST_NAMES])
        expires = tags.get(b"x", b"")
        objections = (
            (not tags, "the signature cannot be read"),
            (b"l" in tags, "the signature leaves part of the body open (l=)"),
            (tags.get(b"a") not in _ALGORITHMS, "the signature's algorithm is too weak or unknown"),
            (bool(unsigned) or len(names) > _MOST_NAMES, f"{min(unsigned, default='h=')} is not signed"),
            (_organisation(tags) != self.domain, "the signature is of another domain than From"),
            (bool(expires) and not _later(expires, self.now), "the signature has expired"),
        )
        return next((reason for objects, reason in objections if objects), "")

    def _failure(self, at: int) -> str:
        try:
            return "" if verified(self.raw, at, self.txt) else "the signature is not good"
        except DnsError as error:  # the next question would wait as long
            raise _NoProofError("DNS did not answer for the signature's key") from error


def _organisation(tags: dict[bytes, bytes]) -> str:
    return organizational_domain(tags.get(b"d", b"").decode("ascii", "replace"))


def _later(seconds: bytes, now: datetime) -> bool:
    return bool(re.fullmatch(rb"[0-9]{1,12}", seconds)) and int(seconds) > now.timestamp()


def _tags(value: bytes) -> dict[bytes, bytes]:
    try:
        return {key: re.sub(rb"\s+", b"", part) for key, part in parse_tag_value(value).items()}
    except (InvalidTagValueList, ValueError, IndexError):
        return {}


def _asking(txt: Txt) -> Callable[..., bytes]:
    """The DNS function as dkimpy calls it: with a time-out of its own, which ours has already."""

    def asked(name: bytes | str, timeout: float = 0) -> bytes:
        del timeout
        answer = txt(name.decode("ascii", "replace") if isinstance(name, bytes) else name)
        return answer if len(answer) <= _LONGEST_KEY else b""

    return asked
