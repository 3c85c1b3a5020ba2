"""Whether letters could be a word of some language, by the runs of three letters that words have."""

from functools import cache

from core.extract.words import lexicon

_SHARE = 3


def are_strange(value: str) -> bool:
    """Whether of a value's runs of three letters a third or more stand in no word of the data, as in `mofqer`.

    Of random letters nine values in ten do, of names and words few. Dashes and case don't count.
    """
    runs = _runs(value.replace("-", "").lower())
    return len(runs - known_runs()) * _SHARE >= len(runs) > 0


@cache
def known_runs() -> frozenset[str]:
    """Every run of three Latin letters that stands in a word of the data, of whatever language."""
    return _runs("\n".join({word for word in lexicon().letters() if word.isascii()}))


def _runs(text: str) -> frozenset[str]:
    return frozenset(map("".join, set(zip(text, text[1:], text[2:], strict=False))))
