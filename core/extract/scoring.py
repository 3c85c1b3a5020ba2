"""Why one candidate is the code and another is a price, a phone number or a date: features and their weights.

Weights are log-odds: they add up, and a sum of 0 means as likely as not.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.extract import weights
from core.extract.candidates import LETTERS, Span
from core.extract.context import Sight
from core.extract.result import Reason
from core.extract.words import Names


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """All that scoring may look at for one candidate."""

    span: Span
    sight: Sight
    looks_like: frozenset[str]
    about: Names
    """Word classes of the subject, or of the top of the text for a candidate in the subject."""
    marks: frozenset[str]
    """What was seen of it beyond words: `repeated`, `in subject`, `only number`, …"""


@dataclass(frozen=True, slots=True)
class Feature:
    """One fixed phrase, and when it holds; its weight is in `weights`."""

    name: str
    holds: Callable[[View], object]


_CODE = frozenset({"code", "otp"})
_ACTION = frozenset({"verify", "login", "enter"})
_PREFIX = re.compile(r"[A-Z]{1,5}-[0-9]+")
_DASHED_PAIR = 3
_USUAL = 6
_MIXED = frozenset({"letters and digits", "dashed", "spaced"})
_UNITS = frozenset({"unit", "minute", "hour", "second", "day", "week"})
_COMMAND = frozenset({"verify", "enter"})
_LOGIN = frozenset({"verify", "login", "secret"})
_ELSEWHERE = frozenset({"promo", "booking", "parcel", "meeting"})
_OTHER_USE = frozenset({"promo", "booking", "parcel", "place", "meeting"})


def _shape(*names: str) -> Callable[[View], bool]:
    return lambda view: view.span.shape in names


def _like(name: str) -> Callable[[View], bool]:
    return lambda view: name in view.looks_like


def _mark(name: str) -> Callable[[View], bool]:
    return lambda view: name in view.marks


def _near(*names: str) -> Callable[[View], object]:
    wanted = frozenset(names)
    return lambda view: wanted & view.sight.near


def _sentence(*names: str) -> Callable[[View], object]:
    wanted = frozenset(names)
    return lambda view: wanted & view.sight.sentence


def _length(*lengths: int) -> Callable[[View], bool]:
    return lambda view: view.span.value.isdigit() and len(view.span.value) in lengths


def _has(names: Names, wanted: Names) -> bool:
    return not names.isdisjoint(wanted)


FEATURES: tuple[Feature, ...] = (
    Feature("every message may hold some number", lambda _: True),
    # how it is written
    Feature("six digits", _length(6)),
    Feature("four digits", _length(4)),
    Feature("five, seven or eight digits", _length(5, 7, 8)),
    Feature("three digits", _length(3)),
    Feature("nine or ten digits", _length(9, 10)),
    Feature("longer than any code", lambda v: len(v.span.value) > 12 and v.span.value.isdigit()),
    Feature("two even groups of digits", _shape("groups")),
    Feature("groups of uneven length", _shape("uneven groups")),
    Feature("digits one by one", _shape("spelled", "spelled letters")),
    Feature("a letter prefix before the digits", _shape("prefixed")),
    Feature("letters and digits mixed", _shape(*_MIXED)),
    Feature("capital letters only", _shape("capitals", "dashed capitals")),
    Feature("letters only, not all capitals", _shape("word")),
    Feature("glued to a word", _shape("glued")),
    Feature("bound to a host by the last line", _shape("origin-bound")),
    Feature("reads as a year", _mark("year")),
    Feature("a word with a number at its end", _mark("word and number")),
    Feature("a word of the language", _mark("known word")),
    # what else it could be
    Feature("reads as a date", _like("date")),
    Feature("reads as a time of day", _like("time")),
    Feature("reads as an amount", _like("amount")),
    Feature("a percentage", _like("percent")),
    Feature("a measure", _like("measure")),
    Feature("the visible end of a masked number", _like("masked")),
    Feature("reads as a phone number", _like("phone")),
    Feature("part of a longer number", _mark("part")),
    Feature("one end of a longer reference", _mark("joined")),
    Feature("marked with a number sign", _mark("number sign")),
    Feature("a unit follows", lambda v: _has(v.sight.close_after, _UNITS) and "unit next" in v.marks),
    # the words that name it
    Feature("a code word right before", lambda v: _has(v.sight.close_before, _CODE)),
    Feature("a code word before", lambda v: _has(v.sight.before, _CODE)),
    Feature("a code word right after", lambda v: _has(v.sight.close_after, _CODE)),
    Feature("a code word after", lambda v: _has(v.sight.after, _CODE)),
    Feature("a code word in the sentence", _sentence("code", "otp")),
    Feature("a code word near", _near("code", "otp")),
    Feature("a word for one-time codes near", _near("otp")),
    Feature("verify or confirm in the sentence", _sentence("verify")),
    Feature("signing in, in the sentence", _sentence("login")),
    Feature("verify or sign in near", _near("verify", "login")),
    Feature("enter or type before", lambda v: "enter" in v.sight.before),
    Feature("enter or type in the sentence", _sentence("enter")),
    Feature("not to be shared", _near("secret")),
    Feature("it says how long it is valid", _near("expire")),
    Feature("the new one", lambda v: "new" in v.sight.before),
    # the words that name something else
    Feature("a word for one-time codes right before", lambda v: "otp" in v.sight.close_before),
    Feature("named as a promotion", lambda v: "promo" in v.sight.close_before),
    Feature("named as a booking", lambda v: "booking" in v.sight.close_before),
    Feature("named as a parcel", lambda v: "parcel" in v.sight.close_before),
    Feature("named as a meeting or network", lambda v: "meeting" in v.sight.before),
    Feature("replaced by another", lambda v: "replace" in v.sight.close_before),
    Feature("replaces another", lambda v: "replace" in v.sight.close_after),
    Feature("called wrong, old or expired after it", lambda v: "old" in v.sight.after),
    Feature("an old or wrong one in the sentence", _sentence("old")),
    Feature(
        "for some other use near, and nothing of signing in",
        lambda v: _has(v.sight.near, _ELSEWHERE) and not _has(v.sight.near, _LOGIN),
    ),
    Feature(
        "the only code word is not for signing in",
        lambda v: "otp" not in v.sight.near and not _has(v.sight.near, _LOGIN),
    ),
    Feature("named as a reference", lambda v: "ref" in v.sight.label and not _has(v.sight.label, _CODE)),
    Feature("named as money", lambda v: _has(v.sight.label, frozenset({"money"}))),
    Feature("named as the end of a card or account", lambda v: "card" in v.sight.label),
    Feature("named as a phone number", lambda v: "phone" in v.sight.label and not _has(v.sight.before, _COMMAND)),
    Feature("a place or a door right before", lambda v: "place" in v.sight.label),
    Feature("a promotion in the sentence", _sentence("promo")),
    Feature("a promotion near", _near("promo")),
    Feature("a booking in the sentence", _sentence("booking")),
    Feature("a booking near", _near("booking")),
    Feature("a parcel in the sentence", _sentence("parcel")),
    Feature("a parcel near", _near("parcel")),
    Feature("a place or a door in the sentence", _sentence("place")),
    Feature("a meeting or network near", _near("meeting")),
    Feature("an old one", lambda v: "old" in v.sight.before),
    Feature("a warning in the sentence", _sentence("warn")),
    Feature("a notice of something that happened", _near("alert")),
    Feature("in an email", _mark("email")),
    Feature("named outright", lambda v: v.sight.outright and _has(v.sight.label, _CODE)),
    Feature(
        "capitals, named outright",
        lambda v: v.sight.outright and _has(v.sight.label, _CODE) and v.span.shape in LETTERS,
    ),
    Feature("capitals amid capitals", lambda v: "amid capitals" in v.marks and v.span.shape in LETTERS),
    Feature("a month beside it", _mark("month next")),
    Feature("the sender that a forwarder names", _mark("forwarded from")),
    Feature("enter or type right before", lambda v: "enter" in v.sight.close_before),
    Feature("enter or type right after", lambda v: "enter" in v.sight.close_after),
    Feature(
        "verify or sign in right before", lambda v: _has(v.sight.close_before, frozenset({"verify", "login"}))
    ),
    Feature(
        "for some other use, and nothing of signing in",
        lambda v: _has(v.sight.sentence, _OTHER_USE) and not _has(v.sight.sentence, _ACTION),
    ),
    Feature("nothing of codes or signing in near", lambda v: not _has(v.sight.near, _CODE | _ACTION)),
    Feature("a reference in the sentence", _sentence("ref")),
    Feature("money near", _near("money")),
    Feature("a threat near", _near("threat")),
    Feature("a warning near", _near("warn")),
    Feature("in the subject", _mark("subject")),
    Feature(
        "signing in, named outright",
        lambda v: v.sight.outright and _has(v.sight.label, frozenset({"login", "verify"})),
    ),
    Feature(
        "letters are spoken of, and these are letters",
        lambda v: v.span.shape in LETTERS and "letters" in v.sight.sentence,
    ),
    Feature("eleven or twelve digits", _length(11, 12)),
    Feature("letters and digits change places often", _mark("interleaved")),
    Feature("at the very start", _mark("first")),
    Feature("at the very end", _mark("last")),
    Feature("the hash by which an app knows its message", _mark("hash")),
    Feature("a phone operator's suffix", _mark("suffix")),
    Feature(
        "a promotion or booking at its side, with a code word",
        lambda v: (
            _has(v.sight.close_before, _CODE)
            and _has(v.sight.sentence, _ELSEWHERE)
            and "otp" not in v.sight.close_before
        ),
    ),
    Feature(
        "short and with a code word at its side",
        lambda v: "short" in v.marks and (_has(v.sight.close_before, _CODE) or _has(v.sight.close_after, _CODE)),
    ),
    Feature(
        "not to be shared, with a code word", lambda v: "secret" in v.sight.near and _has(v.sight.sentence, _CODE)
    ),
    Feature(
        "six digits with a code word at their side",
        lambda v: (
            len(v.span.value) == 6 and (_has(v.sight.close_before, _CODE) or _has(v.sight.close_after, _CODE))
        ),
    ),
    Feature(
        "a booking or a check-in code",
        lambda v: v.span.shape == "letters and digits" and "booking" in v.sight.near,
    ),
    Feature("random letters and digits, and little more", lambda v: {"interleaved", "little more"} <= v.marks),
    Feature("part of the sender's name or the subject's words", _mark("in a name")),
    Feature("letters and digits in two groups", _shape("spaced")),
    Feature("what follows tells that something happened to it", lambda v: "alert" in v.sight.after),
    Feature("a number to write or call to", lambda v: "to" in v.sight.label and "phone" in v.sight.before),
    Feature(
        "letters that no code word names",
        lambda v: (
            v.span.shape in LETTERS and not _has(v.sight.close_before | v.sight.close_after, _CODE | {"letters"})
        ),
    ),
    Feature(
        "ten or more letters and digits", lambda v: v.span.shape == "letters and digits" and len(v.span.value) > 9
    ),
    Feature("an old or wrong one near", _near("old")),
    Feature("after a colon or a word such as 'is'", lambda v: "is" in v.sight.close_before or "colon" in v.marks),
    Feature("the subject speaks of codes or signing in", lambda v: _has(v.about, _CODE | {"verify", "login"})),
    Feature(
        "the subject speaks of something else",
        lambda v: _has(v.about, _ELSEWHERE) and not _has(v.about, _CODE | {"verify", "login"}),
    ),
    Feature(
        "glued to a word that speaks of no code",
        lambda v: v.span.shape == "glued" and "after a code word" not in v.marks,
    ),
    Feature("a prefix that is a name's initials", _mark("initials")),
    Feature(
        "two letters and few digits, so the letters may belong",
        lambda v: (
            v.span.shape == "prefixed"
            and "initials" not in v.marks
            and v.span.end - v.span.start - len(v.span.value) == _DASHED_PAIR
            and len(v.span.value) < _USUAL
        ),
    ),
    Feature(
        "letters, a dash, then only digits", lambda v: v.span.shape == "dashed" and _PREFIX.fullmatch(v.span.value)
    ),
    Feature(
        "letters and digits, named outright",
        lambda v: v.span.shape in _MIXED and v.sight.outright and _has(v.sight.close_before, _CODE),
    ),
    # beyond words
    Feature("alone on its line", lambda v: v.sight.alone),
    Feature("the only number", _mark("only number")),
    Feature("the message is little more than this", _mark("little more")),
    Feature("said more than once", _mark("repeated")),
    Feature("stands in the subject as well", _mark("in subject")),
    Feature("marked for an app to read", _mark("retriever")),
    Feature("in quoted older mail", _mark("quoted")),
    Feature("the sender's own number", _mark("sender")),
)


def judge(view: View) -> tuple[float, tuple[Reason, ...]]:
    """The log-odds that a candidate is the code, and every reason that holds."""
    reasons = tuple(Reason(name=f.name, weight=weights.CODE[f.name]) for f in FEATURES if f.holds(view))
    return sum(reason.weight for reason in reasons), reasons
