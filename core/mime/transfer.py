"""Content-Transfer-Encoding to bytes (RFC 2045, section 6), whatever shape the encoded text is in."""

import binascii
import re

_BLANK_AFTER_SOFT_BREAK = re.compile(rb"=[ \t]{1,80}(?=\r?\n)")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_OTHERS = bytes(set(range(256)) - set(_ALPHABET))
_FOOTER = re.compile(rb"[ .:@]|\A--|\A_+\Z")
"""What no line of base64 holds, but those that mailing lists add below it: blanks, addresses, rules."""


def decode(data: bytes, encoding: str) -> bytes:
    """The bytes that `data` stands for; an unknown encoding leaves them as they are."""
    match encoding.strip().lower():
        case "quoted-printable" | "quotedprintable" | "quoted":
            return quoted_printable(data)
        case "base64" | "base-64":
            return base64(data)
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return uuencode(data)
        case _:
            return data


def quoted_printable(data: bytes) -> bytes:
    """Decode quoted-printable; what is no escape stays as written."""
    return binascii.a2b_qp(_BLANK_AFTER_SOFT_BREAK.sub(b"=", data))


def base64(data: bytes) -> bytes:
    """Decode base64, also several runs of it, without padding, in the URL-safe alphabet, or with junk lines."""
    try:
        return binascii.a2b_base64(data.translate(None, b"\r\n\t "), strict_mode=True)
    except binascii.Error:
        lines = (line.strip() for line in data.splitlines())
        joined = b"".join(line for line in lines if not _FOOTER.search(line)).translate(_URL_SAFE)
        return b"".join(_run(run) for run in joined.split(b"="))


def _run(run: bytes) -> bytes:
    clean = run.translate(None, _OTHERS)
    whole = clean[: len(clean) - (len(clean) % 4 == 1)]
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def uuencode(data: bytes) -> bytes:
    """Decode the lines between `begin` and `end`; lines that are none of it are left out."""
    _, _, body = data.partition(b"begin ")
    decoded = []
    for line in body.splitlines()[1:]:
        if line.strip() == b"end":
            break
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(decoded)
