"""Mailboxes and phone numbers to identifiers, and senders to organisational domains."""

import re
import unicodedata
from functools import cache

import idna
import phonenumbers
from publicsuffixlist import PublicSuffixList

from core.errors import InvalidIdentifierError

_PHONE = re.compile(r"[+(0-9][0-9+\s().\-/]{2,30}")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−﹣－", "-"))
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3 with the erratum
_HINT = "write a mailbox (user@example.com) or a phone number with + and country code (+15551230000)"


def normalize(text: str, default_region: str = "") -> str:
    """The identifier that `text` writes: a mailbox case-folded with its domain in IDNA form, or E.164.

    `default_region` ("US") reads national numbers. A bare short code (3 to 8 digits) stays as it is.
    Raises InvalidIdentifierError, whose text says what to write instead.
    """
    written = _visible(text).translate(_DASHES).removeprefix("tel:")
    if "@" in written:
        return _mailbox(written)
    if _SHORT_CODE.fullmatch(written) and not default_region:
        return written
    if _PHONE.fullmatch(written):
        return _phone(written, default_region)
    raise InvalidIdentifierError(f"this identifier is neither a mailbox nor a phone number: {_HINT}")


def sms_sender(text: str, default_region: str = "") -> str:
    """Who an SMS is from: a number in E.164 where it can be read as one, else the short code or name as it is."""
    written = _visible(text).translate(_DASHES).removeprefix("tel:")
    if not _PHONE.fullmatch(written) or _SHORT_CODE.fullmatch(written):
        return text.strip()
    try:
        return _phone(written, default_region)
    except InvalidIdentifierError:
        return text.strip()


def is_region(text: str) -> bool:
    """Whether numbers of that country ("US", ISO 3166-1) can be read without their country code."""
    return text.upper() in phonenumbers.SUPPORTED_REGIONS


def ascii_domain(domain: str) -> str:
    """The IDNA (UTS 46, non-transitional) ASCII form of a domain; "" when there is none."""
    name = domain.strip().rstrip(".").lower()
    if not name or len(name) > _LONGEST_ADDRESS:
        return ""
    if re.fullmatch(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63}){0,126}", name) and "xn--" not in name:
        return name
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


def organizational_domain(host: str) -> str:
    """The registrable domain of a host by the public suffix list (RFC 7489, 3.2), or the host itself."""
    name = ascii_domain(host)
    return _suffixes().privatesuffix(name) or name


def _visible(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf").strip()


def _mailbox(written: str) -> str:
    local, _, domain = written.rpartition("@")
    folded, host = unicodedata.normalize("NFC", local.casefold()), ascii_domain(domain)
    clean = local.startswith('"') or not re.search(r"[\s@<>,;:\"\x00-\x1f\x7f]", local)
    if not (folded and host and clean) or len(folded) + len(host) >= _LONGEST_ADDRESS:
        raise InvalidIdentifierError(f"this is not a mailbox: {_HINT}")
    return f"{folded}@{host}"


def _phone(written: str, default_region: str) -> str:
    try:
        number = phonenumbers.parse(written, default_region.upper() or None)
    except phonenumbers.NumberParseException as error:
        raise InvalidIdentifierError(f"this is not a phone number: {_HINT}") from error
    if not phonenumbers.is_possible_number(number):
        raise InvalidIdentifierError(f"this phone number is too short or too long: {_HINT}")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
