"""Bodies in the charset that was declared, in another one, or in none that anybody names."""

import sys
from encodings.aliases import aliases

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.mime import charsets, read

_JAPANESE = "ログインの確認コードは 482913 です。第三者に教えないでください。"
_CHINESE = "您的验证码是 482913，请在10分钟内输入，切勿泄露给他人。"
_TAIWANESE = "您的驗證碼是 482913，請在10分鐘內輸入，切勿洩露給他人。"
_KOREAN = "인증번호는 482913 입니다. 10분 이내에 입력해 주세요."
_RUSSIAN = "Ваш код подтверждения: 482913. Никому не сообщайте его."
_HEBREW = "שלום, קוד האימות שלך הוא 482913."
_THAI = "รหัสยืนยันของคุณคือ 482913 ใช้ได้ภายใน 10 นาที"
_FRENCH = "Voici votre code de vérification : 482913. À bientôt, l’équipe."

ALIASES = [
    ("windows-874", "cp874", _THAI),
    ("tis-620", "cp874", _THAI),
    ("iso-8859-11", "cp874", _THAI),
    ("iso-8859-8-i", "iso8859_8", _HEBREW),
    ("iso-8859-8-e", "iso8859_8", _HEBREW),
    ("logical", "iso8859_8", _HEBREW),
    ("x-sjis", "cp932", _JAPANESE),
    ("Shift_JIS", "cp932", _JAPANESE),
    ("windows-31j", "cp932", _JAPANESE),
    ("iso-2022-jp", "iso2022_jp", _JAPANESE),
    ("x-euc-jp", "euc_jp", _JAPANESE),
    ("gb2312", "gbk", _CHINESE),
    ("x-gbk", "gbk", _CHINESE),
    ("cp936", "gbk", _CHINESE),
    ("big5", "big5", _TAIWANESE),
    ("hz-gb-2312", "hz", "验证码"),
    ("ks_c_5601-1987", "cp949", _KOREAN),
    ("euc-kr", "cp949", _KOREAN),
    ("koi8-u", "koi8_u", _RUSSIAN),
    ("win-1251", "cp1251", _RUSSIAN),
    ("cp-866", "cp866", _RUSSIAN),
    ("cp-850", "cp850", "código 482913"),
    ("latin1", "cp1252", _FRENCH),
    ("iso-8859-1", "cp1252", _FRENCH),
    ("ISO8859-15", "iso8859_15", "café 10 €"),
    ("utf8mb4", "utf-8", _FRENCH),
    ("UTF8", "utf-8", _FRENCH),
    ("unicode-1-1-utf-7", "utf-7", _FRENCH),
    ("utf-16", "utf-16", _FRENCH),
    ("utf-16le", "utf-16-le", _FRENCH),
    ("utf-32", "utf-32", _FRENCH),
    ("macintosh", "mac_roman", "código 482913"),
    ("utf-8*en", "utf-8", _FRENCH),
]


@pytest.mark.parametrize(("label", "codec", "text"), ALIASES)
def test_a_declared_charset_is_read_under_any_of_its_names(label: str, codec: str, text: str) -> None:
    assert charsets.decode(text.encode(codec), label) == text


UNDECLARED = [
    (_JAPANESE, "cp932"),
    (_JAPANESE, "euc_jp"),
    (_CHINESE, "gb18030"),
    (_KOREAN, "cp949"),
    (_RUSSIAN, "cp1251"),
    (_RUSSIAN, "koi8_r"),
    (_THAI, "cp874"),
    (_FRENCH, "cp1252"),
    (_FRENCH, "utf-8"),
    (_FRENCH, "utf-8-sig"),
    (_FRENCH, "utf-16"),
]


@pytest.mark.parametrize(("text", "codec"), UNDECLARED)
@pytest.mark.parametrize("label", ["", "unknown-8bit", "x-unknown", "us-ascii", "\0", "é", "utf-8"])
def test_a_charset_that_is_missing_unknown_or_wrong_is_found(text: str, codec: str, label: str) -> None:
    assert charsets.decode(text.encode(codec), label) == text


