"""The block of header lines that a mail program writes above a message it forwards."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property

from core.forwards.subjects import same_subject
from core.forwards.words import WORDS, Field, field_words, fold_word

_QUOTED = re.compile(r"[ \t\xa0]{0,8}(?:>[ \t]?){0,9}")
_HEADER = re.compile(r"(?P<label>[^:：\n<>@]{1,40}?)[\s*_]{0,4}[:：][\s*_]{0,4}(?P<value>[^\n]{0,1000})")
_ADDRESS = re.compile(r"[^\s<>\[\]()\",;:|]{1,64}@[^\s<>\[\]()\",;:|]{1,255}")
_WROTE = re.compile(
    r"[^\n]{0,300}[<\[(](?:mailto:)?(?P<address>[^\s<>@]{1,64}@[^\s<>@\])]{1,255})[>\])][^\n]{0,120}[:：]"
)
_STUCK = re.compile(r"[ \t]{0,8}-{3,12}[^-\n]{3,60}-{3,12}[ \t]{0,4}\w")
_EDGES = " \t\xa0*\r\u200e\u200f"
_LONGEST = 12
"""Header lines in one block: more is a table of something else."""
_LONGEST_VALUE = 4000
"""Characters of one header line that matter: of a thousand recipients the first are enough."""
_SEARCHED = 3000
"""Lines that are looked at, from the top."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """A forwarded block: it stands at `text[start:end]`, and the forwarded message begins at `end`."""

    start: int
    end: int
    fields: dict[Field, str] = field(repr=False)

    def address(self, name: Field) -> str:
        """The first mail address in a line, as written; "" where there is none."""
        match = _ADDRESS.search(self.fields.get(name, ""))
        return match[0].strip("*'").rstrip(".") if match else ""

    def name(self, name: Field) -> str:
        """The display name in front of the address of a line, or the line itself when it has no address."""
        value = self.fields.get(name, "")
        match = _ADDRESS.search(value)
        return re.sub(r"(?:mailto:|[\s\"'<>\[\]()*|])+", " ", value[: match.start()] if match else value).strip()


@dataclass(frozen=True, kw_only=True)
class _Line:
    start: int
    end: int
    text: str

    @cached_property
    def header(self) -> tuple[str, str] | None:
        """Label (folded) and value, when the line looks like a header."""
        match = _HEADER.fullmatch(self.text)
        return (fold_word(match["label"]), match["value"].strip(" \t\xa0;")) if match else None


def find_block(text: str, subject: str) -> Block | None:
    """The topmost forwarded block of a text, or None; `subject` is that of the message around it.

    A block names a sender and at least two of recipient, date and subject, in the words of any of the
    languages in `core.forwards.words`; in other languages, the line that repeats `subject` gives it away.
    """
    if "@" not in text:
        return None
    lines = list(_lines(text))
    headers = [(at, line.header) for at, line in enumerate(lines) if line.header]
    worded = (_worded(lines, at) for at, header in headers if header[0] in field_words())
    repeats = [at for at, header in headers if same_subject(subject, header[1])]
    near = (at for at, _ in headers if any(at - _LONGEST < repeat < at + 2 * _LONGEST for repeat in repeats[:5]))
    repeating = (_repeating(lines, at, subject) for at in near)
    return next(filter(None, worded), None) or next(filter(None, repeating), None)


def find_attribution(text: str) -> Block | None:
    """The line `On DATE, NAME <ADDRESS> wrote:`, in any language, with which some programs forward."""
    for line in _lines(text):
        match = _WROTE.fullmatch(line.text)
        if match and re.search(r"[0-9]", line.text):
            return Block(start=line.start, end=line.end, fields={Field.SENDER: match["address"]})
    return None


def unquoted(text: str) -> str:
    """The text without the `>` marks at the start of its lines, one level deep."""
    return re.sub(r"(?m)^[ \t]?>[ \t]?", "", text)


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for _ in range(_SEARCHED):
        end = text.find("\n", start)
        stop = len(text) if end < 0 else end
        for begin, finish in _unstuck(text, start, stop):
            body = text[begin : min(finish, begin + 1100)]
            mark = _QUOTED.match(body)
            yield _Line(start=begin, end=finish, text=body[mark.end() if mark else 0 :].strip(_EDGES))
        if end < 0:
            return
        start = end + 1


def _unstuck(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The lines that one line of Yahoo's plain text really is: its separator and all headers in one."""
    at = start
    if _STUCK.match(text, start, stop):
        for match in _stuck_word().finditer(text, start, min(stop, start + 4000)):
            yield at, match.start()
            at = match.start()
            if Field.SUBJECT in field_words()[fold_word(match[1])]:
                break
    yield at, stop


