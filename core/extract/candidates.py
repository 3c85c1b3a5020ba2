"""Finds everything in a text that could be a code, with where it stands and how it is written."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from string import ascii_letters, digits
from typing import NamedTuple

from core.extract.folding import Folded
from core.extract.letter_runs import are_strange

LIMIT = 300
"""Spans of one text that are looked at closely."""
NEAR = 80
BESIDE = 40
LETTERS = frozenset({"capitals", "dashed capitals", "word", "named word"})
"""Shapes without a digit."""
TELLING = frozenset({"code", "otp", "verify", "login", "enter", "secret", "expire"})
"""Classes of words within `NEAR` characters that make a span worth a closer look."""

# Each begins with its first character, and what must not stand before comes second: so `re` skips at once to
# where a match may begin, and a text is searched several times as fast.
_SEPARATOR = r"(?: ?[ .,·|•_*-] ?|\n{1,2})"
_SPELLED = re.compile(rf"[0-9](?<![0-9A-Za-z*].)(?:(?:{_SEPARATOR})[0-9](?![0-9A-Za-z])){{3,9}}(?![*#])")
_SPELLED_MIXED = re.compile(r"[0-9A-Z](?<![0-9A-Za-z].)(?:[ .-][0-9A-Z](?![0-9A-Za-z])){3,9}")
_SPELLED_CAPITALS = re.compile(r"[A-Z](?<![0-9A-Za-z].)(?:[ .-][A-Z](?![0-9A-Za-z])){3,9}")
_GROUPS = re.compile(
    r"[0-9](?:(?<![0-9A-Za-z].)[0-9]{0,3}(?:[ ·-][0-9]{1,4}){1,5}(?:(?![0-9A-Za-z])|(?=[A-Z][A-Za-z]{3}))"
    r"|[0-9]{2} - [0-9]{3}(?![0-9])"
    r"|(?<![0-9A-Za-z].)(?:[0-9]{2} ?[·•] ?[0-9]{3}|[0-9]{3} ?[·•] ?[0-9]{4})(?![0-9A-Za-z]))"
)
_PAIR = re.compile(r"[0-9](?<![0-9A-Za-z].)(?=([0-9]{1,4})([ ._-])([0-9]{2,5})(?![0-9A-Za-z]))")
_BRACKETED = re.compile(r"\((?<![0-9A-Za-z)+].)([1-9][0-9]{2,3})\)[ -]?([0-9]{3,4})(?![0-9A-Za-z]|[ .-][0-9])")
"""As in `(482) 913`, and not in `(482) 913-2210` or `(020) 913`, which are phones' numbers."""
_RUN = re.compile("[0-9A-Za-z]{3,}")
_OF_NO_WORD = re.compile("[0-9A-Z](?:(?<=[0-9])|(?<=[0-9A-Za-z].))", re.DOTALL)
_DATE_FORMAT = re.compile("(?:DD|MM|YY|HH|SS|TT|JJ|AA|GG|RR|XX|NN){2,4}")
"""How a date or a number is to be written, as `DDMMYYYY`: no code by itself."""
_LETTERS_AND_DIGITS = ascii_letters + digits
_NO_WORD = re.compile(r"[b-df-hj-np-tv-xz](?<![^\W_].)[b-df-hj-np-tv-xz]{4,9}(?![^\W_])")
"""Lower-case letters without a vowel."""
_CONSONANTS = bytes(ord("c") if chr(code) in "bcdfghjklmnpqrstvwxz" else ord(".") for code in range(256))
_NAMED = re.compile(
    r"[^\n:.!?;0-9]{0,40}:[ \t]*\n{0,2}[ \t]*[\"'«“„(*]{0,2}([A-Za-z]{4,12}(?:-[A-Za-z]{3,8}){0,2})"
    r"(?=[\"'»”“)*]{0,2}(?:[.,!;)](?:\s|$)|[ \t]*(?:\n|$)| [-–(|]))"
)
"""What follows a word and its colon, and ends there: a word that is the code."""
_ASKED_FOR = re.compile(r"[ \t]{1,2}[\"'«“„(*]{0,2}(?=[a-z-]{5})([a-z]{3,10}(?:-[a-z]{3,8}){0,2})(?![\w-])")
"""A word in small letters, right after what asks for it."""
_DASHED = re.compile(r"[0-9A-Za-z](?<![0-9A-Za-z].)[0-9A-Za-z]{1,7}(?:-[0-9A-Za-z]{1,8}){1,4}(?![0-9A-Za-z])")
_SPACED = re.compile(
    r"[0-9A-Z](?<![0-9A-Za-z-].)(?:[0-9A-Z](?: [0-9A-Z]{2}){2,4}|[0-9A-Z]{2}(?: [0-9A-Z]{3}){1,2}"
    r"|[0-9A-Z]{2,3} [0-9A-Z]{3,4})(?![0-9A-Za-z-])"
)
_PREFIXED = re.compile(r"[A-Z](?<![0-9A-Za-z].)[A-Z]{0,4}-([0-9]{3,8}|[0-9]{3}[ -][0-9]{3})(?![0-9A-Za-z])")
_GLUED = re.compile(r"([A-Za-z]{3,12}|[a-z]{1,2})([0-9]{4,8})|([0-9]{4,8})([A-Za-z]{2,12})")
_WORD_AND_DIGITS = re.compile(r"[a-z]{1,8}-[0-9]{2,8}|[0-9]{1,3}-[A-Z]?[a-z]{3,8}|[0-9]{2,8}-[a-z]{1,4}")
"""A small word joined to a number, as Zulu writes `is 123456`, or a number to a word or an ending: `15-digit`."""
_BOUND = re.compile(r"(?:^|\n)[ \t]*@([a-z0-9][a-z0-9.-]{1,250}) #([0-9A-Za-z-]{1,40})", re.IGNORECASE)
_SHORTEST = 4
_LONGEST = 12
_LONGEST_WHOLE = 9
_LONGEST_RUN = 24


