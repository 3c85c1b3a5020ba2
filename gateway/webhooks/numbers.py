"""Numbers as providers write them."""

import re

import phonenumbers

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
