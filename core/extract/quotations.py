"""Which parts of a text stand within quotation marks, and what that tells of a code there.

An article, a chat or a warning quotes what some message says; a value by itself is only set off by the marks;
and what somebody passes on may be quoted as a whole, so that it is the message itself.
"""

import re
from bisect import bisect_left
from typing import NamedTuple

from core.extract.candidates import Span
from core.extract.context import Scene
from core.extract.folding import plain
from core.extract.view import Feature, mark

_LONGEST, _LINES = 500, 6
"""Characters and line ends of the longest quotation."""
_BESIDE = 80
"""Characters to each side in which a text says whom or what it quotes."""
_HEAD = 60
"""Characters of the longest heading above a message that is quoted as a whole."""
_SEVERAL, _SEVERAL_LETTERS = 2, 5
"""Words, and letters of scripts without spaces, that make more of a quotation than a name or a command."""
_APART = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3"
"""Letters of scripts that leave no space between words, and none beside quotation marks."""
_UNSPACED = re.compile(f"[{_APART}]")
_BEFORE = rf"(?:(?<=[{_APART}].)|(?<![\w.!?%].))"
_AFTER = rf"(?:(?=[{_APART}])|(?!\w))"
_WITHIN = f"{{1,{_LONGEST}}}+"
_ELISION = r"(?!(?:[stnkm]|em|til|cause|bout|tis|twas|[0-9]{2}s?)(?![\w'’]))"
"""What an apostrophe at the start of a word stands before, as in `'em`, `'24`, Dutch `'t`."""
# Each begins with its sign, and what must not stand before it comes second: so `re` skips at once to it.
_QUOTED = {
    signs: re.compile(pattern)
    for signs, pattern in {
        '"': rf'"{_BEFORE}(?=\S)(?:[^"]|(?<=[א-ת])"(?=[א-ת])){_WITHIN}"(?<=\S.){_AFTER}',
        "'’‘‚": rf"['’‘‚]{_BEFORE}(?=\S){_ELISION}(?:[^'’‘]|(?<=\w)['’](?=\w)){_WITHIN}['’‘](?<=\S.){_AFTER}",
        "“": f"“[^“”]{_WITHIN}”",
        "”": rf"”{_BEFORE}(?=\S)[^“”]{_WITHIN}”(?<=\S.){_AFTER}",
        "„": f'„[^„“”"]{_WITHIN}[“”"]',
        "«": f"«[^«»]{_WITHIN}»",
        "»": rf"»{_BEFORE}(?=\S)[^«»]{_WITHIN}«(?<=\S.){_AFTER}",
        "‹": f"‹[^‹›]{_WITHIN}›",
        "›": rf"›{_BEFORE}(?=\S)[^‹›]{_WITHIN}‹(?<=\S.){_AFTER}",
        "「": f"「[^「」]{_WITHIN}」",
        "『": f"『[^『』]{_WITHIN}』",
    }.items()
}
"""By the signs that open it, a quotation; signs that point nowhere open only before what they quote."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_HEADS_END = (":", ">", "\n", "|", "]")
_SAYING = (
    "say", "says", "said", "saying", "write", "writes", "wrote", "written", "read", "reads", "tell", "tells",
    "told", "texted", "claim*", "quot*", "looks like", "look like", "messages like", "message like",
    "texts like", "sagt*", "schrieb*", "geschrieben", "lautet*", "steht", "stand", "sieht so aus", "dit",
    "disait", "disant", "écri*", "indiqu*", "ressembl*", "affirm*", "dice", "dicen", "dijo", "decía",
    "diciendo", "escrib*", "parecid*", "rezaba", "diz", "disse", "dizia", "dizendo", "escrev*", "diceva",
    "detto", "scriv*", "scritto", "recita*", "zegt", "zei", "schreef", "luidt", "skrev", "säger", "sade",
    "siger", "sagde", "sier", "lyder", "kirjoitti", "sanoi", "lukee", "luki", "napisa*", "mówi*",
    "powiedzia*", "brzmi*", "treści", "napsal*", "napísal*", "říká", "řekl*", "stálo", "pisalo", "piše",
    "rekao", "rekla", "kaže", "spune*", "zis", "írta", "mondta", "állt", "szólt", "написа*", "пишет",
    "пишут", "пише", "сказа*", "говор*", "гласи*", "каза*", "έγραψε", "έγραφε", "λέει", "είπε", "yazdı",
    "yazıyor*", "yazan", "dedi", "diyor", "şeklinde", "bilang", "berkata", "menulis", "berbunyi", "nói",
    "viết", "bảo", "sinabi", "sabi", "alisema", "inasema", "قال", "قالت", "يقول", "تقول", "كتب", "مكتوب",
    "گفت", "نوشت", "می گوید", "کہا", "لکھا", "אמר", "אמרה", "כתב", "כתבה", "נכתב", "कहा", "लिखा", "বলে*",
    "লিখে*",
)  # fmt: skip
"""Words that say who said or wrote something, or what it looks like; a star stands for any ending."""
_SAYING_APART = (
    "说", "說", "写道", "寫道", "写着", "寫著", "显示", "顯示", "声称", "聲稱", "内容为", "內容為",
    "类似", "類似", "之类", "之類", "收到", "と書", "と言", "という", "といった", "との", "라고", "라는",
    "บอกว่า", "เขียนว่า", "ระบุว่า", "ថា", "ວ່າ",
)  # fmt: skip
_SAYS = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(map(plain, _SAYING))})(?![^\W_])".replace("*", "[^\\W_]*+")
    + "".join(f"|{plain(word)}" for word in _SAYING_APART)
)
_TELLING_OF = frozenset({"example", "warn"})
_NO_HEADING = _TELLING_OF | {"chat", "threat"}


class Quotation(NamedTuple):
    """What stands within quotation marks, with the marks: `shown[start:end]` of a scene."""

    start: int
    end: int


class Quotations:
    """The quotations of one scene, and what they tell of a candidate."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.found = find(scene.shown)
        self._starts = [start for start, _ in self.found]

    def marks(self, span: Span) -> frozenset[str]:
        """The names of all marks that a candidate bears, in each of the quotations that hold it."""
        first = bisect_left(self._starts, span.start - _LONGEST - 1)
        last = bisect_left(self._starts, span.start)
        over = [quotation for quotation in self.found[first:last] if quotation.end > span.end]
        return frozenset().union(*(self._of(quotation, span) for quotation in over))

    def _of(self, quotation: Quotation, span: Span) -> frozenset[str]:
        shown, (start, end) = self._scene.shown, quotation
        rest = shown[start : span.start] + " " + shown[span.end : end]
        if not any(map(str.isalnum, rest)):
            return frozenset({"a quoted value"})
        if not _is_a_sentence(rest):
            return frozenset()
        if self._is_the_message(quotation):
            return frozenset({"quoted as a whole"})
        return frozenset({"in a quotation", *(["told as a quotation"] if self._is_told(quotation) else [])})

    def _is_the_message(self, quotation: Quotation) -> bool:
        """Whether nothing stands outside but a heading, as in `SMS from Acme: "…"`."""
        shown, (start, end) = self._scene.shown, quotation
        head = shown[:start].rstrip(" ")
        if start > _HEAD or _WORD.search(shown, end):
            return False
        if not any(map(str.isalnum, head)):
            return True
        names = self._scene.names_in(0, start)
        is_heading = head.endswith(_HEADS_END) or "from" in names
        return is_heading and names.isdisjoint(_NO_HEADING) and not _says(self._scene.plain[:start])

    def _is_told(self, quotation: Quotation) -> bool:
        """Whether the text beside a quotation says who said it, what it looks like, or warns."""
        sides = (max(0, quotation.start - _BESIDE), quotation.start), (quotation.end, quotation.end + _BESIDE)
        return any(
            not self._scene.names_in(low, high).isdisjoint(_TELLING_OF) or _says(self._scene.plain[low:high])
            for low, high in sides
        )


def find(shown: str) -> list[Quotation]:
    """Every quotation of a text, also within others, by where it begins; none is longer than some lines."""
    patterns = [pattern for signs, pattern in _QUOTED.items() if any(map(shown.__contains__, signs))]
    matches = (match.span() for pattern in patterns for match in pattern.finditer(shown))
    return sorted(Quotation(*it) for it in matches if shown.count("\n", *it) <= _LINES)


def _is_a_sentence(text: str) -> bool:
    """Whether it says something: several words, or as much in a script that leaves no space between them."""
    return len(_WORD.findall(text)) >= _SEVERAL or len(_UNSPACED.findall(text)) >= _SEVERAL_LETTERS


def _says(text: str) -> bool:
    return _SAYS.search(text) is not None


FEATURES: tuple[Feature, ...] = (
    Feature("a value by itself between quotation marks", mark("a quoted value")),
    Feature("the whole message stands between quotation marks", mark("quoted as a whole")),
    Feature("in a sentence that the message quotes", mark("in a quotation")),
    Feature("quoted, with who said it or what it looks like", mark("told as a quotation")),
    Feature("quoted in a mail, as an article or a post quotes", lambda v: {"in a quotation", "email"} <= v.marks),
)
"""Of a candidate code."""
