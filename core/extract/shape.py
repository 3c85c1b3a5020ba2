"""What the shape of a whole message tells, in any language: its prices, dates, numbers, links, its length.

A receipt, a ticket or a newsletter looks unlike a sign-in message even where none of its words are known.
"""

from collections import Counter

from core.extract.context import Scene
from core.extract.view import CODE, ELSEWHERE, LOGIN, Feature, has, mark, sentence
from core.extract.words import Names
from core.message import Content

_SAYS = frozenset({"code", "otp", "verify", "login", "reset"})
_TRADE = frozenset({"promo", "booking", "parcel", "money", "meeting", "threat", "place", "phone"})
_ELSEWHERE = frozenset({"promo", "booking", "parcel"})
_MANY_LINKS = 4
_SEVERAL = 2
_MANY = 4
_LONG = 240
_VERY_LONG = 1200
_FEW_WORDS = 0.03
"""Known words a letter, below which a text counts as not understood."""


def marks(scene: Scene, content: Content, about: Names) -> frozenset[str]:
    """The names of all marks that a message bears as a whole; `about` are the word classes of its subject."""
    like = _count(scene)
    said = Counter(name for hit in scene.hits for name in hit.names)
    trades = len(_TRADE & said.keys())
    length = len(scene.plain.strip())
    links = max(len({link.href for link in content.links}), len(scene.addresses))
    tests = {
        "an amount": like["amount"] > 0,
        "several amounts": like["amount"] >= _SEVERAL,
        "a percentage": like["percent"] > 0,
        "a date or time": like["date"] + like["time"] > 0 and not said["expire"],
        "several dates or times": like["date"] + like["time"] >= _SEVERAL + 1,
        "a phone number": like["phone"] > 0,
        "a masked number": like["masked"] > 0,
        "a link": links > 0,
        "several links": links >= _SEVERAL,
        "many links": links >= _MANY_LINKS,
        "long": length > _LONG,
        "very long": length > _VERY_LONG,
        "elsewhere twice": sum(bool(_ELSEWHERE & hit.names) for hit in scene.hits) >= _SEVERAL,
        "two trades": trades >= _SEVERAL,
        "many trades": trades >= _MANY,
        "says nothing": not (_SAYS & said.keys()) and not (_SAYS & about),
        "subject says": bool(_SAYS & about),
        "subject says else": not (_SAYS & about) and bool((_TRADE | {"ref"}) & about),
        "not understood": len(scene.hits) < _FEW_WORDS * length and not said["lang"],
    }
    return frozenset(name for name, holds in tests.items() if holds)


def _count(scene: Scene) -> Counter[str]:
    """How many places of a text read as each sort of lookalike; overlapping ones count once."""
    counts: Counter[str] = Counter()
    ends: dict[str, int] = {}
    for item in scene.lookalikes.found:
        if item.start >= ends.get(item.name, 0):
            counts[item.name] += 1
        ends[item.name] = max(item.end, ends.get(item.name, 0))
    return counts


CODE_FEATURES: tuple[Feature, ...] = (
    Feature("among the words at a mail's foot", mark("foot")),
    Feature(
        "a code and signing in, in the sentence, and nothing else near",
        lambda v: (
            has(v.sight.sentence, CODE) and has(v.sight.sentence, LOGIN) and not has(v.sight.near, ELSEWHERE)
        ),
    ),
    Feature(
        "a warning near, and no code word at its side",
        lambda v: "warn" in v.sight.near and not has(v.sight.close_before | v.sight.close_after, CODE),
    ),
    Feature("called wrong, old or expired right after it", lambda v: "old" in v.sight.close_after),
    Feature("the subject speaks of an old or wrong one", lambda v: "old" in v.about),
    Feature("an amount in the message", mark("an amount")),
    Feature("several amounts in the message", mark("several amounts")),
    Feature("a percentage in the message", mark("a percentage")),
    Feature("a date or time in the message", mark("a date or time")),
    Feature("several dates or times in the message", mark("several dates or times")),
    Feature("a phone number in the message", mark("a phone number")),
    Feature("a link in an SMS", lambda v: {"a link"} <= v.marks and "email" not in v.marks),
    Feature("many links in the message", mark("many links")),
    Feature("a long message", mark("long")),
    Feature("a very long message", mark("very long")),
    Feature(
        "several words of promotions, bookings or parcels, and nothing of signing in",
        lambda v: "elsewhere twice" in v.marks and not has(v.sight.near, LOGIN),
    ),
    Feature("to be shown or told to somebody", sentence("show")),
    Feature(
        "to be shown or told, and nothing of signing in",
        lambda v: "show" in v.sight.near and not has(v.sight.near, LOGIN),
    ),
    Feature("words of two trades", mark("two trades")),
    Feature("words of many trades", mark("many trades")),
    Feature(
        "the only number, in words that are not known", lambda v: {"only number", "not understood"} <= v.marks
    ),
    Feature(
        "the message says nothing of signing in",
        lambda v: "says nothing" in v.marks and "not understood" not in v.marks,
    ),
)
"""Of a candidate code."""
