"""Numbers as providers write them."""

import re
from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, ValidationInfo

from core.errors import InvalidIdentifierError
from core.identifiers import normalize

_DIGITS = re.compile(r"[0-9]{8,15}")


def international(text: str) -> str:
    """A number that is written with its country code but without a plus, with it; anything else as it is.

    Short codes and alphanumeric senders stay as they are, and so does a number that no country has.
    """
    written = text.strip()
    if not _DIGITS.fullmatch(written):
        return written
    try:
        number = phonenumbers.parse(f"+{written}")
    except phonenumbers.NumberParseException:
        return written
    whole = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return f"+{written}" if whole else written


def _possible(text: str, info: ValidationInfo) -> str:
    region = (info.context or {}).get("default_region", "")
    try:
        normalize(international(text), region)
    except InvalidIdentifierError as error:
        raise ValueError(str(error)) from error
    return text


def _possible_or_none(text: str, info: ValidationInfo) -> str:
    return _possible(text, info) if text else text


Number = Annotated[str, AfterValidator(_possible)]
"""A number or mailbox that could be an identifier, as written; validated with `default_region` as context."""
NumberOrNone = Annotated[str, AfterValidator(_possible_or_none)]
"""As `Number`, or "" where there is none."""
