"""Where the sentences of a text end."""

import re

from core.extract.words import Hit

# Its first character comes first: so `re` skips at once to where a match may begin.
_STOP, _MARK = ".!?…;", "。!?।॥؟۔။።፧"
_BREAK = re.compile(rf"[\n{_STOP}{_MARK}](?:(?<=[{_STOP}])[{_STOP}]*(?=[\s\"')\]»”]|$)|(?<=[\n{_MARK}]))")
_ABBREVIATION = frozenset({"ref", "phone", "money", "place", "card", "example", "approval"})
_LONGEST_ABBREVIATION = 5
_SHORT_FORM = re.compile(
    r"(?<![^\W_])(?:no|nr|nro|num|nums|tel|mob|mobil|ph|acc|acct|ref|ord|st|str|ul|dr|mr|mrs|ms|sn|vs|inc|ltd|co|corp"
    r"|approx|incl|excl|max|ext|dept|govt|univ|intl|bros|apt|art|ex|eks|tlf|tfno|av|avda|sr|sra|dna|pte|pvt|rs|сч|тел|ул|им|г"
    r"|aut|auth|auto|autor|autoriz|autorizz|autoris|appr|aprob|avt|авт)$"
)
"""What ends with a full stop in the middle of a sentence, as in `Your PIN for mobile no. is 90421`."""
_LONGEST_SHORT_FORM = 8


def ends(shown: str, plain: str, hits: list[Hit]) -> list[int]:
    """Where each sentence or line of a text ends, in order; `hits` are its known words."""
    abbreviated = {at for hit in hits for at in range(hit.start, _abbreviated_until(hit))}
    return [
        match.end()
        for match in _BREAK.finditer(plain)
        if match.group() != "."
        or not (match.start() in abbreviated or _is_short_form(shown, plain, match.start()))
    ]


def _abbreviated_until(hit: Hit) -> int:
    """Up to where a full stop in a word or phrase ends no sentence: behind a short one, within `Cod. aut.`."""
    if hit.names.isdisjoint(_ABBREVIATION):
        return hit.start
    if hit.end - hit.start <= _LONGEST_ABBREVIATION:
        return hit.end + 1
    return hit.end if "approval" in hit.names else hit.start


def _is_short_form(shown: str, plain: str, stop: int) -> bool:
    """Whether a full stop ends an abbreviation, and its sentence goes on with a small letter or a number."""
    going_on = shown[stop + 1 : stop + 3].lstrip(" ")[:1]
    if not (going_on.islower() or going_on.isdigit()):
        return False
    return _SHORT_FORM.search(plain, max(0, stop - _LONGEST_SHORT_FORM), stop) is not None
