"""What stands around a place in a text: its sentence, the words before and after, the words near."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from core.extract import lookalikes, quoting, sentences, words
from core.extract.folding import Folded
from core.extract.spoken import NOTHING, Names
from core.extract.words import Hit

NEAR = 260
"""Characters to each side within which a word still says something about a number."""
_LINE = 400
_FEW = 16
_SHORT = 2
_CLOSE_GAP = 14
_GAP_BEFORE = re.compile(rf"[^0-9]{{0,{_CLOSE_GAP}}}\Z")
_GAP_AFTER = re.compile(f"[^0-9]{{0,{_CLOSE_GAP}}}")
_NUMBER = re.compile(r"[0-9][0-9 .,/:-]{0,40}[0-9]|[0-9]")
_TIMES = frozenset({"date", "time"})
_TELLING = frozenset({"code", "otp", "verify", "login", "meeting", "notme", "alert"})
_SIGNATURE = re.compile(r"\s*[\[【［](?:[^\]】］\n]{1,24})[\]】］]")
_CAMEL = re.compile(r"[A-Z]?[a-z]+[A-Z]")
_INNER_CAPITAL = re.compile(r"[A-Z](?<=[a-z].)")
_FRAME = " \t*_-=|<>#~:.\"'«»[]()"
_NAMES_CODE = frozenset({"code", "otp"})
_WARNING = frozenset({"secret", "warn"})
_JOINING = frozenset({"is", "lang"})
_BEFORE_A_VALUE = " :：\n\t*\"'“«"
"""Of these, none parts a value from the words before it."""
_COMMA = re.compile(r"[,;:(،、，；：（/|\n]")


# Sights are not frozen: a mail may have hundreds of candidates, and freezing doubles the cost of each.
@dataclass(kw_only=True, slots=True, eq=False)
class Sight:
    """What one place sees; each field holds word classes."""

    label: Names
    """Of the nearest word right before it, no other number between."""
    outright: bool
    """Nothing stands between that word and it but a colon or a word such as `is`."""
    close_before: Names
    before: Names
    close_after: Names
    after: Names
    sentence: Names
    near: Names
    alone: bool
    """Nothing else stands on its line."""


class Scene:
    """One text with its words, sentences and lookalikes found."""

    def __init__(self, text: str, *, older_from: int = 0) -> None:
        self._older_from = older_from
        self.folded = Folded(text)
        self.addresses = lookalikes.addresses(self.folded.plain)
        unread = sorted([*self.addresses, *lookalikes.armour(self.folded.plain)])
        self.shown, self.plain = (_blank(text, unread) for text in (self.folded.shown, self.folded.plain))
        self.lookalikes = lookalikes.find(self.plain)
        signature = _SIGNATURE.match(self.shown)
        self._signed = signature.end() if signature else 0
        self.hits = words.lexicon().find(self.plain)
        if signature or _INNER_CAPITAL.search(self.shown):
            self.hits = [hit for hit in self.hits if not self._is_in_a_name(hit)]
        self._starts: tuple[int, ...]
        self._names: tuple[Names, ...]
        self._starts, ends, self._names = zip(*self.hits, strict=True) if self.hits else ((), (), ())
        self._reached = list(accumulate(ends, max))
        self._breaks = sentences.ends(self.shown, self.plain, self.hits)
        self._numbers = [m.span() for m in _NUMBER.finditer(self.plain) if not self._is_time(*m.span())]
        self._number_starts = [start for start, _ in self._numbers]

    def _is_in_a_name(self, hit: Hit) -> bool:
        """Whether a word of some trade stands in a name as `ParcelPup`, or in a 【signature】 at the start."""
        if not hit.names.isdisjoint(_TELLING):
            return False
        return hit.end < self._signed or _CAMEL.match(self.shown, hit.start, hit.end) is not None

    def _is_time(self, start: int, end: int) -> bool:
        """Whether it is a date or time: it tells of the number beside it, as in `123, sent at 10:14, is old`."""
        over = self.lookalikes.over(start, end)
        return bool(over) and any(item.name in _TIMES for item in over)

    def is_quoted(self, start: int) -> bool:
        """Whether a place lies below the line where older mail is quoted."""
        return start >= self.quoted_from > 0

    @cached_property
    def quoted_from(self) -> int:
        """Where older mail is quoted; the text's length where none is."""
        return min(quoting.begins(self.folded.shown), self.folded.at(self._older_from) or len(self.shown))

    @cached_property
    def warned_until(self) -> int:
        """Where the last sentence ends that speaks of codes, if each of them warns or bids secrecy; else -1."""
        last = -1
        for hit in self.hits:
            if hit.start < last or hit.names.isdisjoint(_NAMES_CODE):
                continue
            low, high = self.sentence(hit.start, hit.end)
            if self.names_in(low, high).isdisjoint(_WARNING):
                return -1
            last = high
        return last

    def hits_in(self, start: int, end: int) -> list[Hit]:
        """The words that lie wholly within `plain[start:end]`."""
        found = self.hits[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        return [hit for hit in found if hit.end <= end]

    def names_in(self, start: int, end: int) -> Names:
        """The classes of the words within `plain[start:end]`."""
        low, high = bisect_left(self._starts, start), bisect_left(self._starts, end)
        if low >= high:
            return NOTHING
        if self._reached[high - 1] > end:
            return _all(self.hits_in(start, end))
        return NOTHING.union(*set(self._names[low:high]))

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Bounds of the sentence or line around `plain[start:end]`, or of what is near in a long one."""
        index = bisect_right(self._breaks, start)
        first = self._breaks[index - 1] if index else 0
        last = bisect_left(self._breaks, end)
        stop = self._breaks[last] if last < len(self._breaks) else len(self.plain)
        return max(first, start - _LINE), min(stop, end + _LINE)

    def _stop_before(self, low: int, start: int) -> int:
        """End of what speaks of the number before; short numbers (10 min, 2 steps) don't count."""
        index = bisect_left(self._number_starts, start)
        for number_start, number_end in reversed(self._numbers[max(0, index - _FEW) : index]):
            if number_end <= low:
                break
            if number_end - number_start > _SHORT:
                until = number_end + len(self.plain[number_end:start].rstrip(_BEFORE_A_VALUE))
                comma = _COMMA.search(self.plain, number_end, until)
                return comma.end() if comma else number_end
        return low

    def _stop_after(self, end: int, high: int) -> int:
        """Where what follows a number speaks of something else: a comma and then another number."""
        comma = _COMMA.search(self.plain, end, high)
        index = bisect_left(self._number_starts, end)
        for number_start, number_end in self._numbers[index : index + _FEW]:
            if number_start >= high:
                break
            if number_end - number_start > _SHORT:
                return comma.start() if comma and comma.start() < number_start else number_start
        return high

    def line(self, start: int, end: int) -> tuple[int, int]:
        """Bounds of the line around `plain[start:end]`, or of what is near in a long line."""
        low, high = max(0, start - _LINE), min(len(self.plain), end + _LINE)
        begin, stop = self.plain.rfind("\n", low, start) + 1, self.plain.find("\n", end, high)
        return begin or low, high if stop < 0 else stop

    def line_before(self, start: int) -> tuple[int, int]:
        """Bounds of the nearest line above that is not empty, or an empty range at 0."""
        stop = start - 1
        for _ in range(_FEW):
            if stop <= 0:
                break
            begin = self.plain.rfind("\n", 0, stop) + 1
            if self.plain[begin:stop].strip():
                return begin, stop
            stop = begin - 1
        return 0, 0

    def line_after(self, end: int) -> tuple[int, int]:
        """Bounds of the nearest line below that is not empty, or an empty range at the end."""
        begin = end + 1
        for _ in range(_FEW):
            if begin >= len(self.plain):
                break
            stop = self.plain.find("\n", begin)
            stop = len(self.plain) if stop < 0 else stop
            if self.plain[begin:stop].strip():
                return begin, stop
            begin = stop + 1
        return len(self.plain), len(self.plain)

    def _reach(self, start: int, end: int, line: tuple[int, int]) -> tuple[int, int]:
        """How far back and on the words belong to a place: its sentence, or the line above or below its line."""
        low, high = self.sentence(start, end)
        if not self.plain[line[0] : start].strip(_FRAME):
            above_start, above_end = self.line_before(line[0])
            low = max(above_start, self.sentence(above_end - 1, above_end - 1)[0]) if above_end else low
        if not self.plain[end : line[1]].strip(_FRAME):
            high = self.line_after(line[1])[1]
        return low, high

    def around(self, start: int, end: int, line: tuple[int, int], aside: Names) -> tuple[Names, Names]:
        """The words of the sentence of `plain[start:end]` or of the line above, and those near: for a link."""
        near = self.names_in(max(0, start - NEAR), end + NEAR) | aside
        low, high = self._reach(start, end, line)
        if low < line[0]:
            low = self.line_before(line[0])[0]
        return self.names_in(low, high), near

    def sight(self, start: int, end: int, aside: Names = NOTHING) -> Sight:
        """Look around `plain[start:end]`; `aside` are words that count as near (the subject's)."""
        line = self.line(start, end)
        low, high = self._reach(start, end, line)
        first, last = self._stop_before(low, start), self._stop_after(end, high)
        before, after = self._close(start, end)
        close = [hit for hit in self.hits_in(first, start) if hit.end >= before]
        nearest = max((hit.end for hit in close if not hit.names <= _JOINING), default=-1)
        return Sight(
            label=_all([hit for hit in close if hit.end == nearest]) - _JOINING,
            outright=_is_outright(self.plain[nearest:start], close, nearest),
            close_before=_all(close),
            before=self.names_in(first, start),
            close_after=_all([hit for hit in self.hits_in(end, last) if hit.start <= after]),
            after=self.names_in(end, last),
            sentence=self.names_in(low, high),
            near=self.names_in(max(0, start - NEAR), end + NEAR) | aside,
            alone=not (self.plain[line[0] : start] + self.plain[end : line[1]]).strip(_FRAME),
        )

    def _close(self, start: int, end: int) -> tuple[int, int]:
        """Where what stands right before a place begins, and what stands right after ends: no digit between."""
        before = _GAP_BEFORE.search(self.plain, max(0, start - _CLOSE_GAP), start)
        after = _GAP_AFTER.match(self.plain, end)
        return before.start() if before else start, after.end() if after else end


def _all(hits: list[Hit]) -> Names:
    return NOTHING.union(*{hit.names for hit in hits})


def _is_outright(gap: str, close: list[Hit], nearest: int) -> bool:
    """Whether a word names its value by a colon, an equals sign or a word such as `is`."""
    joined = any("is" in hit.names and hit.start >= nearest for hit in close)
    return nearest >= 0 and (joined or ":" in gap or "=" in gap)


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with the spans, in order, replaced by spaces, so that every offset stays; they may overlap."""
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], " " * (end - max(at, start))]
        at = max(at, end)
    return "".join([*parts, text[at:]])
