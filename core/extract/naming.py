"""How a sentence says of a candidate that it is a code: by the words behind it, or in the subject."""

from core.extract.context import Sight
from core.extract.view import ACTION, CODE, ELSEWHERE, Feature, has

_AUTHORIZING = frozenset({"verify", "agree", "otp"})
_ASKING = frozenset({"secret", "expire", "notme", "asked"})
_CARD = frozenset({"a masked number", "explained elsewhere", "money has moved"})
"""Marks of a message that tells of a card or an account."""
_SIGNING_IN = frozenset({"verify", "login"})
_AGAINST = ELSEWHERE | {"old", "alert", "warn", "place", "threat"}
_FILED = frozenset({"ref", "phone"})
"""Classes of what a notice lists as `Invoice: 482910`; of the others a brand before its code may stand."""


def is_plain(sight: Sight) -> bool:
    """Whether a place is named a one-time code, and nothing in its sentence speaks against it."""
    return "otp" in sight.close_before | sight.close_after and not has(sight.sentence, _AGAINST)


FEATURES: tuple[Feature, ...] = (
    Feature(
        "opens its sentence, in which a code word follows",
        lambda v: "opens its sentence" in v.marks and has(v.sight.after, CODE),
    ),
    Feature(
        "said to be a code by what follows",
        lambda v: has(v.sight.after, CODE) and ("a dash follows" in v.marks or "is" in v.sight.close_after),
    ),
    Feature(
        "named a one-time code, and nothing in its sentence speaks against it",
        lambda v: is_plain(v.sight),
    ),
    Feature(
        "for something to be done to a booking, a parcel or the like",
        lambda v: (
            "act" in v.sight.sentence
            and has(v.sight.sentence, CODE | {"enter", "agree"})
            and has(v.sight.sentence, ELSEWHERE)
        ),
    ),
    Feature(
        "an authorization code on a card's receipt",
        lambda v: (
            "an amount" in v.marks
            and not v.marks.isdisjoint(_CARD)
            and has(v.sight.close_before, _AUTHORIZING)
            and not has(v.sight.near, _ASKING)
            and "enter" not in v.sight.sentence
        ),
    ),
    Feature(
        "named a code outright, and the subject speaks of one and of nothing else",
        lambda v: (
            v.sight.outright
            and has(v.sight.label, CODE)
            and has(v.about, CODE)
            and not has(v.about, _AGAINST | {"ref", "money"})
        ),
    ),
    Feature(
        "to be told to a courier or a driver",
        lambda v: (
            "show" in v.sight.sentence and "parcel" in v.sight.near and not has(v.sight.sentence, _SIGNING_IN)
        ),
    ),
    Feature(
        "named outright as a reference or a phone number, and nothing of codes or signing in near",
        lambda v: v.sight.outright and has(v.sight.label, _FILED) and not has(v.sight.near, CODE | ACTION),
    ),
    Feature("in the subject, beside a code word", lambda v: "subject" in v.marks and has(v.sight.sentence, CODE)),
)
"""Of a candidate code."""