class Span(NamedTuple):
    """`shown[start:end]` could be a code; `value` is what a person would type; `shape` how it is written."""

    start: int
    end: int
    value: str
    shape: str


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


def _spelled(shown: str) -> Iterator[Span]:
    for match in _SPELLED.finditer(shown):
        yield Span(match.start(), match.end(), _digits(match.group()), "spelled")
    for match in _SPELLED_MIXED.finditer(shown):
        value = re.sub(r"[ .-]", "", match.group())
        if not value.isdigit() and any(char.isdigit() for char in value):
            yield Span(match.start(), match.end(), value, "spelled letters")


def _groups(shown: str) -> Iterator[Span]:
    """Runs of digit groups, and the even pairs within a run that is no code as a whole."""
    whole: list[tuple[int, int]] = []
    for match in _GROUPS.finditer(shown):
        groups = re.split("[ ·•-]+", match.group())
        value = "".join(groups)
        if _SHORTEST <= len(value) <= _LONGEST:
            even = len({len(group) for group in groups}) == 1 and len(groups[0]) > 1
            yield Span(match.start(), match.end(), value, "groups" if even else "uneven groups")
            whole += [match.span()] if even and len(value) <= _LONGEST_WHOLE else []
    for match in _PAIR.finditer(shown):
        first, second = match[0] + match[1], match[3]
        index = bisect_right(whole, match.start(), key=itemgetter(0)) - 1
        if index >= 0 and match.end(3) <= whole[index][1]:
            continue
        if len(first) == len(second) and len(first) > 2:  # noqa: PLR2004 - two pairs of two are no code
            yield Span(match.start(), match.end(3), first + second, "groups")


def _bracketed(shown: str) -> Iterator[Span]:
    for match in _BRACKETED.finditer(shown) if ")" in shown else ():
        if len(match[1]) == len(match[2]):
            yield Span(match.start(), match.end(), match[1] + match[2], "groups")


def _runs(shown: str) -> Iterator[Span]:
    """Of the runs of letters and digits those with a digit, or with a capital after their first letter."""
    after = 0
    for sign in _OF_NO_WORD.finditer(shown):
        if sign.start() < after:
            continue
        run = _RUN.match(shown, after + len(shown[after : sign.start()].rstrip(_LETTERS_AND_DIGITS)))
        after = run.end() if run else sign.end()
        if run and not run[0].isalpha():
            yield from _of_atom(run.start(), run[0])
        elif run and _SHORTEST <= len(run[0]) <= _LONGEST:
            yield from _of_letters(run.start(), run[0])


