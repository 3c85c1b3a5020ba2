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
_COLON = re.compile(r"[:：][ \t]*(?:\n|$)")
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|a écrit|escribió|escreveu|ha scritto|scrisse|schreef|skrev|kirjoitti"
    r"|napsala?|napísala?|napisała?|pisze|va escriure|escrigué|idatzi zuen|a scris|ezt írta|írta|έγραψε|написал"
    r"|написав|написала|пише|пиша|je napisala?|je napisao|rašė|rakstīja|kirjutas|skrifaði|yazdı|menulis|đã viết"
    r"|লিখেছেন|كتب|نوشت|נכתב|כתב|כתבה|เขียน)\b|ने लिखा|写道|寫道|書きました|のメール|작성|님이 씀",
    re.IGNORECASE,
)
"""What the line above older mail says that somebody did."""
_DIGIT = re.compile(r"\d")
_LONGEST = 300


def begins(shown: str) -> int:
    """Where the line above older mail begins; the text's length where there is none."""
    found = _ABOVE.search(shown) if any(map(shown.__contains__, _SIGNS)) else None
    return min(found.start() if found else len(shown), _attribution(shown))


def _attribution(shown: str) -> int:
    """Where a line such as `On 23 Nov at 21:49 Acme wrote:` begins, which may be broken before its last words."""
    for colon in _COLON.finditer(shown):
        end = colon.start()
        start = shown.rfind("\n", 0, end) + 1
        if end - start <= _LONGEST and not _DIGIT.search(shown, start, end):
            start = shown.rfind("\n", 0, max(0, start - 1)) + 1
        if end - start <= _LONGEST and _DIGIT.search(shown, start, end) and _WROTE.search(shown, start, end):
            return start
    return len(shown)
