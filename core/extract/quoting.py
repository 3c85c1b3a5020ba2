"""Where a mail goes on with older mail that it quotes."""

import re

_ABOVE = re.compile(
    r"^>|^-{3,} ?\w[^\n-]{3,40}-{3,}[ \t]*$|^_{20,}[ \t]*$"
    r"|^(?=[^\n0-9]{0,300}[0-9])[^\n<(]{0,300}[<(][^\s<>@]{1,64}@[^\s<>@)]{1,255}[>)][^\n]{0,60}[:：][ \t]*$",
    re.MULTILINE,
)
"""`> …`, `---- Original Message ----`, `On 23 Nov, Acme <mail@acme.example> wrote:`."""

_SIGNS = (">", "---", "___", "@")
"""Such a line holds one of these."""


def begins(shown: str) -> int:
    """Where the line above older mail begins; the text's length where there is none."""
    found = _ABOVE.search(shown) if any(map(shown.__contains__, _SIGNS)) else None
    return found.start() if found else len(shown)
