"""How the letters and digits of a word are put together."""

import re
from itertools import pairwise
from string import ascii_lowercase, ascii_uppercase

_CONSONANTS = re.compile(r"^[b-df-hj-np-tv-z]+$|[b-df-hj-np-tv-xz]{5}")
_ABBREVIATIONS = re.compile("https?|d?html|xhtml|smtps?|nntp|ftps|sftp|pptp|rtsp|snmp|dhcp")
"""What newsletters of computing write without a vowel."""
_CAPITALS, _SMALL = ascii_uppercase.encode(), ascii_lowercase.encode()


def is_unpronounceable(value: str) -> bool:
    """Whether letters are no word of any language: without a vowel, or with five consonants in a row."""
    small = value.lower()
    return value.isalpha() and bool(_CONSONANTS.search(small)) and not _ABBREVIATIONS.fullmatch(small)


def is_interleaved(value: str) -> bool:
    """Letters and digits that change places at least twice, as no word and no reference by year does."""
    letters = [char.isalpha() for char in value if char.isalnum()]
    return sum(a != b for a, b in pairwise(letters)) > 1


def is_in_capitals(text: str) -> bool:
    """Whether it has more capitals than small letters."""
    if text.isascii():
        letters = text.encode()
        return len(letters.translate(None, _SMALL)) > len(letters.translate(None, _CAPITALS))
    return sum(map(str.isupper, text)) > sum(map(str.islower, text))


def is_foreign(plain: str) -> bool:
    """Whether most letters are no Latin ones."""
    letters = [char for char in plain if char.isalpha()]
    return sum(map(str.isascii, letters)) * 2 < len(letters)
