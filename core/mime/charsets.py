"""Bytes to text, be the declared charset right, an alias, missing, unknown or a lie."""

import codecs
import re
from encodings.aliases import aliases
from functools import lru_cache

from bs4.dammit import EncodingDetector

_SAMPLE = 4 * 1024
_NO_CHARSETS = {
    "base64_codec",
    "bz2_codec",
    "hex_codec",
    "quopri_codec",
    "rot_13",
    "uu_codec",
    "zlib_codec",
    "mbcs",
}
_NAMELESS = {"cp720", "cp737", "cp856", "cp874", "koi8_t", "koi8_u", "mac_croatian", "mac_romanian", "utf_8_sig"}
_CODECS = frozenset(aliases.values()) - _NO_CHARSETS | _NAMELESS
_MEANT = {
    # The larger set that senders mean by these names (WHATWG Encoding, 4.2).
    "latin_1": "cp1252", "iso8859_1": "cp1252", "iso8859_9": "cp1254", "iso8859_11": "cp874",
    "tis_620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932",
    "big5": "cp950", "iso2022_jp": "iso2022_jp_ext",
    # Names that Python lacks.
    "utf8mb4": "utf_8", "utf8mb3": "utf_8", "unicode_1_1_utf_8": "utf_8", "unicode_1_1_utf_7": "utf_7",
    "cp65001": "utf_8", "iso_10646_ucs_2": "utf_16", "ucs_2": "utf_16", "unicode": "utf_16", "koi8_ru": "koi8_u",
    "koi8": "koi8_r", "x_gbk": "gb18030", "cn_gb": "gb18030", "cn_big5": "cp950", "x_x_big5": "cp950",
    "x_sjis": "cp932", "x_shift_jis": "cp932", "x_euc_jp": "euc_jp", "cp51932": "euc_jp", "x_euc_kr": "cp949",
    "cp51949": "cp949", "cp50220": "iso2022_jp_ext", "cp50221": "iso2022_jp_ext", "cp50222": "iso2022_jp_ext",
    "x_mac_roman": "mac_roman", "x_mac_cyrillic": "mac_cyrillic", "x_mac_ce": "mac_latin2",
    "visual": "iso8859_8", "logical": "iso8859_8",
}  # fmt: skip
_NUMBERED = re.compile(r"(?:x_)?(?:windows|win|cp|ibm|dos|ms)_?(\d{3,5})")
_ISO = re.compile(r"iso_?8859_?(\d{1,2})(?:_[ie])?(?:_\d{4})?")
_WIDE = ("utf_", "gb", "cp932", "cp949", "cp950", "big5", "euc", "shift", "iso2022", "hz", "johab")
_NOT_ASCII = ("utf_16", "utf_32", "utf_7", "iso2022", "hz", "cp037", "cp1026", "cp1140", "cp273", "cp424", "cp500")
_WRITTEN = """big5hkscs cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp866 cp874 cp932 cp949 cp950
    euc_jis_2004 euc_jp gb18030 iso2022_jp_ext iso2022_kr iso8859_15 iso8859_2 iso8859_5 iso8859_6 iso8859_7
    iso8859_8 koi8_r koi8_u utf_16 utf_16_be utf_16_le utf_8"""
_LIKELY = frozenset(_WRITTEN.split())
"""What mail is written in; what else is detected is as a rule an error."""
_NO_CONTROLS = bytes({*range(256)} - {*range(0x80, 0xA0)} | {0x85})
_NOT_LATIN = re.compile(rb"[\xa1-\xff]{5}|[a-z][\xb5\xbc-\xbf][a-z ]")
_MARKS = {
    codecs.BOM_UTF8: "utf_8_sig", codecs.BOM_UTF32_LE: "utf_32", codecs.BOM_UTF32_BE: "utf_32",
    codecs.BOM_UTF16_LE: "utf_16", codecs.BOM_UTF16_BE: "utf_16",
}  # fmt: skip
_ANY_MARK = tuple(_MARKS)
_USUAL = ("cp1252", "cp1250", "cp1255", "cp1251", "koi8_r", "cp950")
# What the wrong charset makes of a text: capitals and signs inside words, Latin beside Cyrillic or Hebrew letters,
# boxes, half-width katakana, private use, what means nothing, and R or L with an acute accent, which hardly any
# language has.
_ODD = re.compile(
    "(?<=[a-z\xdf-\xf6а-яё])[A-Z\xc0-\xd6А-ЯЁ]|(?<=\\w)[\xa1-\xb6\xb8-\xbf\xd7\xf7\u2020-\u2022](?=\\w)"
    "|[a-z][а-яёא-ת]|[а-яёא-ת][a-z]|[\u2500-\u259f\uff61-\uff9f\ue000-\uf8ff\ufffdŔŕĹĺ]"
)
_FEW = 8
"""Bytes that a single-byte charset may not have, in a text that is in that charset nevertheless."""
_TELLING = re.compile(rb"[^<>\s]{0,40}[\x80-\xff][^<>]{0,400}")


