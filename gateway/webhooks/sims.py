"""Whose SMS a phone received: apps know the SIM's slot, but seldom its number."""

import re
from collections.abc import Sequence

from core.errors import InvalidRequestError

_SLOT = re.compile(r"(?:sim|slot|card|卡)\D{0,3}([1-9])(?![0-9])", re.IGNORECASE)


def slot_in(text: str) -> int | None:
    """The slot that "SIM1_Carrier" or "sim2" or "1" names, from 1; None where none is named."""
    found = _SLOT.search(text)
    if found:
        return int(found[1])
    return int(text) if text in {"1", "2", "3", "4"} else None


def number_of(slot: int | None, numbers: Sequence[str], said: str = "") -> str:
    """The number of the SIM in a slot, by the settings' `sim_numbers`; without them, the one that the phone says.

    One number is any slot's. Raises InvalidRequestError, which says what to set.
    """
    if len(numbers) == 1:
        return numbers[0]
    if numbers and slot and slot <= len(numbers):
        return numbers[slot - 1]
    if not said:
        which = f"SIM {slot}" if slot else "a SIM whose slot it does not tell"
        raise InvalidRequestError(f"the phone does not say its number: name that of {which} in sim_numbers")
    return said
