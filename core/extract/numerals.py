"""Codes that are spelled out in words, digit by digit: `four eight two nine one three`."""

import re
from collections.abc import Iterator

from core.extract.alternatives import any_of
from core.extract.folding import plain

_NUMERALS = """
zero/oh/nought one two three four five six seven eight nine
null eins/ein zwei/zwo drei vier fünf/fuenf sechs sieben acht neun
zéro un deux trois quatre cinq six sept huit neuf
cero uno dos tres cuatro cinco seis siete ocho nueve
zero uno due tre quattro cinque sei sette otto nove
zero um/uma dois/duas três quatro cinco seis/meia sete oito nove
nul een twee drie vier vijf zes zeven acht negen
zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć
nula jedna dva tři čtyři pět šest sedm osm devět
nula jeden dva tri štyri päť šesť sedem osem deväť
nula jedan dva tri četiri pet šest sedam osam devet
nič ena dve tri štiri pet šest sedem osem devet
ноль/нуль один/раз два три четыре пять шесть семь восемь девять
нуль один два три чотири п'ять шість сім вісім дев'ять
нула едно две три четири пет шест седем осем девет
sıfır bir iki üç dört beş altı yedi sekiz dokuz
noll ett/en två tre fyra fem sex sju åtta nio
null en/ett to tre fire fem seks sju/syv åtte ni
nul en to tre fire fem seks syv otte ni
nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän
nulla egy kettő három négy öt hat hét nyolc kilenc
zero unu doi trei patru cinci șase șapte opt nouă
μηδέν ένα δύο τρία τέσσερα πέντε έξι επτά οκτώ εννέα
nulis vienas du trys keturi penki šeši septyni aštuoni devyni
nulle viens divi trīs četri pieci seši septiņi astoņi deviņi
null üks kaks kolm neli viis kuus seitse kaheksa üheksa
nol/kosong satu dua tiga empat lima enam tujuh delapan/lapan sembilan
không một hai ba bốn năm sáu bảy tám chín
sero isa dalawa tatlo apat lima anim pito walo siyam
sifuri moja mbili tatu nne tano sita saba nane tisa
shunya ek do teen char paanch chhah saat aath nau
शून्य एक दो तीन चार पांच छह सात आठ नौ
صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة
صفر یک دو سه چهار پنج شش هفت هشت نه
אפס אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע
"""
LANGUAGES = tuple(
    {word: str(digit) for digit, words in enumerate(line.split()) for word in words.split("/")}
    for line in plain(_NUMERALS).strip().splitlines()
)
"""The digits of each language by their words."""
_LIMIT = 4_000
"""Characters that are searched; whoever spells a code out in words writes a short message."""


_WORDS = sorted({re.escape(word) for language in LANGUAGES for word in language}, key=len, reverse=True)
_WORD = f"(?:{any_of(_WORDS)})(?![^\\W_])"
_SEQUENCE = re.compile(rf"(?<![^\W_]){_WORD}(?:[ ,.·|/-]{{1,3}}{_WORD}){{3,9}}")
_JOINTS = re.compile(r"[ ,.·|/-]+")
_ALL = frozenset().union(*LANGUAGES)


def _may_spell(text: str) -> bool:
    """Whether two numerals follow each other: of any four, those in the middle have only joints beside them."""
    for joint in ",.·|/-":
        text = text.replace(joint, " ")
    words = text.split()
    return not _ALL.isdisjoint(words) and b"\1\1" in bytes(map(_ALL.__contains__, words))


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """Where a plain text has four or more digits in words, all of one language, and what they spell."""
    if not _may_spell(text[:_LIMIT]):
        return
    for match in _SEQUENCE.finditer(text, 0, _LIMIT):
        words = _JOINTS.split(match.group())
        for language in LANGUAGES:
            if language.keys() >= set(words):
                yield match.start(), match.end(), "".join(language[word] for word in words)
                break
