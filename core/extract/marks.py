"""What can be seen of a candidate beyond the words around it."""

import re
from collections import Counter
from string import ascii_lowercase

from core.extract import standing, writing
from core.extract.candidates import Span
from core.extract.context import Scene
from core.extract.quotations import Quotations
from core.extract.result import Part
from core.extract.spoken import NOTHING, Names
from core.extract.view import CODE, UNITS
from core.message import Channel, Content

_RETRIEVER_HASH = re.compile(r"\n(?![A-Z]?[a-z]+\s*$)[A-Za-z0-9+/]{11}\s*$")
"""Eleven characters of Base64 on the last line, and no word such as `Unsubscribe`."""
_JOINED_BEFORE = re.compile(r"[^\W_][-/_.]")
_JOINED_AFTER = re.compile(r"[-/_.][^\W_]")
_APART = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
)
"""Letters of scripts that leave no space between words: a number beside one still stands by itself."""
_TO_IT = re.compile(r"['-:](?:y?[aeə]|n[ae]|g[ae]|q[ae]|k[ae]|ra|re|een|oon)(?![^\W_])")
"""An ending that says `to`, as in Turkish `3340'a`, Hungarian `1740-re`."""
_HASH_LENGTH = 11
_DIGIT_BEFORE = re.compile(r"(?<![a-z]{3})[0-9](?:[ -]| ?[·•] ?)\Z")
"""Not that of a name, as in `Zephyr9 338104`."""
_DIGIT_AFTER = re.compile(r"(?:[ -]| ?[·•] ?)[0-9]")
_FRAME = " \t\n.!:-*_'\"()[]<>«»"
_NUMBER_SIGN = re.compile(
    r"(?:#|№|(?<![a-zα-ωа-я])(?:no|nº|n°|nr|n|num|nro|numero|č|c|št|st|br|sz|αρ|vs|zk)\.?) ?:? ?$"
)
_SHORTEST, _BESIDE, _LONGEST_DAY, _UNIT_NEXT = 4, 2, 2, 2
_PERSON = re.compile(r"(?!106)[0-9]{9,}")
"""A number that may be a person's: short codes have fewer digits, and Chinese companies send from 106…."""
_LITTLE, _SHORT, _FAR = 24, 60, 300
_FOOT = 4
"""Lines of a mail's foot."""


