"""Finds the words that matter, in any of the languages in `languages/`, and says what each one means.

A language file has lines of `class: word, two words, stem*, *ending, *inside*`. Words are compared without
case and accents. Scripts that leave no space between words are searched for the longest entry at each place;
in Arabic and Hebrew the small words written onto the next one (and, the, in, for) are looked behind.
"""

import re
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from core.extract.folding import plain

_RUN = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u0f00-\u0f7e\u1000-\u103f\u1050-\u109f\u1100-\u11ff\u1780-\u17dd"
    "\u3005\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
)
_LETTER = (
    "a-zß-öø-ʯͰ-ҁҊ-Ֆա-ևא-תؠ-ي٠-ٯٱ-ۓۮ-ۿܐ-ࡘࢠ-ࣇ\u0900-\u0963\u0971-\u0dff"
    "\u10a0-\u10ff\u1200-\u135f\u1380-\u139f\u13a0-\u13f5\u1e00-\u1fff\u2d30-\u2d67"
)
_TOKEN = re.compile(f"([{_LETTER}]{{1,60}})|([{_RUN}]{{1,200}})")
_CLITICS = re.compile("(?:[وفبلك]{0,2}(?:ال|لل)|[وفبلكس]|[והבלמשכ]{1,2})(?=.{2})")
_SHORTEST_STEM = 2
_LONGEST_INSIDE = 16

Names = frozenset[str]
NOTHING: Names = frozenset()


class Hit(NamedTuple):
    """A word of the data, standing at `plain[start:end]`; `names` are its classes."""

    start: int
    end: int
    names: Names


class _Pattern(NamedTuple):
    """One word of an entry: its letters, and whether a word may start or end with more."""

    letters: str
    open_start: bool
    open_end: bool

    def fits(self, word: str) -> bool:
        if self.open_start and self.open_end:
            return self.letters in word
        if self.open_start:
            return word.endswith(self.letters)
        return word.startswith(self.letters) if self.open_end else word == self.letters


class _Phrase(NamedTuple):
    rest: tuple[_Pattern, ...]
    names: Names


class _Found(NamedTuple):
    names: Names
    phrases: tuple[_Phrase, ...]


_EMPTY = _Found(NOTHING, ())


class Lexicon:
    """The words of all languages, ready to be looked for."""

    def __init__(self, entries: list[tuple[str, str]]) -> None:
        self._words: dict[_Pattern, set[str]] = {}
        self._phrases: dict[_Pattern, list[_Phrase]] = {}
        self._runs: dict[str, dict[str, set[str]]] = {}
        for name, entry in entries:
            self._add(name, plain(entry.strip()))
        self._keys = self._words.keys() | self._phrases.keys()
        self._inside = {p.letters for p in self._keys if p.open_start and p.open_end}
        self._sorted = {
            first: sorted(((w, frozenset(n)) for w, n in words.items()), key=lambda x: -len(x[0]))
            for first, words in self._runs.items()
        }
        self.look_up = lru_cache(maxsize=20_000)(self._look_up)

    def _add(self, name: str, entry: str) -> None:
        found = _TOKEN.search(entry)
        if found is None:
            return
        if found.group(2):
            word = entry.replace("*", "")
            self._runs.setdefault(word[0], {}).setdefault(word, set()).add(name)
            return
        first, *rest = _patterns(entry)
        if rest:
            self._phrases.setdefault(first, []).append(_Phrase(tuple(rest), frozenset((name,))))
        else:
            self._words.setdefault(first, set()).add(name)

    def _look_up(self, word: str) -> _Found:
        """What a word means; the result is kept, for mail repeats its words."""
        names: set[str] = set()
        phrases: list[_Phrase] = []
        for key in self._readings(word):
            names |= self._words.get(key, NOTHING)
            phrases += self._phrases.get(key, ())
        if "other" in names:
            names.clear()
        return _Found(frozenset(names), tuple(phrases)) if names or phrases else _EMPTY

    def _readings(self, word: str) -> list[_Pattern]:
        clitic = _CLITICS.match(word)
        stems = {word, word[clitic.end() :]} if clitic else {word}
        keys = [_Pattern(stem, False, False) for stem in stems]
        keys += [
            _Pattern(stem[:n], False, True)
            for stem in stems
            for n in range(_SHORTEST_STEM, len(stem) + 1)
        ]
        keys += [_Pattern(word[n:], True, False) for n in range(len(word) - 1)]
        keys += [_Pattern(piece, True, True) for piece in _pieces(word) if piece in self._inside]
        return [key for key in keys if key in self._keys]

    def in_run(self, run: str, start: int) -> list[Hit]:
        """The longest entries, left to right, in text that leaves no space between words."""
        hits, at = [], 0
        while at < len(run):
            for word, names in self._sorted.get(run[at], ()):
                if run.startswith(word, at):
                    hits.append(Hit(start + at, start + at + len(word), names))
                    at += len(word) - 1
                    break
            at += 1
        return [hit for hit in hits if "other" not in hit.names]

    def find(self, text: str) -> list[Hit]:
        """Every hit in a plain text, in order; time grows with the text's length alone."""
        tokens = [(m.start(), m.end(), m.group(), m.lastindex) for m in _TOKEN.finditer(text)]
        hits: list[Hit] = []
        for index, (start, end, word, group) in enumerate(tokens):
            if group != 1:
                hits += self.in_run(word, start)
                continue
            names, phrases = self.look_up(word)
            if names:
                hits.append(Hit(start, end, names))
            if phrases:
                following = [(t[2], t[1]) for t in tokens[index + 1 : index + 6]]
                hits += _phrase_hits(start, phrases, following)
        hits.sort()
        return hits


def _phrase_hits(start: int, phrases: tuple[_Phrase, ...], following: list[tuple[str, int]]) -> list[Hit]:
    hits = []
    for rest, names in phrases:
        if len(rest) <= len(following) and all(
            pattern.fits(word) for pattern, (word, _) in zip(rest, following, strict=False)
        ):
            hits.append(Hit(start, following[len(rest) - 1][1], names))
    return hits


def _pieces(word: str) -> set[str]:
    return {
        word[start:end]
        for start in range(len(word))
        for end in range(start + _SHORTEST_STEM, min(len(word), start + _LONGEST_INSIDE) + 1)
    }


def _patterns(entry: str) -> list[_Pattern]:
    return [
        _Pattern(m.group(), entry[m.start() - 1 : m.start()] == "*", entry[m.end() : m.end() + 1] == "*")
        for m in _TOKEN.finditer(entry)
    ]


def read_entries(text: str) -> list[tuple[str, str]]:
    """The `(class, entry)` pairs of a language file's text."""
    entries = []
    for line in text.splitlines():
        name, colon, words = line.partition(":")
        if colon and not line.startswith("#"):
            entries += [(name.strip(), word) for word in words.split(",")]
    return entries


@cache
def lexicon() -> Lexicon:
    """The lexicon of every language file that ships with the package."""
    folder = resources.files("core.extract") / "languages"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".words")), key=lambda f: f.name)
    return Lexicon([entry for file in files for entry in read_entries(file.read_text("utf-8"))])