@cache
def _stuck_word() -> re.Pattern[str]:
    """A header word in its own case, after anything but a letter, and the colon."""
    written = (
        word.strip() for line in WORDS.splitlines() for cell in line.split("|")[2:] for word in cell.split(",")
    )
    words = sorted(filter(None, set(written)), key=len, reverse=True)
    return re.compile(r"(?<![^\W\d_])(" + "|".join(map(re.escape, words)) + r")\s?[:：]")


def _worded(lines: list[_Line], at: int) -> Block | None:
    found: dict[Field, str] = {}
    last = at
    for label, value, line in _run(lines, at):
        meant = field_words().get(label, frozenset())
        free = [name for name in Field if name in meant and (name is Field.OTHER or name not in found)]
        if not free:
            break
        found[free[0]] = value
        last = line
    told = len(found.keys() & {Field.RECIPIENT, Field.DATE, Field.SUBJECT})
    addressed = [name for name in (Field.SENDER, Field.RECIPIENT) if _ADDRESS.search(found.get(name, ""))]
    needed = 2 if Field.SENDER in addressed else 3  # inside one company, Outlook shows names alone
    if Field.SENDER not in found or not addressed or told < needed:
        return None
    return Block(start=lines[at].start, end=lines[last].end, fields=found)


def _repeating(lines: list[_Line], at: int, subject: str) -> Block | None:
    """A block in words that nobody listed: it repeats the subject and names the sender before the recipient."""
    found: dict[Field, str] = {}
    last = at
    for label, value, line in _run(lines, at):
        name = _shown(value, subject, found)
        if name is None or re.search(r"[0-9]", label) or found.keys() >= _TELLING:
            break
        found[name] = value
        last = line
    if not {Field.SENDER, Field.SUBJECT} <= found.keys() or len(found) < 3:  # noqa: PLR2004 - and one line more
        return None
    return Block(start=lines[at].start, end=lines[last].end, fields=found)


_TELLING = frozenset(Field) - {Field.OTHER}


def _shown(value: str, subject: str, found: dict[Field, str]) -> Field | None:
    """What a value must be, whatever its label says: a date has numbers, a code one number alone."""
    if same_subject(subject, value):
        name = Field.SUBJECT
    elif _ADDRESS.search(value):  # sender, recipient, copies: in this order in every program
        name = next(
            it for it in (Field.SENDER, Field.RECIPIENT, Field.OTHER) if it not in found or it is Field.OTHER
        )
    elif len(re.findall(r"[0-9]+", value)) > 1:
        name = Field.DATE
    else:
        return None
    return None if name in found and name is not Field.OTHER else name


def _run(lines: list[_Line], at: int) -> Iterator[tuple[str, str, int]]:
    """Header lines from `at` on: label, value, and the index of the last line that belongs to it."""
    blanks = taken = 0
    while at < len(lines) and taken < _LONGEST and blanks < 2:  # noqa: PLR2004 - one empty line may stand between
        header = lines[at].header
        if not lines[at].text:
            blanks += 1
        elif header is None:
            return
        else:
            label, value, at = _with_continuation(lines, at, *header)
            blanks, taken = 0, taken + 1
            yield label, value, at
        at += 1


def _with_continuation(lines: list[_Line], at: int, label: str, value: str) -> tuple[str, str, int]:
    """A header line with the lines that go on with its value."""
    following = _continuation(lines, at, value)
    while following and len(value) < _LONGEST_VALUE:
        at, value = following, f"{value} {lines[following].text}".strip()
        following = _continuation(lines, at, value)
    return label, value, at


def _continuation(lines: list[_Line], at: int, value: str) -> int:
    """Where a value goes on, or 0: under its label (tables), in a list of addresses, or folded before a header."""
    below, next_but_one = _shape(lines, at + 1), _shape(lines, at + 2)
    if not value:
        values = ("plain", "header") if _shape(lines, at) == "worded" else ("plain",)
        return at + 1 if below in values else at + 2 if not below and next_but_one in values else 0
    if below != "plain":
        return 0
    listed = lines[at].text.endswith((",", ";")) and "@" in value and "@" in lines[at + 1].text
    return at + 1 if listed or next_but_one == "worded" or lines[at + 1].text.startswith("<") else 0


def _shape(lines: list[_Line], at: int) -> str:
    """What a line looks like: `worded` (a header in known words), `header`, `plain` (a time too), "" if empty."""
    if at >= len(lines) or not lines[at].text:
        return ""
    header = lines[at].header
    if header is None or re.search(r"[0-9]", header[0]):
        return "plain"
    return "worded" if header[0] in field_words() else "header"