def python_codec(label: str) -> str:
    """Python's codec for a charset label of a mail (RFC 2978, aliases, misspellings); "" when it is none we know.

    Python itself is never asked for an unknown name: it would remember each for ever.
    """
    return _codec(label[:80])


@lru_cache(maxsize=1_000)
def _codec(label: str) -> str:
    """The same of a label of usual length; kept, for mails repeat their charsets."""
    name = re.sub("[^a-z0-9]+", "_", label.lower().partition("*")[0]).strip("_")
    if match := _ISO.fullmatch(name):
        name = f"iso8859_{match.group(1)}"
    elif match := _NUMBERED.fullmatch(name):
        name = f"cp{match.group(1)}"
    name = aliases.get(name, name)
    meant = _MEANT.get(name, name)
    return meant if meant in _CODECS else ""


def decode(data: bytes, label: str, *, markup: bool = False) -> str:
    """The text of `data`, whose charset was declared as `label` ("" for not at all); never fails.

    The first reading that fits strictly: byte order mark, the declared charset (but UTF-8 before any
    single-byte one, which fits everything), `<meta>` where it is `markup`, then what BeautifulSoup detects.
    """
    codec = python_codec(label)
    text = _declared(data, codec)
    if text is None:
        text = _nearly(data, codec) or _detected(data, codec, markup=markup)
    return _forced(data, codec) if text is None else text


def decode_short(data: bytes, label: str) -> str:
    """The same for a few words of a header, too short to detect anything; never fails."""
    codec = python_codec(label)
    text = _declared(data, codec)
    return _forced(data, codec) if text is None else text


def _declared(data: bytes, codec: str) -> str | None:
    if data.startswith(_ANY_MARK):
        codec = next(codec for mark, codec in _MARKS.items() if data.startswith(mark))
    elif data.isascii() and not codec.startswith(_NOT_ASCII):
        return data.decode("ascii")
    for name in (codec, "utf_8") if codec.startswith(_WIDE) else ("utf_8", codec):
        text = _fits(data, name)
        if text is not None:
            return None if name == "cp1252" and _NOT_LATIN.search(data) else text
    return None


def _fits(data: bytes, codec: str) -> str | None:
    """`data` in that codec if it decodes strictly, and to something that people write."""
    if not codec:
        return None
    try:
        text = data.decode(codec)
        if codec == "utf_7":
            text.encode()  # Python's UTF-7 lets half a surrogate pair through
    except ValueError:  # UnicodeError is one
        return None
    return None if not codec.startswith(_WIDE) and _holds_controls(text) else text


def _holds_controls(text: str) -> bool:
    """Whether it holds controls between ASCII and Latin-1, as hardly any text does."""
    return bool(text.encode("latin_1", "ignore").translate(None, _NO_CONTROLS))


def _forced(data: bytes, codec: str) -> str:
    """`data` with a mark in place of each byte that does not fit."""
    return data.decode("cp1252" if codec in {"", "ascii", "utf_7"} else codec, "replace")


def _nearly(data: bytes, codec: str) -> str | None:
    """What was declared, or UTF-8, of which a few bytes were cut or damaged on the way, or stand below it."""
    text = data.decode(codec if codec.startswith(_WIDE) else "utf-8", "replace")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text if text.count("\ufffd") * 8 < beyond_ascii else None


def _detected(data: bytes, codec: str, *, markup: bool) -> str | None:
    """`data` in whatever reads least oddly of what its `<meta>` names, BeautifulSoup detects, and is usual."""
    named = EncodingDetector.find_declared_encoding(data[:_SAMPLE], is_html=True) if markup else None
    sample = b"\n".join(_TELLING.findall(data[: 64 * 1024]))[:_SAMPLE]
    detector = EncodingDetector(sample, user_encodings=[named] if named else [], exclude_encodings=["utf-8"])
    likely = [name for name in map(python_codec, detector.encodings) if name in _LIKELY]
    readings = [_nearly_fits(data, name) for name in dict.fromkeys((*likely, *_USUAL, codec))]
    return min((text for text in readings if text is not None), key=_oddness, default=None)


def _nearly_fits(data: bytes, codec: str) -> str | None:
    """`data` in that codec; of a single-byte one a few bytes may mean nothing, which reads oddly."""
    if codec.startswith("utf_16") and b"\0" not in data:
        return None  # it has no blanks, digits or line ends
    text = _fits(data, codec)
    if text is None and codec and not codec.startswith(_WIDE):
        text = data.decode(codec, "replace")
        text = None if _holds_controls(text) or text.count("\ufffd") > _FEW else text
    return text


def _oddness(text: str) -> int:
    return len(_ODD.findall(text[: 64 * 1024]))
