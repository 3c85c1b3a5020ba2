"""What the shape of a whole message tells, in any language: its prices, dates, numbers, links, its length.

A receipt, a ticket or a newsletter looks unlike a sign-in message even where none of its words are known.
"""

import re
from collections import Counter

from core.extract.context import Scene
from core.extract.spoken import NOTHING, Names
from core.message import Channel, Content

_SAYS = frozenset({"code", "otp", "verify", "login", "reset"})
_TRADE = frozenset({"promo", "booking", "parcel", "money", "meeting", "threat", "place", "phone"})
_ELSEWHERE = frozenset({"promo", "booking", "parcel"})
_REPEATED = frozenset({"promo", "booking", "parcel", "meeting", "show"})
"""Trades of which it counts whether two words are said."""
_ASKS = frozenset({"enter", "expire", "secret", "new"})
"""What a message says that wants its code to be typed, and a notice of something that happened doesn't."""
_SOON = frozenset({"second", "minute", "hour"})
_COUNTED = frozenset({"second", "minute"})
_AMOUNT = re.compile(r"(?<![0-9.,:])[1-9][0-9]{0,2}[ -]{0,2}$")
_FIELD = re.compile(r"^[^\n:：]{2,40}(?:(?<![0-9]):|：)[ \t]{0,8}(?=[^\n]{0,60}[0-9])[^\n]{1,80}$", re.MULTILINE)
"""A line as `Invoice no.: 20418`, of which receipts and reports hold many."""
_MANY_LINKS = 4
_SEVERAL = 2
_MANY = 4
_LONG = 240
_VERY_LONG = 1200
_FEW_WORDS = 0.03
"""Known words a letter, below which a text counts as not understood."""


def marks(scene: Scene, content: Content, about: Names) -> frozenset[str]:
    """The names of all marks that a message bears as a whole; `about` are the word classes of its subject."""
    tests = _of_numbers(scene, content) | _of_words(scene, about)
    return frozenset([name for name, holds in tests.items() if holds])


def _of_numbers(scene: Scene, content: Content) -> dict[str, bool]:
    """What its amounts, dates, links and its length tell."""
    like = _count(scene)
    length = len(scene.plain.strip())
    links = max(len({link.href for link in content.links}), len(scene.addresses))
    return {
        "a mail": content.channel is Channel.EMAIL,
        "a reply": content.is_reply,
        "over a list": content.is_listed,
        "an amount": like["amount"] > 0,
        "several amounts": like["amount"] >= _SEVERAL,
        "a percentage": like["percent"] > 0,
        "a date or time": like["date"] + like["time"] > 0 and not any("expire" in hit.names for hit in scene.hits),
        "several dates or times": like["date"] + like["time"] > _SEVERAL,
        "a phone number": like["phone"] > 0,
        "a masked number": like["masked"] > 0,
        "a link": links > 0,
        "several links": links >= _SEVERAL,
        "many links": links >= _MANY_LINKS,
        "many fields": len(_FIELD.findall(scene.plain)) >= _MANY,
        "long": length > _LONG,
        "very long": length > _VERY_LONG,
        "not understood": len(scene.hits) < _FEW_WORDS * length and not any("lang" in h.names for h in scene.hits),
    }


def _of_words(scene: Scene, about: Names) -> dict[str, bool]:
    """What it speaks of; a word that stands twice is one word."""
    counts = Counter(hit.names for hit in scene.hits)
    said = NOTHING.union(*counts)
    words = Counter(name for names in _words(scene).values() for name in names) if said & _REPEATED else Counter()
    trades = len(_TRADE & said)
    return {
        "elsewhere twice": sum(n for names, n in counts.items() if _ELSEWHERE & names) >= _SEVERAL,
        **{f"two {trade} words": words[trade] >= _SEVERAL for trade in _REPEATED},
        "not me": "notme" in said and "alert" not in said,
        "soon over": "expire" in said and _is_soon_over(scene),
        "counts down": not _COUNTED.isdisjoint(said) and _counts_down(scene),
        "only a notice": "alert" in said and not (_ASKS & said),
        "only an old one": "old" in said and not (_ASKS & said),
        "money has moved": "moved" in said and not (_ASKS & said),
        "private": "chat" in said,
        "private twice": sum(n for names, n in counts.items() if "chat" in names) >= _SEVERAL,
        "two trades": trades >= _SEVERAL,
        "many trades": trades >= _MANY,
        "says nothing": not (_SAYS & said) and not (_SAYS & about),
        "subject alerts": "alert" in about,
        "subject old": "old" in about,
        "subject says": bool(_SAYS & about),
        "subject says else": not (_SAYS & about) and bool((_TRADE | {"ref"}) & about),
    }


def _words(scene: Scene) -> dict[str, Names]:
    """The different known words of a text, each with its classes."""
    return {scene.plain[hit.start : hit.end]: hit.names for hit in scene.hits}


def _is_soon_over(scene: Scene) -> bool:
    """Whether it says that something is good for seconds, minutes or hours, as no offer is."""
    return any(
        "expire" in hit.names and not _SOON.isdisjoint(scene.names_in(*scene.sentence(hit.start, hit.end)))
        for hit in scene.hits
    )


def _counts_down(scene: Scene) -> bool:
    """Whether it names a number of minutes or seconds, whatever it says of them."""
    return any(
        not _COUNTED.isdisjoint(hit.names) and _AMOUNT.search(scene.plain, max(0, hit.start - 6), hit.start)
        for hit in scene.hits
    )


def _count(scene: Scene) -> Counter[str]:
    """How many places of a text read as each sort of lookalike; overlapping ones count once."""
    counts: Counter[str] = Counter()
    ends: dict[str, int] = {}
    for item in scene.lookalikes.found:
        if item.start >= ends.get(item.name, 0):
            counts[item.name] += 1
        ends[item.name] = max(item.end, ends.get(item.name, 0))
    return counts
