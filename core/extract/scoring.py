"""Why one candidate is the code and another is a price, a phone number or a date: features and their weights.

Weights are log-odds: they add up, and a sum of 0 means as likely as not.
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.extract.candidates import Span
from core.extract.context import Sight
from core.extract.result import Reason
from core.extract.words import Names


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """All that scoring may look at for one candidate."""

    span: Span
    sight: Sight
    looks_like: frozenset[str]
    marks: frozenset[str]
    """What was seen of it beyond words: `repeated`, `in subject`, `only number`, …"""


@dataclass(frozen=True, slots=True)
class Feature:
    """One fixed phrase, its weight, and when it holds."""

    name: str
    weight: float
    holds: Callable[[View], object]


_CODE = frozenset({"code", "otp"})
_ACTION = frozenset({"verify", "login", "enter"})
_UNITS = frozenset({"unit", "minute", "hour", "second", "day", "week"})
_LETTERS = frozenset({"capitals", "dashed capitals", "word"})
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
    Feature("every message may hold some number", -2.4, lambda _: True),
    # how it is written
    Feature("six digits", 1.2, _length(6)),
    Feature("four digits", 0.3, _length(4)),
    Feature("five, seven or eight digits", 0.4, _length(5, 7, 8)),
    Feature("three digits", -1.6, _length(3)),
    Feature("nine or ten digits", -1.3, _length(9, 10)),
    Feature("longer than any code", -4.0, lambda v: len(v.span.value) > 10 and v.span.value.isdigit()),
    Feature("two even groups of digits", 0.8, _shape("groups")),
    Feature("groups of uneven length", -1.2, _shape("uneven groups")),
    Feature("digits one by one", 1.5, _shape("spelled", "spelled letters")),
    Feature("a letter prefix before the digits", 0.8, _shape("prefixed")),
    Feature("letters and digits mixed", -0.4, _shape("letters and digits", "dashed")),
    Feature("capital letters only", -2.6, _shape("capitals", "dashed capitals")),
    Feature("letters only, not all capitals", -5.5, _shape("word")),
    Feature("glued to a word", -0.6, _shape("glued")),
    Feature("bound to a host by the last line", 12.0, _shape("origin-bound")),
    Feature("reads as a year", -0.9, _mark("year")),
    Feature("a word with a number at its end", -1.8, _mark("word and number")),
    Feature("a word of the language", -3.0, _mark("known word")),
    # what else it could be
    Feature("reads as a date", -5.0, _like("date")),
    Feature("reads as a time of day", -5.0, _like("time")),
    Feature("reads as an amount", -4.5, _like("amount")),
    Feature("a percentage", -5.0, _like("percent")),
    Feature("a measure", -4.0, _like("measure")),
    Feature("the visible end of a masked number", -4.5, _like("masked")),
    Feature("reads as a phone number", -4.0, _like("phone")),
    Feature("part of a longer number", -2.5, _mark("part")),
    Feature("one end of a longer reference", -3.5, _mark("joined")),
    Feature("marked with a number sign", -1.6, _mark("number sign")),
    Feature("a unit follows", -3.5, lambda v: _has(v.sight.close_after, _UNITS) and "unit next" in v.marks),
    # the words that name it
    Feature("a code word right before", 2.6, lambda v: _has(v.sight.close_before, _CODE)),
    Feature("a code word before", 1.3, lambda v: _has(v.sight.before, _CODE)),
    Feature("a code word right after", 2.4, lambda v: _has(v.sight.close_after, _CODE)),
    Feature("a code word after", 0.8, lambda v: _has(v.sight.after, _CODE)),
    Feature("a code word in the sentence", 0.8, _sentence("code", "otp")),
    Feature("a code word near", 0.7, _near("code", "otp")),
    Feature("a word for one-time codes near", 0.9, _near("otp")),
    Feature("verify or confirm in the sentence", 1.0, _sentence("verify")),
    Feature("signing in, in the sentence", 0.9, _sentence("login")),
    Feature("verify or sign in near", 0.7, _near("verify", "login")),
    Feature("enter or type before", 1.6, lambda v: "enter" in v.sight.before),
    Feature("enter or type in the sentence", 0.7, _sentence("enter")),
    Feature("not to be shared", 1.6, _near("secret")),
    Feature("it says how long it is valid", 0.9, _near("expire")),
    Feature("the new one", 1.0, lambda v: "new" in v.sight.before),
    # the words that name something else
    Feature("named as a reference", -2.6, lambda v: "ref" in v.sight.label and not _has(v.sight.label, _CODE)),
    Feature("named as money", -2.2, lambda v: _has(v.sight.label, frozenset({"money"}))),
    Feature("named as the end of a card or account", -2.6, lambda v: "card" in v.sight.label),
    Feature("named as a phone number", -3.0, lambda v: "phone" in v.sight.label),
    Feature("a place or a door right before", -2.5, lambda v: "place" in v.sight.label),
    Feature("a promotion in the sentence", -3.0, _sentence("promo")),
    Feature("a promotion near", -1.2, _near("promo")),
    Feature("a booking in the sentence", -1.8, _sentence("booking")),
    Feature("a booking near", -0.8, _near("booking")),
    Feature("a parcel in the sentence", -1.8, _sentence("parcel")),
    Feature("a parcel near", -1.0, _near("parcel")),
    Feature("a place or a door in the sentence", -1.5, _sentence("place")),
    Feature("a meeting or network near", -2.5, _near("meeting")),
    Feature("an old one", -4.0, lambda v: "old" in v.sight.before or "old" in v.sight.close_after),
    Feature("a warning in the sentence", -1.5, _sentence("warn")),
    Feature("a notice of something that happened", -1.0, _near("alert")),
    Feature("in an email", -0.3, _mark("email")),
    Feature("named outright", 0.8, lambda v: v.sight.outright and _has(v.sight.label, _CODE)),
    Feature("capitals, named outright", 1.5, lambda v: v.sight.outright and _has(v.sight.label, _CODE) and v.span.shape in _LETTERS),
    Feature("capitals amid capitals", -3.0, lambda v: "amid capitals" in v.marks and v.span.shape in _LETTERS),
    Feature("a month beside it", -3.5, _mark("month next")),
    Feature("the sender that a forwarder names", -4.0, _mark("forwarded from")),
    Feature("enter or type right before", 1.2, lambda v: "enter" in v.sight.close_before),
    Feature("enter or type right after", 0.8, lambda v: "enter" in v.sight.close_after),
    Feature("verify or sign in right before", 0.4, lambda v: _has(v.sight.close_before, frozenset({"verify", "login"}))),
    Feature("for some other use, and nothing of signing in", -1.2, lambda v: _has(v.sight.sentence, _OTHER_USE) and not _has(v.sight.sentence, _ACTION)),
    Feature("nothing of codes or signing in near", -1.0, lambda v: not _has(v.sight.near, _CODE | _ACTION)),
    Feature("a reference in the sentence", -0.3, _sentence("ref")),
    Feature("money near", -0.3, _near("money")),
    Feature("a threat near", -1.0, _near("threat")),
    Feature("a warning near", -0.3, _near("warn")),
    Feature("in the subject", -0.3, _mark("subject")),
    # beyond words
    Feature("alone on its line", 1.5, lambda v: v.sight.alone),
    Feature("the only number", 1.0, _mark("only number")),
    Feature("the message is little more than this", 2.6, _mark("little more")),
    Feature("said more than once", 0.8, _mark("repeated")),
    Feature("stands in the subject as well", 1.8, _mark("in subject")),
    Feature("marked for an app to read", 2.0, _mark("retriever")),
    Feature("in quoted older mail", -2.5, _mark("quoted")),
    Feature("the sender's own number", -3.0, _mark("sender")),
)


def judge(view: View) -> tuple[float, tuple[Reason, ...]]:
    """The log-odds that a candidate is the code, and every reason that holds."""
    reasons = tuple(Reason(name=f.name, weight=f.weight) for f in FEATURES if f.holds(view))
    return sum(reason.weight for reason in reasons), reasons
