"""Mails made to break their reader: each is read without an exception, in far less than two seconds."""

import base64
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.mime import Mail, mailboxes, read
from tests.bounds import within

_HANG = 2.0
_PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nYour code is 482913.\r\n"


def _multipart(boundary: bytes, body: bytes, kind: bytes = b"mixed") -> bytes:
    return b"Content-Type: multipart/" + kind + b'; boundary="' + boundary + b'"\r\n\r\n' + body


def _nested_multiparts(depth: int) -> bytes:
    opening = b"".join(b"--b%d\r\n" % n + _multipart(b"b%d" % (n + 1), b"") for n in range(depth))
    closing = b"".join(b"\r\n--b%d--" % n for n in reversed(range(depth)))
    return _multipart(b"b0", opening + b"--b%d\r\n" % depth + _PLAIN + closing)


def _nested_mails(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\r\n\r\n" * depth + _PLAIN


def _folded_header() -> bytes:
    return b"Subject: x\r\n" + b" folded and folded again\r\n" * 240_000 + _PLAIN


def _endless_parameters() -> bytes:
    pieces = b"".join(b"; boundary*%d*=utf-8''%%41" % n for n in range(20_000))
    return b"Content-Type: multipart/mixed" + pieces + b"\r\n\r\n" + _PLAIN


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "only line ends": lambda: b"\r\n" * 10_000,
    "500 nested multiparts": lambda: _nested_multiparts(500),
    "2,000 nested multiparts": lambda: _nested_multiparts(2_000),
    "100,000 parts": lambda: _multipart(b"b", (b"--b\r\n" + _PLAIN) * 100_000),
    "100,000 delimiters and nothing between": lambda: _multipart(b"b", b"--b\r\n" * 100_000),
    "a million false delimiters in one line": lambda: _multipart(b"b", b"--b" * 1_000_000),
    "200,000 lines that nearly delimit": lambda: _multipart(b"b", b"--bx\r\n" * 200_000),
    "a delimiter with a megabyte of blanks": lambda: _multipart(b"b", b"--b" + b" " * 1_000_000),
    "no boundary, lines of dashes": lambda: b"Content-Type: multipart/mixed\r\n\r\n" + b"--\r\n" * 100_000,
    "6 MB folded header": _folded_header,
    "6 MB header line": lambda: b"Subject: " + b"x" * 6_000_000 + b"\r\n\r\nbody",
    "100,000 headers": lambda: b"A: b\r\n" * 100_000 + b"\r\nbody",
    "50,000 bytes of colons": lambda: b":" * 50_000 + b"\r\n\r\nbody",
    "20,000 addresses": lambda: b"To: " + b"a@b.example, " * 20_000 + b"\r\n\r\n",
    "16,000 encoded words": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 16_000 + b"\r\n\r\n",
    "16,000 encoded words of unknown charsets": lambda: (
        b"Subject: " + b"".join(b"=?x%d?b?gIGC?= " % n for n in range(16_000)) + b"\r\n\r\n"
    ),
    "encoded words that never end": lambda: b"Subject: " + b"=?utf-8?q?" * 10_000 + b"\r\n\r\n",
    "quotes that never end": lambda: b'To: "' + b'\\"' * 50_000 + b"\r\n\r\n",
    "raw bytes in 20,000 headers": lambda: b"A: \x81\xfe\r\n" * 20_000 + b"\r\n",
    "20,000 RFC 2231 pieces": _endless_parameters,
    "a parameter piece of great number": lambda: b"Content-Type: a/b; x*999999999999*=''a\r\n\r\n",
    "1,200 nested mails": lambda: _nested_mails(1_200),
    "base64 of mails in mails": lambda: (
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(_nested_mails(5_000))
    ),
    "8 MB of base64 junk": lambda: b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=A\x80 B-_\r\n" * 900_000,
    "4 MB of broken quoted-printable": lambda: (
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=ZZ=\r= \t \n=" * 400_000
    ),
    "blanks after soft breaks": lambda: (
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" + b" " * 3_000_000
    ),
    "uuencode without an end": lambda: (
        b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\n" + b"M\xff\n" * 500_000
    ),
    "flowed text of 300,000 lines": lambda: (
        b"Content-Type: text/plain; format=flowed\r\n\r\n" + b">>a \r\n" * 300_000
    ),
    "300 KB of bytes in no charset": lambda: b"Content-Type: text/plain\r\n\r\n" + bytes(range(128, 256)) * 2_400,
    "no header end": lambda: b"Subject: x\r\nContent-Type: text/plain",
    "a part without an end": lambda: _multipart(b"b", b"--b\r\n" + b"x" * 3_000_000),
    "bare carriage returns": lambda: b"Subject: a\rContent-Type: text/plain\r\rbody" * 1_000,
    "NUL in every place": lambda: (
        b"Sub\0ject: a\0b\r\nFrom: \0<a\0@b.example>\r\nContent-Type: te\0xt/plain\r\n\r\na\0b"
    ),
    "a year out of range": lambda: b"Date: Mon, 99 Jan 99999999999 25:61:61 +9999\r\n\r\n",
    "an odd Message-ID": lambda: b"Message-ID: <[>@\r\nFrom: @\r\nTo: :;,<\r\nCc: ((((\r\n\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_read_in_time(name: str) -> None:
    raw = HOSTILE[name]()
    with within(_HANG):
        mail = read(raw)
        for value in mail.headers.all("to"):
            mailboxes(value)
    assert isinstance(mail, Mail)


@pytest.mark.parametrize(
    "charset", ["zlib", "hex", "idna", "punycode", "unicode_escape", "undefined", "rot13", "uu"]
)
def test_a_codec_that_is_no_charset_is_not_believed(charset: str) -> None:
    raw = f"Content-Type: text/plain; charset={charset}\r\n\r\ncode 482913 \u00e9".encode()
    assert read(raw).text == "code 482913 \u00e9"


def test_what_is_past_the_bounds_is_named() -> None:
    assert read(_nested_multiparts(50)).faults == ("nested too deep",)
    assert read(_multipart(b"b", (b"--b\r\n" + _PLAIN) * 300)).faults == ("too many parts",)
    assert read(b"\r\n\r\n" + b"x\r\n" * 400_000).faults == ("body cut",)
    assert read(_multipart(b"b", b"no such line")).faults == ("boundary not found",)


def test_parts_within_the_bounds_are_read() -> None:
    assert read(_nested_multiparts(19)).text == "Your code is 482913.\n"
    assert read(_multipart(b"b", (b"--b\r\n" + _PLAIN) * 300)).text.count("482913") == 199


_LINES = st.sampled_from(
    [
        b"--b",
        b"--b--",
        b"--bb",
        b"",
        b"Content-Type: multipart/mixed; boundary=b",
        b"Content-Type: text/html",
        b"Content-Type: message/rfc822",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Type: text/plain; charset=iso-2022-jp",
        b"Content-Type: text/plain; charset=utf-7; format=flowed",
        b"Content-Type: multipart/alternative; boundary=bb",
        b"Content-Disposition: attachment; filename*=x'y'%zz.eml",
        b"Subject: =?utf-8?b?w?= =?utf-8?b?6Q?=",
        b'From: "a\\" <b@c',
        b"=E9=\xe9",
        b"\x1b$B",
        b"+AGE-",
        b"AAAA=",
        b" x",
    ]
)


@settings(max_examples=300)
@given(
    raw=st.one_of(st.binary(max_size=300), st.lists(st.one_of(_LINES, st.binary(max_size=20))).map(b"\r\n".join))
)
def test_any_bytes_are_read(raw: bytes) -> None:
    mail = read(raw)
    for _, value in mail.headers.fields:
        mailboxes(value)
    mail.text.encode()
    mail.html.encode()


@settings(max_examples=200)
@given(value=st.text(alphabet='ab@.<>()",;:\\[] \0\u00e9\u200b', max_size=60))
def test_any_address_header_gives_only_whole_addresses(value: str) -> None:
    for mailbox in mailboxes(value):
        assert "@" in mailbox.address
        assert not set(mailbox.address.rpartition("@")[2]) & set(' <>()",;\\\0\u200b')
