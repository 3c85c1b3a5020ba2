"""Finds the words that matter, in any of the languages in `languages/`, and says what each one means.

A language file has lines of `class: word, two words, stem*, *ending, *inside*`. Words are compared without
case and accents. Scripts that leave no space between words are searched for the longest entry at each place;
in Arabic and Hebrew the small words written onto the next one (and, the, in, for) are looked behind.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache, partial
from importlib import resources
from itertools import accumulate, chain
from typing import NamedTuple

from core.extract.folding import plain
from core.extract.spoken import Meaning, Names, said, spoken

_RUN = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u0f00-\u0f7e\u1000-\u103f\u1050-\u109f\u1100-\u11ff\u1780-\u17dd"
    "\u3005\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
)
_LETTER = (
    "a-zß-öø-ʯͰ-ҁҊ-Ֆա-ևא-תؠ-ي٠-ٯٱ-ۓۮ-ۿܐ-ࡘࢠ-ࣇ\u0900-\u0963\u0971-\u0dff"
    "\u10a0-\u10ff\u1200-\u135f\u1380-\u139f\u13a0-\u13f5\u1e00-\u1fff\u2d30-\u2d67"
)
_TOKEN = re.compile(f"([{_LETTER}]{{1,60}}|[{_RUN}]{{1,200}})")
_FIRST = re.compile(rf"(\*?){_TOKEN.pattern}(\*?)")
_RUN_BEGINS = re.compile(f"[{_RUN}]")
_ASCII_TOKEN = re.compile("([a-z]{1,60})")
_CLITICS = re.compile("(?:[وفبلك]{0,2}(?:ال|لل)|[وفبلكس]|[והבלמשכ]{1,2})(?=.{2})")
_SHORTEST_STEM = 2
_MOST_TOKENS = 20_000
_MOST_OF_REST = 4
"""Words of a phrase after its second that are asked for."""


class Hit(NamedTuple):
    """A word of the data, standing at `plain[start:end]`; `names` are its classes."""

    start: int
    end: int
    names: Names


_Raw = tuple[int, int, frozenset[Meaning]]
"""A hit before the languages of the text are known: its start, its end and its meanings."""


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
    """Its words after those that are known to stand there."""
    meanings: frozenset[Meaning]


class _Found(NamedTuple):
    """What a word means by itself, and the phrases that it begins."""

    meanings: frozenset[Meaning]
    closed: Mapping[str, list[_Phrase]]
    """By their second word."""
    opened: list[_Phrase]
    """Those whose second word may start or end with more."""


_EMPTY = _Found(frozenset(), {}, [])
_OF_RUNS = _Found(frozenset(), {}, [])
"""Letters that leave no space between words: where the words are in them is to be found."""


class Lexicon:
    """The words of all languages, ready to be looked for; phrases are taken apart once their first word is met."""

    def __init__(self, entries: list[tuple[Meaning, str]]) -> None:
        self._words: dict[_Pattern, frozenset[Meaning]] = {}
        self._phrases: dict[_Pattern, list[tuple[str, Meaning]]] = defaultdict(list)
        self._runs: dict[str, dict[str, set[Meaning]]] = defaultdict(lambda: defaultdict(set))
        for meaning, entry in entries:
            self._add(meaning, entry)
        self._keys = self._words.keys() | self._phrases.keys()
        self._inside = {p.letters for p in self._keys if p.open_start and p.open_end}
        self._sorted = {
            first: sorted(((w, frozenset(m)) for w, m in words.items()), key=lambda pair: -len(pair[0]))
            for first, words in self._runs.items()
        }
        self._begun_by = cache(self._begun)
        self.look_up = lru_cache(maxsize=20_000)(self._look_up)
        self.begin = lru_cache(maxsize=20_000)(self._begin)
        self.classes = lru_cache(maxsize=20_000)(
            lambda word: frozenset(m.name for m in self.look_up(word).meanings)
        )
        """The classes of a word in whatever language."""

    def _add(self, meaning: Meaning, entry: str) -> None:
        found = _FIRST.search(entry)
        if found is None:
            return
        before, letters, after = found.groups()
        if _RUN_BEGINS.match(letters):
            word = entry.replace("*", "")
            self._runs[word[0]][word].add(meaning)
            return
        first, rest = _pattern(letters, before == "*", after == "*"), entry[found.end(2) :]
        if rest and _TOKEN.search(rest):
            self._phrases[first].append((rest, meaning))
        else:
            self._words[first] = _with(self._words.get(first, frozenset()), meaning)

    def _look_up(self, word: str) -> _Found:
        """What a word means; the result is kept, for mail repeats its words."""
        meanings: set[Meaning] = set()
        closed: dict[str, list[_Phrase]] = defaultdict(list)
        opened: list[_Phrase] = []
        for key in self._readings(word):
            meanings |= self._words.get(key, frozenset())
            for phrase in self._begun_by(key):
                second = phrase.rest[0]
                (opened if second.open_start or second.open_end else closed[second.letters]).append(phrase)
        return _Found(frozenset(meanings), closed, opened) if meanings or closed or opened else _EMPTY

    def _begun(self, first: _Pattern) -> list[_Phrase]:
        """The phrases that a word begins."""
        begun = self._phrases.get(first, ())
        return [_Phrase(tuple(_patterns(rest)), _with(frozenset(), meaning)) for rest, meaning in begun]

    def _look_up_unless_run(self, word: str) -> _Found:
        return _OF_RUNS if _RUN_BEGINS.match(word) else self.look_up(word)

    def _begin(self, word: str, following: str) -> list[_Phrase]:
        """The phrases that two words begin, without these: of the hundreds that the first begins, few or none."""
        found = self.look_up(word)
        begun = [*found.closed.get(following, ()), *(p for p in found.opened if p.rest[0].fits(following))]
        return [_Phrase(rest[1:], meanings) for rest, meanings in begun]

    def _readings(self, word: str) -> list[_Pattern]:
        clitic = _CLITICS.match(word)
        stems = {word, word[clitic.end() :]} if clitic else {word}
        keys = [_Pattern(stem, False, False) for stem in stems]
        keys += [_Pattern(stem[:n], False, True) for stem in stems for n in range(_SHORTEST_STEM, len(stem) + 1)]
        keys += [_Pattern(word[n:], True, False) for n in range(len(word) - 1)]
        keys += [_Pattern(letters, True, True) for letters in self._inside if letters in word]
        return [key for key in keys if key in self._keys]

    def _in_run(self, text: str, at: int, end: int) -> list[_Raw]:
        """The longest entries, left to right, in text that leaves no space between words, or as it likes."""
        hits = []
        while at < end:
            for word, meanings in self._sorted.get(text[at], ()):
                if text.startswith(word, at):
                    hits.append((at, at + len(word), meanings))
                    at += len(word) - 1
                    break
            at += 1
        return hits

    def letters(self) -> Iterator[str]:
        """The letters of every word of the data, of entries of several words each one."""
        first = (pattern.letters for pattern in self._keys)
        return chain(first, *(_TOKEN.findall(rest) for phrases in self._phrases.values() for rest, _ in phrases))

    def _raw(self, text: str) -> list[_Raw]:
        look_up, token = (self.look_up, _ASCII_TOKEN) if text.isascii() else (self._look_up_unless_run, _TOKEN)
        pieces = token.split(text, _MOST_TOKENS)
        places, words = [*accumulate(map(len, pieces))], [*pieces[1::2], ""]
        starts, ends = places[0::2], places[1::2]
        hits: list[_Raw] = []
        following = zip(starts, ends, words, words[1:], map(look_up, words), strict=False)
        for at, (start, end, word, second, found) in enumerate(following, 2):
            if found is _OF_RUNS:
                hits += self._in_run(text, start, end)
                continue
            meanings, closed, opened = found
            if meanings:
                hits.append((start, end, meanings))
            if opened or second in closed:
                for rest, more in self.begin(word, second):
                    if not rest or all(map(_Pattern.fits, rest, words[at : at + _MOST_OF_REST])):
                        hits.append((start, ends[at - 1 + len(rest)], more))
        return hits

    def find(self, text: str) -> list[Hit]:
        """Every hit of a plain text's own languages, in order; time grows with the text's length alone."""
        raw = self._raw(text)
        letters: dict[frozenset[Meaning], int] = defaultdict(int)
        for start, end, meanings in raw:
            letters[meanings] += end - start
        languages = tuple(spoken(letters))
        meant = {meanings: said(meanings, languages) for meanings in letters}
        hits = sorted([(start, end, names) for start, end, meanings in raw if (names := meant[meanings])])
        return list(map(_hit, hits))


_hit: Callable[[tuple[int, int, Names]], Hit] = partial(tuple.__new__, Hit)
"""A hit of its fields: a mail has hundreds, and each by its name would cost twice as much."""
_pattern = cache(_Pattern)
"""One object a word, however many entries hold it."""


@cache
def _with(meanings: frozenset[Meaning], meaning: Meaning) -> frozenset[Meaning]:
    """Both together; one object for the same ones, for a hundred thousand entries have few different ones."""
    return meanings | {meaning}


def _patterns(entry: str) -> list[_Pattern]:
    return [
        _pattern(m.group(), entry[m.start() - 1 : m.start()] == "*", entry[m.end() : m.end() + 1] == "*")
        for m in _TOKEN.finditer(entry)
    ]


def read_entries(text: str, language: str) -> list[tuple[Meaning, str]]:
    """The entries of a language file's text, each with its meaning, without case and accents."""
    entries = []
    for line in text.splitlines():
        name, colon, words = line.partition(":")
        if colon and not line.startswith("#"):
            meaning = Meaning(name.strip(), language)
            entries += [(meaning, word.strip()) for word in plain(words).split(",")]
    return entries


@cache
def lexicon() -> Lexicon:
    """The lexicon of every language file that ships with the package."""
    folder = resources.files("core.extract") / "languages"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".words")), key=lambda f: f.name)
    return Lexicon([e for f in files for e in read_entries(f.read_text("utf-8"), f.name.removesuffix(".words"))])