def test_utf_8_is_read_as_such_though_a_single_byte_charset_was_declared() -> None:
    for label in ("iso-8859-1", "windows-1252", "windows-1251", "koi8-r", "iso-8859-2"):
        assert charsets.decode(_RUSSIAN.encode(), label) == _RUSSIAN


def test_japanese_declared_as_latin_is_read_as_japanese() -> None:
    raw = b"Content-Type: text/html; charset=iso-8859-1\r\n\r\n<p>" + _JAPANESE.encode("cp932") + b"</p>"
    assert read(raw).html == f"<p>{_JAPANESE}</p>"


def test_the_meta_element_speaks_when_the_header_is_silent() -> None:
    page = f'<html><head><meta charset="iso-8859-5"></head><body>{_RUSSIAN}</body></html>'
    assert charsets.decode(page.encode("iso-8859-5"), "", markup=True) == page
    old = page.replace('charset="iso-8859-5"', 'http-equiv=Content-Type content="text/html; charset=koi8-r"')
    assert charsets.decode(old.encode("koi8-r"), "", markup=True) == old


def test_a_few_damaged_bytes_do_not_turn_the_whole_into_another_charset() -> None:
    damaged = _RUSSIAN.encode()[:-3] + b"\xd0"
    assert charsets.decode(damaged, "utf-8").startswith(_RUSSIAN[:40])
    assert charsets.decode(damaged, "").endswith("\ufffd")


@pytest.mark.parametrize(
    ("label", "text"),
    [("euc-kr", _KOREAN), ("ks_c_5601-1987", _KOREAN), ("gb2312", _CHINESE), ("big5", _TAIWANESE)],
)
def test_a_few_damaged_bytes_leave_a_text_in_its_declared_charset(label: str, text: str) -> None:
    damaged = text.encode(charsets.python_codec(label)) + b" \xff\xff"
    assert charsets.decode(damaged, label).startswith(text)


def test_a_byte_that_means_nothing_does_not_turn_latin_letters_into_others() -> None:
    turkish = "Türk üyelerimiz için çok özel: giriş kodunuz 482913, geçerlilik süresi on dakika."
    assert "kodunuz 482913" in charsets.decode(turkish.encode("cp1254") + b" \x81", "")
    assert "Türk üyelerimiz için çok özel" in charsets.decode(turkish.encode("cp1254") + b" \x81", "")


@pytest.mark.parametrize("label", ["", "unknown-8bit"])
def test_a_text_without_a_zero_byte_is_no_utf_16(label: str) -> None:
    page = b"URL: https://news.example/money/\r\n\r\nBrothers add a chain of shops to an empire for \xa3750m.\r\n"
    for text in (page, page + b" "):
        assert "for \xa3750m" in charsets.decode(text, label)


def test_ascii_is_ascii_whatever_was_declared() -> None:
    for label in ("", "utf-8", "gb2312", "big5", "windows-1251", "nonsense", "x" * 5_000):
        assert charsets.decode(b"code 482913", label) == "code 482913"


def test_an_unknown_name_is_never_asked_of_python() -> None:
    assert charsets.python_codec("os") == ""
    assert "encodings.os" not in sys.modules
    for name in ("zlib", "hex", "idna", "punycode", "unicode_escape", "undefined", "mbcs", "", "\0"):
        assert charsets.python_codec(name) == ""


@settings(max_examples=300)
@given(
    data=st.binary(max_size=120),
    label=st.sampled_from([*sorted(set(aliases)), "utf8mb4", ""]),
    markup=st.booleans(),
)
def test_any_bytes_are_text_in_any_charset(data: bytes, label: str, *, markup: bool) -> None:
    charsets.decode(data, label, markup=markup).encode()
    charsets.decode_short(data, label).encode()
