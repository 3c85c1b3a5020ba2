"""The numbers that say in words how long a code is good: `ten minutes`, `eine halbe Stunde`, `五分钟`."""

import re

from core.extract.folding import plain
from core.extract.numerals import LANGUAGES

_MORE = """
0.5: half an, half, halbe, halben, demi, media, mezz, mezza, meia, halv, halvt, halve, pół, pol
0.5: půl, puoli, fél
0.5: пол, половину, пів, yarım, jumătate de, μιση, μισή, setengah, nửa, نصف, نیم, חצי, आधा, आधे, 半
1: a, an, eine, einer, einem, ein, une, una, un, uma, um, een, en, ett, et, jedną, jedna, jednu
1: одну, одной, одного, einen, หนึ่ง
1: одна, одну, ena, jeden, egy, yhden, una, o, μία, μια, satu, 一, أحد
2: zweier, zwei, deux, due, dvě, две, двух, дві, двох, dwie, dvije, iki, δυο, دقيقتين, 两, 兩, 二
3: drei, trzech, трёх, трех, трьох, třech, tří, troch, 三, สาม
4: четырёх, четырех, чотирьох, čtyř, štyroch, 四, สี่
5: пяти, п'яти, pięciu, pěti, piatich, خمس, 五, ห้า, 오
6: шести, sześciu, šesti, 六
7: семи, siedmiu, sedmi, 七
8: восьми, ośmiu, osmi, 八
9: девяти, dziewięciu, devíti, 九
10: ten, zehn, dix, diez, dieci, dez, tien, tio, ti, dziesięć, dziesięciu, deset, deseti, desať
10: desiatich, десять, десяти
10: десет, on, kymmenen, tíz, zece, δέκα, dešimt, dešimties, desmit, kümme, kümne, sepuluh, mười
10: sampung, kumi, das
10: दस, عشر, عشرة, ده, עשר, 十, สิบ, 십
12: twelve, zwölf, douze, doce, dodici, doze, twaalf, tolv, двенадцать, дванадцять
15: fifteen, fünfzehn, quinze, quince, quindici, vijftien, femton, femten, piętnaście, piętnastu
15: patnáct, patnácti, pätnásť
15: пятнадцать, пятнадцати, п'ятнадцять, п'ятнадцяти, петнадесет, petnaest, on beş, viisitoista
15: tizenöt, cincisprezece
15: δεκαπέντε, penkiolika, piecpadsmit, viisteist, lima belas, mười lăm, labinlimang, पंद्रह
15: पन्द्रह, خمس عشرة
15: پانزده, חמש עשרה, 十五, สิบห้า, 십오
20: twenty, zwanzig, vingt, veinte, venti, vinte, twintig, tjugo, tyve, dwadzieścia, dvacet
20: dvadsať, двадцать, двадцяти, двадцять
20: двайсет, dvadeset, yirmi, kaksikymmentä, húsz, douăzeci de, είκοσι, dvidešimt, divdesmit
20: kakskümmend, dua puluh
20: hai mươi, बीस, عشرين, عشرون, بیست, עשרים, 二十, ยี่สิบ, 이십
24: twenty four, vierundzwanzig, vingt quatre, veinticuatro, ventiquattro, vinte e quatro
24: vierentwintig, 二十四
30: thirty, dreißig, trente, treinta, trenta, trinta, dertig, trettio, tretti, tredive
30: trzydzieści, třicet, tridsať, тридцать
30: тридцяти, тридцять, трийсет, trideset, otuz, kolmekymmentä, harminc, treizeci de, τριάντα
30: trīsdesmit, trisdešimt
30: tiga puluh, ba mươi, तीस, ثلاثين, ثلاثون, سی, שלושים, 三十, สามสิบ, 삼십
45: forty five, fünfundvierzig, quarante cinq, cuarenta y cinco, quarantacinque, quarenta e cinco
45: 四十五
60: sixty, sechzig, soixante, sesenta, sessanta, sessenta, zestig, sextio, seksti, sześćdziesiąt
60: šedesát, шестьдесят
60: шістдесят, altmış, kuusikymmentä, hatvan, șaizeci de, εξήντα, enam puluh, साठ, ستين, شصت
60: שישים, 六十, หกสิบ, 육십
"""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1100-\u11ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_SIGNS = "[一二三四五六七八九十百]"


def _table() -> dict[str, float]:
    """Each word, as texts are compared, with its number."""
    found = {word: float(digit) for language in LANGUAGES for word, digit in language.items()}
    for line in _MORE.strip().splitlines():
        number, _, words = line.partition(": ")
        found |= {plain(word.strip()): float(number) for word in words.split(",")}
    return {word: number for word, number in found.items() if number}


_NUMBERS = _table()
_WORDS = sorted(_NUMBERS, key=len, reverse=True)
_SPACED = "|".join(re.escape(word).replace(r"\ ", "[ -]") for word in _WORDS if not _UNSPACED.match(word))
_RUNS = "|".join(re.escape(word) for word in _WORDS if _UNSPACED.match(word))
_TENS = "|".join(re.escape(word) for word in _WORDS if _NUMBERS[word] in {20, 30} and " " not in word)
_LAST = re.compile(
    rf"(?:(?<![^\W_])(?:({_TENS})(?:[ -](?:e|y|et))?[ -])?[לב]?({_SPACED})[ -]{{1,2}}"
    rf"|(?<!{_SIGNS})({_RUNS})[个個]? ?)$"
)
LONGEST = 2 * max(map(len, _WORDS)) + 4
"""Characters that the longest number takes with the space after it."""


def before(text: str) -> float | None:
    """The number whose words end a plain text; None where it ends otherwise."""
    match = _LAST.search(text)
    if match is None:
        return None
    tens, last, run = match.groups()
    number = _NUMBERS[(last or run).replace("-", " ")]
    return number + _NUMBERS[tens] if tens else number