def _of_atom(at: int, atom: str) -> Iterator[Span]:
    if len(atom) <= _LONGEST:
        yield Span(at, at + len(atom), atom, "digits" if atom.isdigit() else "letters and digits")
    glued = _GLUED.fullmatch(atom) if len(atom) <= _LONGEST_RUN else None
    if glued:
        group = 2 if glued.group(2) else 3
        yield Span(at + glued.start(group), at + glued.end(group), glued.group(group), "glued")


def _of_letters(at: int, word: str) -> Iterator[Span]:
    """A word of capitals, or one with capitals inside, as `qLmZx`; a name such as `PayFix` has one."""
    if _DATE_FORMAT.fullmatch(word):
        return
    if word.isupper():
        yield Span(at, at + len(word), word, "capitals")
    elif sum(map(str.isupper, word[1:])) > 1:
        yield Span(at, at + len(word), word, "word")


def _letters(shown: str) -> Iterator[Span]:
    for match in _SPELLED_CAPITALS.finditer(shown):
        yield Span(match.start(), match.end(), re.sub(r"[ .-]", "", match.group()), "capitals")
    consonants = shown.encode("ascii", "replace").translate(_CONSONANTS)
    for match in _NO_WORD.finditer(shown) if b"ccccc" in consonants else ():
        yield Span(match.start(), match.end(), match.group(), "word")


def _prefixed(shown: str) -> Iterator[Span]:
    for match in _PREFIXED.finditer(shown) if "-" in shown else ():
        yield Span(match.start(), match.end(), _digits(match.group(1)), "prefixed")


def _dashed(shown: str) -> Iterator[Span]:
    for match in _DASHED.finditer(shown) if "-" in shown else ():
        value = match.group()
        if _WORD_AND_DIGITS.fullmatch(value):
            continue
        mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
        if mixed or value.isupper():
            yield Span(match.start(), match.end(), value, "dashed" if mixed else "dashed capitals")


def _spaced(shown: str) -> Iterator[Span]:
    for match in _SPACED.finditer(shown):
        value = match.group().replace(" ", "")
        if any(char.isdigit() for char in value) and any(char.isalpha() for char in value):
            yield Span(match.start(), match.end(), value, "spaced")


_READERS: tuple[Callable[[str], Iterator[Span]], ...] = (
    _spelled,
    _groups,
    _bracketed,
    _prefixed,
    _dashed,
    _spaced,
    _runs,
    _letters,
)


def find(shown: str) -> list[Span]:
    """Every span that could be a code, in order of place; a place may be read in several ways."""
    spans = {span for reader in _READERS for span in reader(shown)}
    return sorted(spans)


def named(shown: str, ends: Iterable[int]) -> Iterator[Span]:
    """The words that stand alone after a colon, where a word that names a code ends at one of `ends`."""
    for end in ends:
        match = _NAMED.match(shown, end)
        if match:
            yield Span(match.start(1), match.end(1), match.group(1), "named word")


def asked_for(shown: str, ends: Iterable[int]) -> Iterator[Span]:
    """The small letters that make no word, as `mofqer`, where a word that asks for them ends at one of `ends`."""
    for end in ends:
        match = _ASKED_FOR.match(shown, end)
        if match and are_strange(match.group(1)):
            yield Span(match.start(1), match.end(1), match.group(1), "word")


def values(text: str) -> set[str]:
    """The values of everything in a given text that could be a code."""
    return {span.value for span in find(Folded(text).shown)}


def find_bound(shown: str) -> tuple[Span, str] | None:
    """The origin-bound code of the last line (`@host #code`, WICG sms-one-time-codes) and its host."""
    found = None
    for match in _BOUND.finditer(shown) if " #" in shown else ():
        found = match
    if found is None:
        return None
    return Span(found.start(2), found.end(2), found.group(2), "origin-bound"), found.group(1).lower()
