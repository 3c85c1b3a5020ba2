"""Marks what a number is when it is no code: a date, a time, an amount, a phone number, part of an address."""

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

_CURRENCY_SIGN = "€$£¥₹₽₴₺₩₫₪₦₱฿₸₾៛₭₮₼₲₡₵৳﷼"
_CURRENCY = (
    "usd|eur|gbp|inr|rs|mrp|rm|rp|idr|kr|sek|nok|dkk|isk|pln|zl|czk|kc|huf|ft|ron|lei|mdl|bgn|lv|rsd|din|kn|hrk|try|tl|"
    "rub|rur|uah|kzt|uzs|azn|gel|amd|byn|aed|sar|qar|kwd|bhd|omr|egp|jod|dzd|mad|tnd|irr|irt|ils|nis|pkr|npr|bdt|"
    "tk|lkr|mvr|mmk|ks|thb|khr|lak|vnd|vn|php|sgd|myr|hkd|twd|ntd|nt|cny|rmb|jpy|krw|mnt|mxn|cop|clp|ars|pen|brl|uyu|"
    "ves|bob|pyg|crc|gtq|hnl|dop|jmd|ngn|ghs|ghc|kes|ksh|tzs|tsh|ugx|ush|zar|zmw|etb|birr|xof|xaf|fcfa|cfa|mzn|aud|nzd|"
    "cad|chf|sfr|btc|eth|usdt|руб|р|грн|тг|тнг|сум|сом|сомони|лв|ден|дин|манат"
)
_ARMOUR = re.compile("-----begin (?!pgp signed message)[a-z0-9 ]{3,40}-----")
_ARMOUR_END = re.compile("-----end [a-z0-9 ]{3,40}-----")
_ADDRESSES = (
    (("://", "www."), r"(?:https?://|www\.)[!#-;=?-~à-ɏЀ-ӿ]{1,2000}"),
    (("@",), r"[\w.+=-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}"),
    (
        ("/",),
        r"(?<![\w.@-])(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,15}(?::[0-9]{2,5})?/[!#-;=?-~à-ɏЀ-ӿ]{0,500}",
    ),
    ((".",), r"[0-9](?<![0-9.].)(?=[0-9.]{0,12}[0-9]{2})[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?!\.?[0-9])"),
)
"""The sorts of addresses, each with what one of it must hold."""
_BEFORE = rf"(?:[{_CURRENCY_SIGN}]|(?<![a-zа-я])(?:{_CURRENCY})\b[.:]?) ?"
_AFTER = rf" ?(?:[{_CURRENCY_SIGN}元円圓원萬万만]|(?:{_CURRENCY})(?![a-zа-я]))"
_THOUSANDS = r"[0-9]{1,3}(?:[ .,'][0-9]{3}){1,5}(?:[.,][0-9]{1,2})?"
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NAMED_MONTH = f"(?:{_MONTHS})[a-z]{{0,6}}"
_DATES = (
    (
        rf"(?<![0-9])(?:{_DAY}([./-]) ?{_MONTH}\1 ?(?:[12][0-9]{{3}}|[0-9]{{2}})(?![0-9])"
        rf"|(?:1[3-9]|20)[0-9]{{2}}([./-]){_MONTH}\2{_DAY}(?![0-9])"
        rf"|{_MONTH}[/-]{_DAY}[/-](?:20)?[0-9]{{2}}(?![0-9]))"
    ),
    r"(?<![0-9])(?:19|20)[0-9]{2}[-/][0-9]{2}(?![0-9-])",
    rf"(?<![0-9.-]){_DAY}-{_MONTH}(?=,| om | kl| at )",
    r"(?<![0-9])(?:[12][0-9]{3} ?[年년] ?)?(?:[0-9]{1,2} ?[月월] ?)?[0-9]{1,2} ?[日일号號]",
    r"(?<![0-9])(?:[12][0-9]{3} ?[年년度](?:度)? ?(?:[0-9]{1,2} ?[月월])?|[0-9]{1,2} ?[月월份](?:份)?)",
    r"(?<![0-9./-])(?:[0-3]?[0-9][./][01]?[0-9]|[01]?[0-9]/[0-3]?[0-9])\.?(?![0-9]|[./-][0-9])",
    rf"(?<![0-9a-z]){_DAY}[-/]{_NAMED_MONTH}[-/](?:20)?[0-9]{{2}}(?![0-9a-z])",
    rf"(?<![0-9a-z]){_DAY}(?:{_MONTHS})(?:20)?[0-9]{{2}}(?![0-9a-z])",
)
_TIMES = (
    r"(?<![0-9:])[0-2]?[0-9](?::[0-5][0-9]){1,2}(?:\.[0-9]{1,6})?(?![0-9:])",
    r"(?<![0-9])[0-2]?[0-9] ?[h時点點시时] ?[0-5]?[0-9]?(?: ?[m分분])?(?![0-9a-z])",
    r"(?<![0-9])[0-2]?[0-9](?:[.:][0-5][0-9])? ?(?:am|pm|a\.m|p\.m)(?![a-z])",
    (
        rf"(?<![0-9]){_DAY}([./-]){_MONTH}\1(?:20)?[0-9]{{2}},? [^\W\d_]{{1,3}} "
        r"(?:[01][0-9]|2[0-3])[0-5][0-9](?![0-9])"
    ),
)
_AMOUNTS = (
    rf"{_BEFORE}{_THOUSANDS}(?![0-9])",
    rf"(?<![a-z0-9])(?:{_CURRENCY})[0-9]{{1,3}}(?:[.,][0-9]{{2,3}}){{0,4}}(?![0-9a-z])",
    rf"{_BEFORE}[0-9]{{1,12}}(?:[.,][0-9]{{1,2}})?",
    rf"(?<![0-9]){_THOUSANDS}{_AFTER}",
    rf"(?<![0-9])[0-9]{{1,12}}(?:[.,][0-9]{{1,3}})?(?:[.,]-)?{_AFTER}",
    r"(?<![0-9.,])[0-9]{1,3}(?:[.,'][0-9]{3}){1,5}(?:[.,][0-9]{1,2})?(?![0-9]|[.,][0-9])",
    r"(?<![0-9.,])[0-9]{1,9}[.,][0-9]{2}(?![0-9]|[.,][0-9])",
)
_MASKS = (
    # One dot between two numbers masks nothing: `482 · 913`.
    r"(?:(?![•·](?<=[0-9].)|[•·](?<=[0-9] .))[*•·●…]{1,12}|(?<![a-z])x{2,12}|\.{2,12})[ /-]?[0-9]{2,8}(?![0-9*])",
    r"(?<![a-z0-9])x[0-9]{3,5}(?![0-9a-z])",
    r"(?<![0-9*])[0-9]{2,6}-?(?:[*•●]{2,12}|x{2,12})[0-9]{0,6}",
    r"(?<![0-9a-z*#])[0-9]{4}\*(?![0-9a-z*#])",
    r"(?<![0-9a-z*])[0-9]{2,6}-?[*•●x]{1,12}[ -][*•●x]{2,12}[ -]?[0-9]{2,6}(?![0-9a-z*])",
)
_PHONES = (
    r"\+(?<![0-9a-z].) ?[0-9](?:[ .()/-]{0,2}[0-9]){6,14}(?![0-9])",
    r"\((?<![0-9].)[0-9+]{2,6}\)(?:[ .-]{0,2}[0-9]){4,10}(?![0-9])",
    (
        r"(?<![0-9])(?<![0-9][ -])(?:1[ -])?(?:0[0-9]{0,4}|1?8(?:00|44|55|66|77|88))"
        r"(?=[0-9 ./-]{9})(?:[ ./-]{1,2}[0-9]{2,5}){2,4}(?![0-9])"
    ),
    r"(?<![0-9])(?<![0-9][ -])(?:0800|0300|1800|1860|8800|0[0-9]{1,3})[ /-][0-9]{4,8}(?![0-9])",
    r"(?<![0-9])555[ -][0-9]{4}(?![0-9])|(?<![0-9])0[0-9]{9,11}(?![0-9])",
)
_UNITS = r"(?:[gmkt]b(?:ps|it|/s)?|[kcm]?m[23]?|k?g|kwh|mbps|km/h|°c?|px|pt|em|x)(?![a-z0-9])"
_SORTS: dict[str, tuple[str, ...]] = {
    "date": _DATES,
    "time": _TIMES,
    "percent": (r"[0-9]{1,3}(?:[.,][0-9]{1,3})? ?[%‰٪]|% ?[0-9]{1,3}",),
    "amount": _AMOUNTS,
    "masked": _MASKS,
    "phone": _PHONES,
    "measure": (
        r"(?<![0-9a-z])[0-9]{1,4} ?[x×] ?[0-9]{1,4}(?![0-9a-z])",
        rf"(?<![0-9a-z])[0-9]{{1,7}}(?:[.,][0-9]{{1,3}})? ?{_UNITS}",
    ),
}
_SHORTEST_PHONE = 7
_DIGITS = re.compile("[0-9]+")
_WORDS = re.compile("[a-zа-я]+")
_REACH = 20
"""More characters than any pattern takes beside a digit: the longest is a mask of 12 and a space."""
_MONEY = (*_CURRENCY_SIGN, *"元円圓원萬万만", *_CURRENCY.split("|"))
_NEEDED: dict[str, tuple[Iterable[str], ...]] = {
    "amount": (_MONEY, _MONEY, _MONEY, _MONEY, _MONEY, ".,'", ".,"),
    "percent": ("%‰٪",),
    "date": ("./-", "-/", "-", "日일号號", "年년월月度份", "./", "-/", _MONTHS.split("|")),
    "time": (":", "h時點点시时", "m", "./-"),
    "masked": ("*•·●….x", "x", "*•●x", "*", "*•●x"),
    "measure": ("x×", ""),
}
"""For each pattern of a sort, characters or whole words of which it needs one; "" for none."""


