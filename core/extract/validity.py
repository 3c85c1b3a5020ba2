"""Reads how long a message says that its code or link is good."""

import re
from datetime import UTC, time, timedelta, timezone, tzinfo

from core.extract import number_words, wrapping
from core.extract.context import Scene
from core.extract.result import Validity
from core.extract.words import Hit

_AMOUNT = re.compile(
    r"(?<![0-9])(?:(?<![0-9][.,:])|(?<=[0-9]{4}[.,:]))([0-9]{1,2}[.,]5|[0-9]{1,4})\)?"
    r"(?: \([^()\n]{1,20}\))?(?:[ -](?:de|il|ka|na))?[ -]{0,2}$"
)
"""As in `10 minutes`, `0.5 hours`, `670934,5分钟`, `30 (trinta) minutos`, `20 de minute`."""
_MINUTES_AND_SECONDS = re.compile(r"(?<![0-9:.,-])([0-9]{1,2}):([0-5][0-9]) {0,2}$")
"""As in `04:59 minutes`."""
_AMOUNT_AFTER = re.compile(r" ?(?:(?:e|e le|eli|emi|eyi)[ -])?([0-9]{1,3})(?![0-9]|[.,:][0-9])")
"""As in Swahili `dakika 5`, Zulu `imizuzu eyi-10`, Tswana `metsotso e le 10`."""
_ONE_AFTER = re.compile(r" (?:واحده?|אחד|אחת)(?!\w)")
_IN_A_CODE = re.compile(r"[0-9]{1,4}(?!m(?:in|n)?(?![a-z]))[a-z]")
"""As behind the `h` of `CAL-7H3Q`, and not in `1h30m`."""
_CLOCK = re.compile(
    r"(下午|晚上|午後|오후)? ?(?<![0-9:])([01]?[0-9]|2[0-3])"
    r"(?:[:.]| ?(?:[h時时点點시]|u(?:ur|hr)?) ?)([0-5][0-9])(?::[0-5][0-9])? ?([ap])?(?:\.?m)?(?![0-9])"
)
_HOUR_ALONE = re.compile(
    r"(?<![0-9.,:])([01]?[0-9]|2[0-3]) ?(?:(?:uhr|([ap])\.?m)(?![a-z0-9])|[時时点點](?:ま[でて]|前|之前)|시까지)"
)
_HOUR_BEFORE = re.compile(r"[0-9] ?[時时点點시] ?[0-9]{1,2} ?$")
"""As in `18시 45분`, a time of day."""
_CLOCK_AFTER = re.compile(r"\.? ?[0-9]{1,2}[:.][0-9]{2}(?![0-9])")
"""As behind the word for an hour in `do godz. 18.45`."""
_ABBREVIATED = re.compile(r"(?<!\w)[^\W\d_]{1,5}\. ?$")
"""As in `kl. 18.45`, whose dot ends no sentence."""
_MINUTES_AFTER = re.compile(r" ?([0-5][0-9])(?![0-9]|[.,:][0-9])( ?m)?")
"""As in `1h30`, and in `18 h 45`, where they tell that the hour is one of the clock."""
_FEW_HOURS = 2
_ZONE = re.compile(
    r" {0,2}\(?(?:(?:utc|gmt|z\b)(?: ?([+-]) ?([0-9]{1,2})(?::?([0-9]{2}))?)?|([+-])([0-9]{2}):?([0-9]{2}))"
)
_SHORT_UNIT = re.compile(r"(?<![0-9])(?<![0-9][.,:])([0-9]{1,4}) ?(s|sec|m|min|mn|h|hr|d)(?![a-z0-9])")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_SHORT = {"s": 1, "sec": 1, "m": 60, "min": 60, "mn": 60, "h": 3600, "hr": 3600, "d": 86_400}
_TO_DO = frozenset({"enter", "click", "reset"})
_NOT_AHEAD = frozenset(
    {"alert", "old", "new", "replace", "asked", "promo", "booking", "parcel", "meeting", "money", "aside"}
)
_TO_ASK_AGAIN = timedelta(minutes=2)
"""Shorter times are those to wait before one may ask for another code."""
_LONGEST = timedelta(days=31)
_NOON = 12
_LAST_HOUR = 23


def _span(amount: float, seconds: int) -> Validity | None:
    lasts = timedelta(seconds=amount * seconds)
    return Validity(lasts=lasts) if timedelta(0) < lasts <= _LONGEST else None


def _by_word(scene: Scene, hit: Hit, low: int) -> Validity | None:
    """A span whose unit is a word of the data, such as `10 minutes` or `ten minutes`, begun at `low` or after."""
    seconds = next((_SECONDS[name] for name in sorted(hit.names & _SECONDS.keys())), None)
    if seconds is None or _IN_A_CODE.match(scene.plain, hit.end) or _CLOCK_AFTER.match(scene.plain, hit.end):
        return None
    said = wrapping.joined(scene.plain[max(low, hit.start - number_words.LONGEST) : hit.start])
    digits = _AMOUNT.search(said)
    if _HOUR_BEFORE.search(said):
        return None
    if digits:
        return _by_digits(digits.group(1), seconds, scene.plain[hit.end : hit.end + 8])
    timed = _MINUTES_AND_SECONDS.search(said) if seconds == _SECONDS["minute"] else None
    if timed:
        return _span(int(timed.group(1)) * 60 + int(timed.group(2)), 1)
    words = number_words.before(said)
    return _span(words, seconds) if words else _by_word_after(scene.plain[hit.end : hit.end + 12], seconds)


