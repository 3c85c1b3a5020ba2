"""Why one candidate is the code and another is a price, a phone number or a date: features and their weights.

Weights are log-odds: they add up, and a sum of 0 means as likely as not.
"""

from functools import cache

from core.extract import learned, naming, purpose, quotations, weighing, weights
from core.extract.candidates import LETTERS
from core.extract.result import Reason
from core.extract.view import (
    ACTION,
    CODE,
    COMMAND,
    DASHED_PAIR,
    ELSEWHERE,
    LOGIN,
    MIXED,
    OTHER_USE,
    PREFIX,
    UNITS,
    USUAL,
    Feature,
    View,
    has,
    length,
    like,
    mark,
    near,
    sentence,
    shape,
)
from core.extract.weighing import Judged, Weighed, weighed

TYPED = 9

FEATURES: tuple[Feature, ...] = (
    Feature("every message may hold some number", lambda _: True),
    # how it is written
    Feature("six digits", length(6)),
    Feature("four digits", length(4)),
    Feature("five, seven or eight digits", length(5, 7, 8)),
    Feature("three digits", length(3)),
    Feature("nine or ten digits", length(9, 10)),
    Feature("two even groups of digits", shape("groups")),
    Feature("groups of uneven length", shape("uneven groups")),
    Feature("digits one by one", shape("spelled", "spelled letters", "in words")),
    Feature("a letter prefix before the digits", shape("prefixed")),
    Feature("letters and digits mixed", shape(*MIXED)),
    Feature("capital letters only", shape("capitals", "dashed capitals")),
    Feature("letters only, not all capitals", shape("word")),
    Feature("glued to a word", shape("glued")),
    Feature("bound to a host by the last line", shape("origin-bound")),
    Feature("reads as a year", mark("year")),
    Feature("a year near that of its arrival", mark("these years")),
    Feature("a word with a number at its end", mark("word and number")),
    Feature("a word of the language", mark("known word")),
    # what else it could be
    Feature("reads as a date", like("date")),
    Feature("reads as a time of day", like("time")),
    Feature("reads as an amount", like("amount")),
    Feature("a percentage", like("percent")),
    Feature("a measure", like("measure")),
    Feature("the visible end of a masked number", like("masked")),
    Feature("reads as a phone number", like("phone")),
    Feature("part of a longer number", mark("part")),
    Feature("one end of a longer reference", mark("joined")),
    Feature("marked with a number sign", mark("number sign")),
    Feature("a unit follows", lambda v: has(v.sight.close_after, UNITS) and "unit next" in v.marks),
    # the words that name it
    Feature("a code word right before", lambda v: has(v.sight.close_before, CODE)),
    Feature("a code word before", lambda v: has(v.sight.before, CODE)),
    Feature("a code word right after", lambda v: has(v.sight.close_after, CODE)),
    Feature("a word for one-time codes near", near("otp")),
    Feature("verify or confirm in the sentence", sentence("verify")),
    Feature("signing in, in the sentence", sentence("login")),
    Feature("enter or type before", lambda v: "enter" in v.sight.before),
    Feature("enter or type in the sentence", sentence("enter")),
    Feature("not to be shared", near("secret")),
    Feature("it says how long it is valid", near("expire")),
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
    Feature(
        "for some other use near, and nothing of signing in",
        lambda v: has(v.sight.near, ELSEWHERE) and not has(v.sight.near, LOGIN),
    ),
    Feature(
        "no word for one-time codes and nothing of signing in near",
        lambda v: "otp" not in v.sight.near and not has(v.sight.near, LOGIN),
    ),
    Feature("named as a reference", lambda v: "ref" in v.sight.label and not has(v.sight.label, CODE)),
    Feature("named as money", lambda v: has(v.sight.label, frozenset({"money"}))),
    Feature("named as the end of a card or account", lambda v: "card" in v.sight.label),
    Feature("named as a phone number", lambda v: "phone" in v.sight.label and not has(v.sight.before, COMMAND)),
    Feature("a place or a door right before", lambda v: "place" in v.sight.label),
    Feature("a place or a door in the sentence", sentence("place")),
    Feature("an old one", lambda v: "old" in v.sight.before),
    Feature("a warning in the sentence", sentence("warn")),
    Feature("a notice of something that happened", near("alert")),
    Feature("in an email", mark("email")),
    Feature("named outright", lambda v: v.sight.outright and has(v.sight.label, CODE)),
    Feature(
        "capitals, named outright",
        lambda v: v.sight.outright and has(v.sight.label, CODE) and v.span.shape in LETTERS,
    ),
    Feature("capitals amid capitals", lambda v: "amid capitals" in v.marks and v.span.shape in LETTERS),
    Feature("a month beside it", mark("month next")),
    Feature("the sender that a forwarder names", mark("forwarded from")),
    Feature("enter or type right before", lambda v: "enter" in v.sight.close_before),
    Feature("enter or type right after", lambda v: "enter" in v.sight.close_after),
    Feature("verify or sign in right before", lambda v: has(v.sight.close_before, frozenset({"verify", "login"}))),
    Feature(
        "for some other use, and nothing of signing in",
        lambda v: has(v.sight.sentence, OTHER_USE) and not has(v.sight.sentence, ACTION),
    ),
    Feature("nothing of codes or signing in near", lambda v: not has(v.sight.near, CODE | ACTION)),
    Feature("a reference in the sentence", sentence("ref")),
    Feature("money near", near("money")),
    Feature("a threat near", near("threat")),
    Feature("a warning near", near("warn")),
    Feature("in the subject", mark("subject")),
    Feature(
        "signing in, named outright",
        lambda v: v.sight.outright and has(v.sight.label, frozenset({"login", "verify"})),
    ),
    Feature(
        "letters are spoken of, and these are letters",
        lambda v: v.span.shape in LETTERS and "letters" in v.sight.sentence,
    ),
    Feature("eleven or twelve digits", length(11, 12)),
    Feature("letters and digits change places often", mark("interleaved")),
    Feature("at the very start", mark("first")),
    Feature("at the very end", mark("last")),
    Feature("the hash by which an app knows its message", mark("hash")),
    Feature("a phone operator's suffix", mark("suffix")),
    Feature(
        "a promotion or booking at its side, with a code word",
        lambda v: (
            has(v.sight.close_before, CODE)
            and has(v.sight.sentence, ELSEWHERE)
            and "otp" not in v.sight.close_before
        ),
    ),
    Feature(
        "not to be shared, with a code word", lambda v: "secret" in v.sight.near and has(v.sight.sentence, CODE)
    ),
    Feature(
        "a booking or a check-in code",
        lambda v: v.span.shape == "letters and digits" and "booking" in v.sight.near,
    ),
    Feature("random letters and digits, and little more", lambda v: {"interleaved", "little more"} <= v.marks),
    Feature("part of the sender's name or the subject's words", mark("in a name")),
    Feature("letters and digits in two groups", shape("spaced")),
    Feature("what follows tells that something happened to it", lambda v: "alert" in v.sight.after),
    Feature("a number to write or call to", lambda v: "to" in v.sight.label and "phone" in v.sight.before),
    Feature(
        "letters that no code word names",
        lambda v: (
            v.span.shape in LETTERS
            and not has(v.sight.close_before | v.sight.close_after, CODE | {"letters"})
            and not ("colon" in v.marks and has(v.sight.before, CODE))
        ),
    ),
    Feature(
        "ten or more letters and digits",
        lambda v: v.span.shape == "letters and digits" and len(v.span.value) > TYPED,
    ),
    Feature("an old or wrong one near", near("old")),
    Feature("after a colon or a word such as 'is'", lambda v: "is" in v.sight.close_before or "colon" in v.marks),
    Feature("the subject speaks of codes or signing in", lambda v: has(v.about, CODE | {"verify", "login"})),
    Feature(
        "the subject speaks of something else",
        lambda v: has(v.about, ELSEWHERE) and not has(v.about, CODE | {"verify", "login"}),
    ),
    Feature(
        "glued to a word that speaks of no code",
        lambda v: v.span.shape == "glued" and "after a code word" not in v.marks,
    ),
    Feature("a prefix that is a name's initials", mark("initials")),
    Feature(
        "two letters and few digits, so the letters may belong",
        lambda v: (
            {"email"} <= v.marks
            and v.span.shape == "prefixed"
            and "initials" not in v.marks
            and v.span.end - v.span.start - len(v.span.value) == DASHED_PAIR
            and len(v.span.value) < USUAL
        ),
    ),
    Feature(
        "letters, a dash, then only digits", lambda v: v.span.shape == "dashed" and PREFIX.fullmatch(v.span.value)
    ),
    Feature(
        "letters and digits, named outright",
        lambda v: v.span.shape in MIXED and v.sight.outright and has(v.sight.close_before, CODE),
    ),
    Feature("sent from a number that may be a person's", mark("from a person")),
    Feature("letters and digits alone on their line", lambda v: v.span.shape in MIXED and v.sight.alone),
    Feature("a letter prefix, in an email", lambda v: v.span.shape == "prefixed" and "email" in v.marks),
    # beyond words
    Feature("alone on its line", lambda v: v.sight.alone),
    Feature("the only number", mark("only number")),
    Feature("the message is little more than this", mark("little more")),
    Feature("said more than once", mark("repeated")),
    Feature("stands in the subject as well", mark("in subject")),
    Feature("marked for an app to read", mark("retriever")),
    Feature("in quoted older mail", mark("quoted")),
    Feature("in older mail that a reply quotes", lambda v: {"quoted", "a reply"} <= v.marks),
    Feature("the sender's own number", mark("sender")),
    *naming.FEATURES,
    *purpose.FEATURES,
    *quotations.FEATURES,
)


def judge(views: list[View], wording: tuple[Reason, ...] = ()) -> list[Judged]:
    """For each candidate the log-odds that it is the code, and every reason; `wording` are the message's own."""
    return weighing.judge(views, _weighed(), learned.of_code, wording)


@cache
def _weighed() -> Weighed[View]:
    return weighed(((f.name, f.holds) for f in FEATURES), weights.CODE)
