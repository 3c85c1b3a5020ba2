"""Where a mail goes on with older mail that it quotes."""

import re

_ABOVE = re.compile(
    r"^>|^-{3,} ?\w[^\n-]{3,40}-{3,}[ \t]*$|^_{20,}[ \t]*$"
    r"|^(?=[^\n0-9]{0,300}[0-9])[^\n<(]{0,300}[<(][^\s<>@]{1,64}@[^\s<>@)]{1,255}[>)][^\n]{0,60}[:：][ \t]*$",
    re.MULTILINE,
)
"""`> …`, `---- Original Message ----`, `On 23 Nov, Acme <mail@acme.example> wrote:`."""


def begins(shown: str) -> int:
    """Where the line above older mail begins; the text's length where there is none."""
    found = _ABOVE.search(shown)
    return found.start() if found else len(shown)