def _by_digits(written: str, seconds: int, after: str) -> Validity | None:
    """A span of as many units, or halves of one, as digits say; of hours with the minutes behind them."""
    if not written.isdigit():
        return _span(float(written.replace(",", ".")), seconds)
    return _hours(written, after) if seconds == _SECONDS["hour"] else _span(int(written), seconds)


def _hours(written: str, after: str) -> Validity | None:
    """A span of hours, with the minutes behind them; None where the two are a time of day, as `18h45` is."""
    amount, minutes = int(written), _MINUTES_AFTER.match(after)
    if minutes is None or amount > _LAST_HOUR:
        return _span(amount, _SECONDS["hour"])
    if (amount > _FEW_HOURS or len(written) > 1) and not minutes.group(2):
        return None
    return _span(amount * 60 + int(minutes.group(1)), _SECONDS["minute"])


def _by_word_after(text: str, seconds: int) -> Validity | None:
    """A span whose amount stands behind its unit."""
    digits = _AMOUNT_AFTER.match(text)
    return _span(int(digits.group(1)), seconds) if digits else _span(bool(_ONE_AFTER.match(text)), seconds)


def _zone(text: str) -> tzinfo | None:
    match = _ZONE.match(text)
    if match is None:
        return None
    sign, hours, minutes = (
        match.group(1) or match.group(4),
        match.group(2) or match.group(5),
        match.group(3) or match.group(6),
    )
    if sign is None:
        return UTC
    offset = timedelta(hours=min(int(hours), 14), minutes=min(int(minutes or 0), 59))
    return timezone(-offset if sign == "-" else offset)


def _of_day(hour: int, half: str | None) -> int:
    """The hour of the day, from one of the clock with `a` or `p` for its half."""
    if half and 1 <= hour <= _NOON:
        return hour % _NOON + (_NOON if half == "p" else 0)
    return hour


def _by_clock(text: str) -> Validity | None:
    match = _CLOCK.search(text)
    if match:
        hour = _of_day(int(match.group(2)), "p" if match.group(1) else match.group(4))
        return Validity(until=time(hour, int(match.group(3))), zone=_zone(text[match.end() :]))
    alone = _HOUR_ALONE.search(text)
    return Validity(until=time(_of_day(int(alone.group(1)), alone.group(2)))) if alone else None


def _by_short_unit(text: str) -> Validity | None:
    match = _SHORT_UNIT.search(text)
    if match is None:
        return None
    amount, seconds = match.group(1), _SHORT[match.group(2)]
    return _hours(amount, text[match.end() :]) if seconds == _SECONDS["hour"] else _span(int(amount), seconds)


def _in_sentence(scene: Scene, low: int, high: int) -> Validity | None:
    spans = [_by_word(scene, hit, low) for hit in scene.hits_in(low, high)]
    found = next((span for span in spans if span), None)
    if found:
        return found
    text = scene.plain[low:high]
    return _by_short_unit(text) or _by_clock(text)


def _in_lines(scene: Scene, low: int, high: int) -> Validity | None:
    """Likewise where the sentence is broken over lines."""
    wide = wrapping.widened(scene, low, high)
    return _in_sentence(scene, *wide) if wide != (low, high) else None


def _sentence(scene: Scene, hit: Hit) -> tuple[int, int]:
    """Bounds of the sentence around a word, with the time of day behind an abbreviation at its end."""
    low, high = scene.sentence(hit.start, hit.end)
    short = _ABBREVIATED.search(scene.plain, low, high)
    clock = _CLOCK.match(scene.plain, high) if short else None
    return low, clock.end() if clock else high


def _of_a_code(scene: Scene) -> Validity | None:
    """A span in a sentence on what to do with a code or link, such as `Enter it in the next 5 minutes`."""
    for hit in scene.hits:
        if hit.names & _SECONDS.keys():
            low, high = scene.sentence(hit.start, hit.end)
            said = scene.names_in(low, high)
            found = _by_word(scene, hit, low) if said & _TO_DO and not said & _NOT_AHEAD else None
            if found and found.lasts and found.lasts >= _TO_ASK_AGAIN:
                return found
    return None


def find(scene: Scene) -> Validity | None:
    """The validity that a text states: the first that a sentence speaks of as such, or gives one to act in."""
    for hit in scene.hits:
        if "expire" in hit.names:
            low, high = _sentence(scene, hit)
            found = _in_sentence(scene, low, high) or _in_lines(scene, low, high)
            if found:
                return found
    return _of_a_code(scene)
