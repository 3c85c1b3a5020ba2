"""What a message is for: what its words and its shape, taken together, say for and against a candidate code."""

from collections.abc import Callable

from core.extract.view import (
    ACTION,
    CODE,
    ELSEWHERE,
    LOGIN,
    MIXED,
    OTHER_USE,
    USUAL,
    Feature,
    View,
    has,
    mark,
    near,
    sentence,
)

_THREE = 3
_PAIRS = 4


def _only(holds: Callable[[View], object], without: str) -> Callable[[View], object]:
    return lambda view: without not in view.marks and holds(view)


def _and(holds: Callable[[View], object], wanted: str) -> Callable[[View], object]:
    return lambda view: wanted in view.marks and holds(view)


def _is_two_pairs(view: View) -> bool:
    return view.span.shape == "groups" and len(view.span.value) == _PAIRS


FEATURES: tuple[Feature, ...] = (
    Feature("among the words at a mail's foot", mark("foot")),
    Feature("among the words at the foot as well", mark("at the foot as well")),
    Feature("one of a list of its like", mark("one of a list")),
    Feature(
        "a warning near, no code word at its side, nothing to do with it",
        lambda v: (
            "warn" in v.sight.near
            and not has(v.sight.close_before | v.sight.close_after, CODE)
            and not has(v.sight.sentence, ACTION)
        ),
    ),
    Feature("called wrong, old or expired right after it", lambda v: "old" in v.sight.close_after),
    Feature("the subject speaks of an old or wrong one", lambda v: "old" in v.about),
    Feature("several amounts in the message", mark("several amounts")),
    Feature("a percentage in the message", mark("a percentage")),
    Feature("a date or time in the message", lambda v: "a date or time" in v.marks and "email" not in v.marks),
    Feature("a date or time in a mail", lambda v: {"a date or time", "email"} <= v.marks),
    Feature("several dates or times in the message", mark("several dates or times")),
    Feature("a phone number in the message", mark("a phone number")),
    Feature("a link in an SMS", lambda v: {"a link"} <= v.marks and "email" not in v.marks),
    Feature("many links in the message", mark("many links")),
    Feature("a very long message", mark("very long")),
    Feature("to be shown or told to somebody", sentence("show")),
    Feature(
        "to be shown or told, and nothing of signing in",
        lambda v: "show" in v.sight.sentence and not has(v.sight.near, LOGIN),
    ),
    Feature("it says what to do if it wasn't you", mark("not me")),
    Feature("good for minutes or hours", mark("soon over")),
    Feature(
        "not to be shared, but nothing of codes in its own sentence",
        lambda v: (
            "secret" in v.sight.near
            and not has(v.sight.sentence, CODE | ACTION | {"new"})
            and not v.sight.alone
            and v.marks.isdisjoint({"first", "little more"})
        ),
    ),
    Feature(
        "three digits to be entered or chosen for signing in",
        lambda v: len(v.span.value) == _THREE and "enter" in v.sight.sentence and has(v.sight.sentence, LOGIN),
    ),
    Feature(
        "letters and digits, to be entered",
        lambda v: v.span.shape in MIXED and has(v.sight.close_before | v.sight.close_after, frozenset({"enter"})),
    ),
    Feature(
        "a number to verify with",
        lambda v: (
            "ref" in v.sight.close_before and has(v.sight.close_before, frozenset({"verify", "otp", "login"}))
        ),
    ),
    Feature(
        "sent from a person's number, and nothing of signing in",
        lambda v: "from a person" in v.marks and not has(v.sight.near, LOGIN | {"otp"}),
    ),
    Feature(
        "seven or more digits, and nothing of codes in its own sentence",
        lambda v: (
            v.span.value.isdigit() and len(v.span.value) > USUAL and not has(v.sight.sentence, CODE | ACTION)
        ),
    ),
    Feature(
        "codes are spoken of, but not in its own sentence",
        lambda v: (
            has(v.sight.near, CODE)
            and not has(v.sight.sentence, CODE | ACTION | {"new"})
            and not v.sight.alone
            and v.marks.isdisjoint({"first", "little more"})
        ),
    ),
    Feature("the end of a card or a number to call, elsewhere in the message", mark("explained elsewhere")),
    Feature("two pairs of digits", _is_two_pairs),
    Feature(
        "two pairs of digits, called a code",
        lambda v: _is_two_pairs(v) and not v.looks_like and has(v.sight.close_before, CODE),
    ),
    Feature("letters of another alphabet than the text", mark("foreign letters")),
    Feature("a round number", mark("round")),
    Feature("in a question", mark("question")),
    Feature("the only number that nothing explains", mark("unexplained")),
    Feature("letters that no one could pronounce", mark("unpronounceable")),
    Feature("a currency's word right after", mark("money next")),
    Feature(
        "to be entered, whatever else is spoken of",
        lambda v: (
            has(v.sight.close_before | v.sight.close_after, frozenset({"enter"})) and has(v.sight.near, ELSEWHERE)
        ),
    ),
    *(
        feature
        for trade, named in (
            ("promo", "promotion"),
            ("booking", "booking"),
            ("parcel", "parcel"),
            ("meeting", "meeting"),
        )
        for feature in (
            Feature(f"a word of a {named} in the sentence", _only(sentence(trade), f"two {trade} words")),
            Feature(f"a word of a {named} near", _only(near(trade), f"two {trade} words")),
            Feature(f"a {named} in the sentence", _and(sentence(trade), f"two {trade} words")),
            Feature(f"a {named} near", _and(near(trade), f"two {trade} words")),
        )
    ),
    Feature(
        "to be shown at a counter, and nothing of signing in",
        lambda v: "two show words" in v.marks and "show" in v.sight.sentence and not has(v.sight.near, LOGIN),
    ),
    Feature("digits or characters are spoken of in the sentence", sentence("digits")),
    Feature(
        "digits or characters right before",
        lambda v: "digits" in v.sight.close_before,
    ),
    Feature(
        "called a number, amid words of signing in or entering",
        lambda v: "ref" in v.sight.label and has(v.sight.sentence, ACTION | {"otp", "expire", "secret"}),
    ),
    Feature(
        "the last line of a mail, and no code word above",
        lambda v: {"last", "email"} <= v.marks and v.sight.alone and not has(v.sight.before, CODE | {"enter"}),
    ),
    Feature("a reference elsewhere in the message", mark("a reference elsewhere")),
    Feature(
        "an amount and a card, and nothing to enter or keep secret",
        lambda v: (
            {"an amount", "a masked number"} <= v.marks
            and not has(v.sight.near, frozenset({"enter", "secret", "expire"}))
        ),
    ),
    Feature("a number to write to, by its ending", mark("to it")),
    Feature(
        "a code word, from a name or a short code, and nothing of another use",
        lambda v: (
            "from a name" in v.marks and has(v.sight.sentence, CODE) and not has(v.sight.near, OTHER_USE | {"old"})
        ),
    ),
    Feature("the subject tells of something that happened", lambda v: "alert" in v.about),
    Feature("words of two trades", mark("two trades")),
    Feature("words of many trades", mark("many trades")),
    Feature(
        "the only number, in words that are not known", lambda v: {"only number", "not understood"} <= v.marks
    ),
    Feature(
        "the message says nothing of signing in",
        lambda v: "says nothing" in v.marks and "not understood" not in v.marks,
    ),
    Feature(
        "a year's digits, called a code or to be entered",
        lambda v: (
            "year" in v.marks
            and not v.looks_like
            and has(v.sight.close_before | v.sight.close_after, CODE | {"enter"})
        ),
    ),
    Feature(
        "a year's digits far from that of its arrival, called a code or to be entered",
        lambda v: (
            "year" in v.marks
            and "these years" not in v.marks
            and has(v.sight.close_before | v.sight.close_after, CODE | {"enter"})
        ),
    ),
    Feature(
        "a number of minutes or seconds, and nothing of another use",
        lambda v: "counts down" in v.marks and not has(v.sight.near, OTHER_USE),
    ),
    Feature(
        "called a number, to be entered",
        lambda v: "ref" in v.sight.label and has(v.sight.before, frozenset({"enter"})),
    ),
    Feature(
        "to be entered, for signing in or for minutes only",
        lambda v: (
            has(v.sight.close_before | v.sight.close_after, frozenset({"enter"}))
            and (has(v.sight.sentence, frozenset({"verify", "login"})) or "soon over" in v.marks)
        ),
    ),
    Feature(
        "digits or a number are spoken of near, and signing in",
        lambda v: {"digits"} <= v.sight.near and has(v.sight.near, frozenset({"verify", "login"})),
    ),
    Feature(
        "after what to do if it wasn't you",
        lambda v: "notme" in v.sight.close_before and not has(v.sight.close_before, CODE | {"enter"}),
    ),
    Feature("only a notice of something that happened", mark("only a notice")),
    Feature("only a notice of a wrong or expired one", mark("only an old one")),
    Feature(
        "the last word, with nothing to explain it but a code that was spoken of",
        lambda v: (
            "unexplained" in v.marks
            and not v.marks.isdisjoint({"last", "a sentence of its own"})
            and has(v.sight.near, CODE | {"enter"})
            and not has(v.sight.near, OTHER_USE | {"old", "warn"})
        ),
    ),
    Feature(
        "what a payment or a claim was approved under",
        lambda v: (
            "approval" in v.sight.close_before and not has(v.sight.near, frozenset({"secret", "expire", "login"}))
        ),
    ),
    Feature("in a sentence on one that was or wasn't entered", sentence("entered")),
    Feature("only an example", lambda v: "example" in v.sight.before),
)
"""Of a candidate code."""