class _Pattern(NamedTuple):
    sort: str
    needed: frozenset[str]
    regex: re.Pattern[str]
    from_number: bool
    """It begins at the first digit of a number: tried there alone, a text is read several times as fast."""


_PATTERNS = tuple(
    _Pattern(sort, frozenset(needed), re.compile(pattern), pattern.startswith("(?<![0-9"))
    for sort, patterns in _SORTS.items()
    for needed, pattern in zip(_NEEDED.get(sort, ("",) * len(patterns)), patterns, strict=True)
)
_TELLING = frozenset().union(*(pattern.needed for pattern in _PATTERNS))


class Lookalike(NamedTuple):
    """`plain[start:end]` reads as something else than a code."""

    start: int
    end: int
    name: str


class Lookalikes:
    """All lookalikes of a text, asked by place."""

    def __init__(self, found: list[Lookalike]) -> None:
        self.found = sorted(found)
        self._starts = [item.start for item in self.found]

    def over(self, start: int, end: int) -> list[Lookalike]:
        """The lookalikes that share a character with `[start, end)`."""
        stop = bisect_left(self._starts, end)
        return [item for item in self.found[max(0, stop - 24) : stop] if item.end > start] if stop else []


def addresses(plain: str) -> list[tuple[int, int]]:
    """Where web, mail and IP addresses stand in a plain text."""
    pattern = _address("|".join(sort for needed, sort in _ADDRESSES if any(it in plain for it in needed)))
    return [(m.start(), m.start() + len(m.group().rstrip(".,;:!?)'*]"))) for m in pattern.finditer(plain)]