class Marker:
    """Tells what marks each candidate of one scene."""

    def __init__(self, scene: Scene, spans: list[Span], content: Content, part: Part, subject: str) -> None:
        self._scene = scene
        self._whole = part is not Part.SUBJECT
        self._subject = re.sub(r"[ -]", "", subject)
        self._counts = Counter(span.value for span in _outermost(spans))
        self._quotations = Quotations(scene)
        self._hrefs = standing.hrefs(scene, content)
        self._from = content.sender
        self._year = content.year
        self._sender = re.sub(r"[^0-9]", "", content.sender)
        self._joined = {span for span in spans if self._is_joined(span)}
        self._spaced = [span for span in spans if span.shape == "spaced"]
        plausible = [span for span in spans if self._is_plausible(span)]
        values = {span.value for span in plausible}
        self._plausible = {value for value in values if not writing.YEAR.fullmatch(value)} or values
        self._name = (content.sender_name or content.sender)[:_FAR].lower()
        self._length = len(scene.plain.strip())
        self._email = content.channel is Channel.EMAIL
        self._retriever = scene.shown.lstrip().startswith("<#>") or bool(_RETRIEVER_HASH.search(scene.shown))
        above = any(span.end < scene.quoted_from for span in plausible)
        self._quoted_from = scene.quoted_from if above or content.is_reply else len(scene.shown)

    def marks(self, span: Span) -> frozenset[str]:
        """The names of all marks that a candidate bears."""
        tests = (
            writing.marks(self._scene, span, self._name, self._year),
            self._of_place(span),
            self._of_message(span),
            standing.marks(self._scene, span, self._hrefs),
        )
        held = frozenset([name for each in tests for name, holds in each.items() if holds])
        return held | self._quotations.marks(span)

    def _of_place(self, span: Span) -> dict[str, bool]:
        """What stands right beside it, and where it stands."""
        return {
            "known word": span.value.isalpha() and bool(self._scene.hits_in(span.start, span.end)),
            "joined": span in self._joined,
            "part": self._is_part(span),
            "colon": self._is_after_colon(span),
            "first": self._whole and span.start < _SHORT and not self._scene.plain[: span.start].strip(_FRAME),
            "last": self._whole and not self._scene.plain[span.end : span.end + _SHORT].strip(_FRAME),
            "short": self._whole and self._length <= _SHORT,
            "in a name": span.value.lower() in self._name,
            "after a code word": span.shape == "glued" and self._is_after_code_word(span),
            "hash": len(span.value) == _HASH_LENGTH and self._retriever,
            "number sign": bool(_NUMBER_SIGN.search(self._before(span, 16))),
            "to it": bool(_TO_IT.match(self._scene.plain, span.end)),
            "month next": _may_be_of_a_date(span.value) and self._is_beside(span, "month"),
            "unit next": not UNITS.isdisjoint(self._next_names(span, 24)),
            "only number": self._plausible == {span.value},
            "question": self._is_in_a_question(span),
            "money next": "money" in self._next_names(span, 16),
        }

    def _of_message(self, span: Span) -> dict[str, bool]:
        """How it lies in the message as a whole."""
        return {
            "email": self._email,
            "subject": not self._whole,
            "from a person": not self._email and bool(_PERSON.match(self._sender)),
            "from a name": not self._email and bool(self._from) and not _PERSON.match(self._sender),
            "little more": self._whole and self._is_little_more(span),
            "repeated": self._counts[span.value] > 1,
            "in subject": bool(self._subject) and span.value in self._subject,
            "retriever": self._retriever and span.value.isdigit(),
            "forwarded from": self._is_header_line(span),
            "quoted": span.start > self._quoted_from > 0,
            "sender": bool(self._sender) and span.value == self._sender,
            "foot": self._whole and self._email and self._is_at_foot(span),
        }

    def _is_at_foot(self, span: Span) -> bool:
        """Whether it stands among other words in the last lines, where addresses and numbers to call are."""
        start, end = self._scene.line(span.start, span.end)
        beside = self._scene.plain[start : span.start] + self._scene.plain[span.end : end]
        above = self._scene.plain.count("\n", 0, start)
        below = self._scene.plain.count("\n", end)
        if below >= min(_FOOT, above) or not any(char.isalpha() for char in beside):
            return False
        names = self._scene.names_in(max(0, span.start - _LITTLE), span.end + _LITTLE)
        return names.isdisjoint(CODE | {"enter"})

    def _is_plausible(self, span: Span) -> bool:
        """Whether it could be a code by its looks alone."""
        return (
            not span.value.isalpha()
            and len(span.value) >= _SHORTEST
            and not self._scene.lookalikes.over(span.start, span.end)
            and span not in self._joined
        )

    def _is_beside(self, span: Span, name: str) -> bool:
        hits = self._scene.hits_in(max(0, span.start - 16), span.end + 16)
        return any(
            name in hit.names and (0 <= hit.start - span.end <= _BESIDE or 0 <= span.start - hit.end <= _BESIDE)
            for hit in hits
        )

    def _before(self, span: Span, count: int) -> str:
        return self._scene.plain[max(0, span.start - count) : span.start]

    def _is_after_colon(self, span: Span) -> bool:
        """Whether a colon or an equals sign is right before."""
        return self._before(span, 3).rstrip(" \"'«“").endswith((":", "=")) and not self._is_setting(span)

    def _is_setting(self, span: Span) -> bool:
        """Whether it is what a name of no meaning is set to, as in `rsize=4096`."""
        before = self._before(span, 2)
        if not before.endswith("=") or not before[:-1].isalnum():
            return False
        named = self._scene.hits_in(max(0, span.start - _LITTLE), span.start - 1)
        return not named or named[-1].end < span.start - 1

    def _is_joined(self, span: Span) -> bool:
        """Glued to letters of another script, or by a joint to more letters and digits."""
        plain, start, end = self._scene.plain, span.start, span.end
        if _is_letter(plain[start - 1 : start]) or _is_letter(plain[end : end + 1]):
            return span.shape != "glued"
        before, after = plain[max(0, start - 2) : start], plain[end : end + 2]
        if before.endswith("@") or self._is_setting(span):
            return True
        if before.endswith("-") and before[0].isalpha() and self._scene.shown[start - 2].islower():
            return False
        return bool(_JOINED_BEFORE.match(before) or _JOINED_AFTER.match(after))

    def _is_part(self, span: Span) -> bool:
        """Whether the digits go on beside it, and what goes on is no date or amount by itself.

        Of letters and digits, whether it is one group of two, as `B7T` in `B7T 4KM`.
        """
        plain = self._scene.plain
        if span.shape == "letters and digits":
            return any(it.start <= span.start and span.end <= it.end for it in self._spaced)
        sides = []
        if before := _DIGIT_BEFORE.search(plain, max(0, span.start - 7), span.start):
            sides.append(before.start())
        if after := _DIGIT_AFTER.match(plain, span.end):
            sides.append(after.end() - 1)
        return any(not self._scene.lookalikes.over(side, side + 1) for side in sides)

    def _is_after_code_word(self, span: Span) -> bool:
        """Whether the letters that it is glued to say code, as in `code4829`."""
        before = self._scene.plain[max(0, span.start - _LITTLE) : span.start]
        letters = len(before) - len(before.rstrip(ascii_lowercase))
        return bool(self._scene.names_in(span.start - letters, span.start) & CODE)

    def _next_names(self, span: Span, reach: int) -> Names:
        """The classes of the first word within reach that follows, if it stands right after."""
        hits = self._scene.hits_in(span.end, span.end + reach)
        return hits[0].names if hits and hits[0].start - span.end < _UNIT_NEXT else NOTHING

    def _is_in_a_question(self, span: Span) -> bool:
        _, end = self._scene.sentence(span.start, span.end)
        return self._scene.plain[span.end : end].rstrip(" \"'»”)").endswith(("?", "؟", "՞", ";?"))

    def _is_header_line(self, span: Span) -> bool:
        """Whether it is the sender in a line such as `From: 57711` that a phone forwarder wrote."""
        start, end = self._scene.line(span.start, span.end)
        before = self._scene.plain[start : span.start]
        return (
            len(before) < _LITTLE
            and ":" in before
            and not self._scene.plain[span.end : end].strip(' +-()"')
            and "from" in self._scene.names_in(start, span.start)
        )

    def _is_little_more(self, span: Span) -> bool:
        """The text without the candidate is a name at most."""
        text = self._scene.folded.plain
        if len(text) > _SHORT * 2:
            return False
        rest = text[: span.start] + text[span.end :]
        return len(rest.strip()) <= _LITTLE and not any(char.isdigit() for char in rest)


def _may_be_of_a_date(value: str) -> bool:
    return len(value) <= _LONGEST_DAY or bool(writing.YEAR.fullmatch(value))


def _is_letter(char: str) -> bool:
    return char.isalpha() and not _APART.match(char)


def _outermost(spans: list[Span]) -> list[Span]:
    """The spans that lie in no other, so that a place counts once."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept
