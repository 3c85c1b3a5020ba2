"""Headers as a person would read them, however they were folded, encoded or broken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.mime import headers, read


def _subject(*lines: str) -> str:
    return read("\r\n".join(["Subject: " + lines[0], *lines[1:], "", "body"]).encode()).subject


SUBJECTS = {
    "plain": (["Your code is 482913"], "Your code is 482913"),
    "folded": (["Your code", " is 482913"], "Your code is 482913"),
    "folded at a tab": (["Your code", "\tis 482913"], "Your code\tis 482913"),
    "quoted-printable word": (["=?utf-8?Q?Code_de_v=C3=A9rification:_482913?="], "Code de vérification: 482913"),
    "base64 word": (["=?UTF-8?B?w4lxdWlwZQ==?="], "Équipe"),
    "base64 word without padding": (["=?UTF-8?b?w4lxdWlwZQ?="], "Équipe"),
    "words on two lines are joined": (["=?utf-8?q?482?=", " =?utf-8?q?913?="], "482913"),
    "words without a blank between them are joined": (["=?utf-8?q?482?==?utf-8?q?913?="], "482913"),
    "a character split over two words": (["=?utf-8?b?w6nDqcM=?=", " =?utf-8?b?qQ==?="], "ééé"),
    "a word beside plain text": (["Re: =?utf-8?q?caf=C3=A9?= code"], "Re: café code"),
    "a word with its language": (["=?utf-8*fr?q?caf=C3=A9?="], "café"),
    "Japanese in two words": (
        ["=?iso-2022-jp?B?GyRCRyc+WhsoQg==?= =?iso-2022-jp?B?GyRCJTMhPCVJGyhC?="],
        "認証コード",
    ),
    "Japanese that was called Latin": (["=?gb2312?B?0enWpMLr?="], "验证码"),
    "blanks inside a word": (["=?utf-8?q?your code 482913?="], "your code 482913"),
    "an unknown charset": (["=?nonsense?q?caf=E9?="], "café"),
    "a word that is none": (["=?utf-8?x?abc?="], "=?utf-8?x?abc?="),
    "an unfinished word": (["=?utf-8?q?abc"], "=?utf-8?q?abc"),
    "line ends inside a word": (["=?utf-8?q?a=0D=0ABcc:_b?="], "a  Bcc: b"),
    "raw UTF-8": (["Código: 482913"], "Código: 482913"),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_subject_is_read(name: str) -> None:
    lines, expected = SUBJECTS[name]
    assert _subject(*lines) == expected


def test_a_raw_header_of_another_charset_is_read_by_the_bodys() -> None:
    raw = "Subject: Ваш код\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n".encode("koi8-r")
    assert read(raw).subject == "Ваш код"
    assert read("Subject: café\r\n\r\n".encode("latin-1")).subject == "café"


def test_fields_keep_their_order_and_come_in_lower_case() -> None:
    mail = read(b"Received: b\r\nX-A : 1\r\nreceived: a\r\n\r\n")
    assert mail.headers.fields == (("received", "b"), ("x-a", "1"), ("received", "a"))
    assert mail.headers.all("received") == ("b", "a")
    assert mail.headers.first("received") == "b"
    assert mail.headers.first("subject") == ""


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_any_line_end_will_do(end: str) -> None:
    mail = read(f"From: a@b.example{end}Subject: x{end} y{end}{end}one{end}two{end}".encode())
    assert (mail.subject, mail.text) == ("x y", "one\ntwo\n")


def test_a_bare_carriage_return_starts_no_header() -> None:
    mail = read(b"Subject: real\r\nX-A: b\rSubject: forged\r\n\r\nbody")
    assert mail.headers.all("subject") == ("real",)


def test_a_mail_without_headers_is_all_body() -> None:
    assert read(b"Your code is 482913.\n\nBye\n").text == "Your code is 482913.\n\nBye\n"
    assert read(b"\r\n\r\nYour code is 482913.").text == "Your code is 482913."


def test_a_missing_empty_line_does_not_swallow_the_body() -> None:
    mail = read(b"Subject: x\nYour code is 482913.\n\nBye\n")
    assert (mail.subject, mail.text) == ("x", "Your code is 482913.\n\nBye\n")


def test_a_missing_empty_line_does_not_swallow_the_first_part() -> None:
    part = b"--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYour code is 482913\r\n--b1--\r\n"
    mail = read(b"Subject: a\r\nContent-Type: multipart/mixed; boundary=b1\r\n \r\n" + part)
    assert mail.subject == "a"
    assert mail.text == "Your code is 482913"


def test_lines_that_are_no_header_are_passed_over() -> None:
    mail = read(
        b"From user@b.example Mon Jan  1\r\nSubject: x\r\n>From me\r\n folded\r\nTo: a@b.example\r\n\r\nbody"
    )
    assert mail.headers.fields == (("subject", "x"), ("to", "a@b.example"))
    assert mail.text == "body"


def test_only_the_first_100_kb_of_headers_are_read() -> None:
    mail = read(b"Subject: x\r\n" + b"A: b\r\n" * 50_000 + b"To: a@b.example\r\n\r\nbody")
    assert mail.subject == "x"
    assert mail.headers.first("to") == ""
    assert mail.text == "body"


PARAMETERS = {
    "plain": ("text/plain; charset=utf-8", {"charset": "utf-8"}),
    "quoted": ('a/b; name="x; y=\\"z\\""', {"name": 'x; y="z"'}),
    "blanks": ('a/b ; boundary = "b 1" ; charset= utf-8 ', {"boundary": "b 1", "charset": "utf-8"}),
    "a missing semicolon": ("text/html charset=utf-8", {"charset": "utf-8"}),
    "two of a name": ("a/b; boundary=one; boundary=two", {"boundary": "one"}),
    "continued": ("a/b; name*1=cd; name*0=ab; name*10=ij; name*2=ef", {"name": "abcdefij"}),
    "percent-encoded": ("a/b; name*=utf-8'en'caf%C3%A9", {"name": "café"}),
    "continued and encoded": (
        "a/b; name*0*=iso-8859-1''caf%E9; name*1=%20au; name*2*=%20lait",
        {"name": "café%20au lait"},
    ),
    "without quotes": ("a/b; name*=caf%C3%A9", {"name": "café"}),
    "unclosed quote": ('a/b; name="x', {"name": "x"}),
    "upper case": ("A/B; NAME=X", {"name": "X"}),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_are_read(name: str) -> None:
    value, expected = PARAMETERS[name]
    assert headers.parameters(value)[1] == expected


@settings(max_examples=200)
@given(value=st.text(alphabet="ab/;=*'\"%0 \\\u00e9", max_size=80))
def test_any_value_has_parameters_or_none(value: str) -> None:
    for text in headers.parameters(value)[1].values():
        text.encode()


@settings(max_examples=200)
@given(text=st.text(alphabet='=?utf-8bBqQ_ é"\\<>@,\0', max_size=80))
def test_any_header_is_decoded_without_control_characters(text: str) -> None:
    for name in ("Subject", "From"):
        mail = read(f"{name}: {text}\r\n\r\n".encode())
        assert "\0" not in mail.headers.first(name.lower())