def armour(plain: str) -> list[tuple[int, int]]:
    """Where keys, certificates, signatures and sealed mail stand as ASCII armour (RFC 9580, 6; RFC 7468)."""
    found: list[tuple[int, int]] = []
    begun = _ARMOUR.search(plain) if "-----end " in plain else None
    while begun and (ended := _ARMOUR_END.search(plain, begun.end())):
        found += [(begun.start(), ended.end())]
        begun = _ARMOUR.search(plain, ended.end())
    return found


@cache
def _address(sorts: str) -> re.Pattern[str]:
    return re.compile(sorts or "(?!)")


def find(plain: str) -> Lookalikes:
    """Read a plain text for lookalikes; each pattern is bounded, so time grows with the text's length."""
    found = [
        Lookalike(*match.span(), pattern.sort)
        for start, end, numbers, digits in _around_digits(plain)
        for pattern in _able(plain[start:end], digits)
        for match in (
            _at_numbers(pattern.regex, plain, numbers, end)
            if pattern.from_number
            else pattern.regex.finditer(plain, start, end)
        )
        if pattern.sort != "phone" or sum(map(str.isdigit, match.group())) >= _SHORTEST_PHONE
    ]
    return Lookalikes(found)


def _at_numbers(regex: re.Pattern[str], plain: str, numbers: list[int], end: int) -> list[re.Match[str]]:
    """The matches that begin at a number, each after the one before."""
    found: list[re.Match[str]] = []
    for number in numbers:
        match = regex.match(plain, number, end)
        if match and not (found and number < found[-1].end()):
            found.append(match)
    return found


def _able(text: str, digits: int) -> tuple[_Pattern, ...]:
    """The patterns that can match at all in a text with so many digits."""
    present = _TELLING.intersection([*text, *_WORDS.findall(text)])
    return _able_with(present, may_be_phone=digits >= _SHORTEST_PHONE)


@lru_cache(maxsize=10_000)
def _able_with(present: frozenset[str], *, may_be_phone: bool) -> tuple[_Pattern, ...]:
    return tuple(
        pattern
        for pattern in _PATTERNS
        if not (pattern.needed and pattern.needed.isdisjoint(present))
        and (pattern.sort != "phone" or may_be_phone)
    )


def _around_digits(plain: str) -> list[tuple[int, int, list[int], int]]:
    """Where a pattern can match, where the numbers there begin, and how many digits they have.

    A pattern needs a digit, and its digits are not far apart.
    """
    regions: list[tuple[int, int, list[int], int]] = []
    for number in _DIGITS.finditer(plain):
        first, after = number.span()
        start, end, begun, digits = max(0, first - _REACH), after + _REACH, [first], after - first
        if regions and start <= regions[-1][1]:
            start, _, begun, before = regions.pop()
            begun.append(first)
            digits += before
        regions.append((start, end, begun, digits))
    return regions
