"""How a candidate stands: a sentence by itself, below a warning, in a link as well."""

import re

from core.extract.candidates import Span
from core.extract.context import Scene
from core.extract.view import CODE_OR_LOGIN
from core.message import Content

_DASH = re.compile(" ?- ")
_TELLING = 5
"""Characters of a value that stand in an address by no chance."""


def hrefs(scene: Scene, content: Content) -> str:
    """Every address of a message, one a line."""
    bare = (scene.folded.shown[start:end] for start, end in scene.addresses)
    return "\n".join([*(link.href for link in content.links), *bare])


def marks(scene: Scene, span: Span, hrefs: str) -> dict[str, bool]:
    """What its sentence and the message's links tell of a candidate, in any language."""
    low, high = scene.sentence(span.start, span.end)
    before, after = scene.plain[low : span.start], scene.plain[span.end : high]
    is_first = not any(map(str.isalnum, before))
    return {
        "in a link": len(span.value) >= _TELLING and span.value in hrefs,
        # A sentence ends before it and nothing but it follows, as in `Kind regards, Acme. 7053`.
        "a sentence of its own": low > 0 and is_first and not any(map(str.isalnum, after)),
        # Words follow in its sentence and none stand before, as in `4821 is your Acme code`.
        "opens its sentence": is_first and any(map(str.isalpha, after)),
        "below a warning": 0 <= scene.warned_until <= span.start,
        "beside a phone number": _is_beside_a_phone_number(scene, span, low, high),
        "a number sign follows": scene.plain[span.end : span.end + 1] == "#",
        "a dash follows": _DASH.match(scene.plain, span.end) is not None,
    }


def _is_beside_a_phone_number(scene: Scene, span: Span, low: int, high: int) -> bool:
    """Whether its sentence bids to call a phone number, as in `ring 0113 555 0142 and quote 4009372`."""
    names = scene.names_in(low, high)
    if "phone" not in names or not names.isdisjoint(CODE_OR_LOGIN):
        return False
    found = scene.lookalikes.over(low, high)
    return any(it.name == "phone" and (it.end <= span.start or it.start >= span.end) for it in found)
