"""Transfer encodings, also as broken programs write them."""

import base64
import binascii

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.mime import transfer

CASES = {
    "quoted-printable": ("quoted-printable", b"caf=C3=A9 48=\r\n2913", b"caf\xc3\xa9 482913"),
    "a soft break with blanks behind": ("quoted-printable", b"48= \t\r\n2913", b"482913"),
    "an escape that is none": ("quoted-printable", b"1=ZZ 2= 3=", b"1=ZZ 2= 3"),
    "lower-case escapes": ("Quoted-Printable ", b"=c3=a9", b"\xc3\xa9"),
    "base64": ("base64", b"WW91ciBj\r\nb2Rl\r\n", b"Your code"),
    "base64 without padding": ("base64", b"WW91ciBjb2RlIQ", b"Your code!"),
    "base64 with one letter too many": ("base64", b"WW91ciBjb2RlIQ==A", b"Your code!"),
    "two runs of base64": ("base64", b"WW91cg==\r\nIGNvZGU=\r\n", b"Your code"),
    "base64 of the URL alphabet": ("base64", b"-_-_", b"\xfb\xff\xbf"),
    "base64 with junk in it": ("base64", b"WW91\x00!ciBj*\r\nb2Rl", b"Your code"),
    "base64 above a list's footer": ("base64", b"WW91cg==\r\n__ list mailing list __\r\n", b"Your"),
    "base64 above a footer of addresses and rules": (
        "base64",
        b"WW91cg==\r\n--outer--\r\n\r\n-----------\r\nlist@lists.example\r\n______\r\nhttps://lists.example/options\r\n",
        b"Your",
    ),
    "7bit": ("7bit", b"=C3", b"=C3"),
    "an unknown encoding": ("x-gzip", b"=C3", b"=C3"),
    "none": ("", b"=C3", b"=C3"),
    "uuencode": (
        "x-uuencode",
        b"begin 644 a\n" + binascii.b2a_uu(b"Your code") + b"`\nend\nnot this",
        b"Your code",
    ),
    "uuencode with a broken line": ("uuencode", b"begin 644 a\n\xff\xff\n" + binascii.b2a_uu(b"Your"), b"Your"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_transfer_encoding_is_undone(name: str) -> None:
    encoding, encoded, decoded = CASES[name]
    assert transfer.decode(encoded, encoding) == decoded


@given(data=st.binary(max_size=300))
def test_what_was_encoded_comes_back(data: bytes) -> None:
    assert transfer.decode(base64.encodebytes(data), "base64") == data
    assert transfer.decode(binascii.b2a_qp(data, istext=False), "quoted-printable") == data


@settings(max_examples=300)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_decoded(data: bytes) -> None:
    for encoding in ("base64", "quoted-printable", "x-uuencode"):
        transfer.decode(data, encoding)
