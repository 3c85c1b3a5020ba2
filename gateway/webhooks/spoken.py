"""What a transcribed voice says, with its numbers in digits: a code is read out digit by digit, in many ways."""

import re
from collections.abc import Iterable

from text_to_num import alpha2digit

LANGUAGES = ("da", "de", "en", "es", "fr", "it", "nl", "pt")
"""Whose number words are known."""
_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = frozenset(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
_NUMBERS = frozenset((*_UNITS, *_TEENS, *_TENS))
_DIGITS = {word: str(digit) for digit, word in enumerate(_UNITS)} | {str(digit): str(digit) for digit in range(10)}
_HEARD_AS = {"oh": "0", "o": "0", "to": "2", "too": "2", "for": "4", "won": "1", "ate": "8"}
"""What transcribers write for a digit that they take for a word."""
_TIMES = {"double": 2, "triple": 3}
_WORD = re.compile(r"[A-Za-z]+|[0-9]+|[^A-Za-z0-9]+")
_ONE_BY_ONE = re.compile(r"(?<![0-9])[0-9](?:[ ,.-]{1,3}[0-9](?![0-9])){1,40}")
_IN_GROUPS = re.compile(r"(?<![0-9])[0-9]{1,3}(?:[ -][0-9]{1,3}(?![0-9])){1,12}")
_FEWEST, _MOST = 4, 10
_CUT = re.compile(r"([0-9](?:[ ,.-]{0,3}[0-9])*)[ ,.-]*\n[ ,.-]*([0-9](?:[ ,.-]{0,3}[0-9])+|[0-9](?=[.,]|$))")
"""Digits at the end of a sentence and at the start of the next; a lone one there may count: "1 more time"."""
_WHOLE = 6
"""From so many digits on a number is no longer waiting for others: nearly every code has as many."""


def in_digits(text: str, language: str = "en") -> str:
    """The text with numbers that were read out as digits run together: "four eight, two nine" becomes 4829."""
    heard = _as_meant(text) if language == "en" else text
    written: str = alpha2digit(heard, language)
    return _IN_GROUPS.sub(_together, _ONE_BY_ONE.sub(_together, written))


def call_so_far(sentences: Iterable[str]) -> str:
    """Sentences of a call as one text, a line each; a code that a pause cut in two is in one piece again."""
    said = ""
    for sentence in sentences:
        said = _CUT.sub(_mended, f"{said}\n{sentence.strip()}".strip())
    return said


def has_number(sentence: str) -> bool:
    """Whether digits stand in it that may be a code."""
    return re.search(f"[0-9]{{{_FEWEST}}}", sentence) is not None


def _mended(found: re.Match[str]) -> str:
    begun, more = (re.sub("[^0-9]", "", half) for half in found.groups())
    return f"{begun}{more}" if len(begun) < _WHOLE and _FEWEST <= len(begun + more) <= _MOST else found[0]


def _as_meant(text: str) -> str:
    """English, with each digit of a row of numbers as a digit, however it was said: "double five", "oh", "to"."""
    tokens = _WORD.findall(text)
    words = [place for place, token in enumerate(tokens) if token.isalnum()]
    for _ in range(2):  # what is heard as a digit makes its neighbour one too
        for before, place, after in zip([None, *words], words, [*words[1:], None], strict=False):
            tokens[place] = _digit(tokens[place], _said(tokens, before), _said(tokens, after))
    return "".join(_apart(tokens))


def _digit(token: str, last: str, following: str) -> str:
    """A word as the digits that it means between its neighbours; any other as it is."""
    word = token.lower()
    if word in _TIMES and following in _DIGITS:
        return " ".join([_DIGITS[following]] * (_TIMES[word] - 1))
    if word in _UNITS and last not in _TENS and (_is_number(last) or _is_number(following)):
        return _DIGITS[word]
    if word in _HEARD_AS and (_is_number(last) or word == "oh") and _is_number(following):
        return _HEARD_AS[word]
    return token


def _said(tokens: list[str], place: int | None) -> str:
    return "" if place is None else tokens[place].lower().rpartition(" ")[2]


def _is_number(word: str) -> bool:
    return word in _NUMBERS or word in _TIMES or word.isdigit()


def _apart(tokens: list[str]) -> list[str]:
    """Tokens with a space for each hyphen between two numbers."""
    return [
        " " if text == "-" and _is_number(_said(tokens, at - 1)) and _is_number(_said(tokens, at + 1)) else text
        for at, text in enumerate(tokens[:-1])
    ] + tokens[-1:]


def _together(found: re.Match[str]) -> str:
    """The digits of a group run together; once only, where the voice said them over again."""
    digits = re.sub("[^0-9]", "", found[0])
    for times in (3, 2):
        length = len(digits) // times
        if length >= _FEWEST and digits == digits[:length] * times:
            return digits[:length]
    return digits if _FEWEST <= len(digits) <= _MOST else found[0]
