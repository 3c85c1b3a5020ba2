"""What a transcribed voice says, with its numbers in digits: a code is read out digit by digit, in many ways."""

import re
from collections.abc import Mapping

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
_NUMBER = r"[0-9](?:[ ,.-]{0,3}[0-9])*"
_AT_ITS_END = re.compile(rf"{_NUMBER}(?=[ ,.-]*$)")
_AT_ITS_START = re.compile(rf"[ ,.-]*(?>({_NUMBER}))(?P<alone>[ ,.]*$|[.,])?")
_OF_SOMETHING = re.compile(
    r" ?(?:minu|se[cgk]|hou|hor|heure|or[ae]\b|uur|uren|stund|uhr|time|gang|mal\b|fois|ve[zc]|volt|keer|"
    r"da[gy]|tag|jour|giorn|d[ií]a|more|digit)",
    re.IGNORECASE,
)
"""What makes a number at the start of a sentence one of its own: "10 minutes left"."""
_TAIL = 60
"""Characters in which a number at the end of a sentence stands: a longer one waits for no more digits."""
_WHOLE = 6
"""From so many digits on a number is no longer waiting for others: nearly every code has as many."""
HELD = "…"
"""In place of a number that the next sentence may go on with."""


def in_digits(text: str, language: str = "en") -> str:
    """The text with numbers that were read out as digits run together: "four eight, two nine" becomes 4829."""
    heard = _as_meant(text) if language == "en" else text
    written: str = alpha2digit(heard, language)
    return _IN_GROUPS.sub(_together, _ONE_BY_ONE.sub(_together, written))


def to_read(sentences: Mapping[int, str], *, over: bool) -> list[str]:
    """What can be read by now of a call, whose sentences are given by their places: all of it, and its lines.

    A code that a pause cut is in one piece again. So that half of one is never taken for a whole, a number that
    another sentence may go on with is held back, until that has come or the call is over. Of the lines these are
    the ones with a number: what is said again comes right so where it was heard wrongly at first; until the call
    is over, only the last two, since the others were read before.
    """
    lines: list[str] = []
    for place, sentence in sorted(sentences.items()):
        if not sentence.strip():
            continue
        missing = lines and place - 1 not in sentences and not over
        whole = _mended(lines[-1], sentence) if lines and not missing else ""
        if missing:
            lines[-1] = _held_back(lines[-1])
        lines[-1:] = [whole] if whole else [*lines[-1:], sentence.strip()]
    if lines and not over:
        lines[-1] = _held_back(lines[-1])
    said = "\n".join(lines)
    if not said or (said.endswith(HELD) and not has_number(said)):
        return []
    return list(dict.fromkeys([said, *filter(has_number, lines if over else lines[-2:])]))


def has_number(sentence: str) -> bool:
    """Whether digits stand in it that may be a code."""
    return re.search(f"[0-9]{{{_FEWEST}}}", sentence) is not None


def _mended(line: str, sentence: str) -> str:
    """Both as one, where a number at the end of the line goes on in the sentence; "" where none does."""
    end, start = _AT_ITS_END.search(line, max(0, len(line) - _TAIL)), _AT_ITS_START.match(sentence)
    if not end or not start or _OF_SOMETHING.match(sentence, start.end(1)):
        return ""
    begun, more = _digits(end[0]), _digits(start[1])
    again = begun == more and len(more) >= _FEWEST
    lone = len(more) == 1 and start["alone"] is None
    if again or lone or max(len(begun), len(more)) >= _WHOLE or len(begun + more) > _MOST:
        return ""
    return f"{line[: end.start()]}{begun}{more}{sentence[start.end(1) :]}".strip()


def _held_back(line: str) -> str:
    """The line without a number at its end that may go on."""
    end = _AT_ITS_END.search(line, max(0, len(line) - _TAIL))
    return f"{line[: end.start()]}{HELD}" if end and len(_digits(end[0])) < _WHOLE else line


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


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
    digits = _digits(found[0])
    for times in (3, 2):
        length = len(digits) // times
        if length >= _FEWEST and digits == digits[:length] * times:
            return digits[:length]
    return digits if _FEWEST <= len(digits) <= _MOST else found[0]
