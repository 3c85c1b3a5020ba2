"""Whose SMS a phone received: apps know the SIM's slot, but seldom its number."""

import re
from collections.abc import Sequence

from gateway.webhooks.numbers import NumberOrNone

_SLOT = re.compile(r"(?:sim|slot|card|卡)\D{0,3}([1-9])(?![0-9])", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]")


SimNumbers = tuple[NumberOrNone, ...]
"""The number of the SIM in each slot; "" for a slot that has none."""


def slot_in(text: str) -> int | None:
    """The slot that "SIM1_Carrier" or "sim2" or "1" names, from 1; None where none is named."""
    found = _SLOT.search(text)
    if found:
        return int(found[1])
    return int(text) if text in {"1", "2", "3", "4"} else None


def number_of(slot: int | None, numbers: Sequence[str], said: str = "") -> str:
    """The number that the phone says itself; where it says none, that of the SIM's slot in `sim_numbers`.

    One number is that of a SIM whose slot is not told. Where no number is known, words that say what to set.
    """
    if _NUMBER.search(said) or (said and not numbers):
        return said
    if slot is None and len(numbers) == 1:
        return numbers[0]
    number = numbers[slot - 1] if slot and slot <= len(numbers) else ""
    return number or f"{f'SIM {slot}' if slot else 'SIM of an untold slot'}, not in sim_numbers"
