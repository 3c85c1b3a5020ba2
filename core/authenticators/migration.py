"""Google Authenticator's export: `otpauth-migration://offline?data=` with a protocol buffer in base64.

    MigrationPayload  1 otp_parameters (repeated) · 3 batch_size · 4 batch_index
    OtpParameters     1 secret · 2 name · 3 issuer · 4 algorithm · 5 digits · 6 type · 7 counter

The wire format is that of https://protobuf.dev/programming-guides/encoding/; Google documents no schema, this one
is what its app writes.
"""

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import unquote

from core.authenticators.export import MOST, Export
from core.errors import InvalidRequestError
from core.totp import Hash, Method, Secret, clean_name, seed_of

SCHEME = "otpauth-migration://"
_HASHES = {0: Hash.SHA1, 1: Hash.SHA1, 2: Hash.SHA256, 3: Hash.SHA512}
_DIGITS = {0: 6, 1: 6, 2: 8, 3: 7}
_METHODS = {0: Method.TOTP, 1: Method.HOTP, 2: Method.TOTP}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_LONGEST_URI = 16 * 1024


class _BrokenError(Exception):
    """These bytes are no such protocol buffer."""


def read_migration(uri: str) -> Export:
    """The secrets of one exported picture; raises InvalidRequestError."""
    try:
        fields = list(_fields(_payload(uri)))
        sizes = {number: value for number, value in fields if isinstance(value, int)}
        entries = [value for number, value in fields if number == 1 and isinstance(value, bytes)]
        return _export([_entry(entry) for entry in entries], max(0, sizes.get(3, 1) - 1))
    except (_BrokenError, binascii.Error, ValueError) as error:
        raise InvalidRequestError("the otpauth-migration URI cannot be read: scan the picture again") from error


def _payload(uri: str) -> bytes:
    if len(uri) > _LONGEST_URI:
        raise _BrokenError
    _, _, query = uri.partition("?")
    data = next((part[5:] for part in query.split("&") if part.lower().startswith("data=")), "")
    text = unquote(data).replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def _export(entries: list[tuple[str, Secret | None]], missing: int) -> Export:
    if not entries:
        raise InvalidRequestError("there is no secret in it")
    return Export(
        secrets=tuple(secret for _, secret in entries if secret),
        unread=tuple(f"{name or 'an entry'}: its sort of code is not known here" for name, s in entries if not s),
        missing=min(missing, MOST),
    )


def _entry(raw: bytes) -> tuple[str, Secret | None]:
    """An entry's name, and its secret unless it is of a sort that we cannot make codes of."""
    numbers: dict[int, int] = {}
    texts: dict[int, bytes] = {}
    for number, value in _fields(raw):
        if isinstance(value, int):
            numbers[number] = value
        else:
            texts[number] = value
    name = clean_name(texts.get(2, b"").decode("utf-8", "replace"))
    before, colon, behind = name.partition(":")
    issuer = clean_name(texts.get(3, b"").decode("utf-8", "replace")) or (clean_name(before) if colon else "")
    sort = (_METHODS.get(numbers.get(6, 0)), _HASHES.get(numbers.get(4, 0)), _DIGITS.get(numbers.get(5, 0)))
    method, digest, digits = sort
    if method is None or digest is None or digits is None or not texts.get(1) or numbers.get(7, 0) >= 2**62:
        return issuer or name, None
    secret = Secret(
        seed=seed_of(texts[1]),
        method=method,
        hash=digest,
        digits=digits,
        counter=numbers.get(7, 0),
        issuer=issuer,
        account=clean_name(behind if colon else name),
    )
    return issuer or name, secret


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message by number: varints as numbers, everything else as bytes."""
    place = 0
    while place < len(raw):
        tag, place = _varint(raw, place)
        kind = tag & 7
        if kind == _VARINT:
            value, place = _varint(raw, place)
            yield tag >> 3, value
            continue
        if kind == _BYTES:
            length, place = _varint(raw, place)
        elif kind in {_FIXED64, _FIXED32}:
            length = 8 if kind == _FIXED64 else 4
        else:
            raise _BrokenError
        if place + length > len(raw):
            raise _BrokenError
        yield tag >> 3, raw[place : place + length]
        place += length


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and the place behind it."""
    number = 0
    for index, byte in enumerate(raw[place : place + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follows
            return number, place + index + 1
    raise _BrokenError
