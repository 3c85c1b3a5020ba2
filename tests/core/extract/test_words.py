"""The words of the languages: every file can name a code, and words are found as people write them."""

import re
from collections.abc import Iterator
from importlib import resources

import pytest

from core.extract.context import Scene, Sight
from core.extract.folding import plain
from core.extract.words import Lexicon, lexicon, read_entries

NEEDED = {
    "code",
    "otp",
    "verify",
    "login",
    "enter",
    "secret",
    "expire",
    "minute",
    "promo",
    "parcel",
    "booking",
    "ref",
    "example",
    "approval",
    "entered",
    "screen",
    "attend",
}


def _files() -> Iterator[tuple[str, str]]:
    for file in (resources.files("core.extract") / "languages").iterdir():
        yield file.name, file.read_text("utf-8")


@pytest.mark.parametrize(("name", "text"), sorted(_files()), ids=[name for name, _ in sorted(_files())])
def test_every_language_file_has_the_classes_that_scoring_needs(name: str, text: str) -> None:
    assert {meaning.name for meaning, _ in read_entries(text, name)} >= NEEDED


@pytest.mark.parametrize(("name", "text"), sorted(_files()), ids=[name for name, _ in sorted(_files())])
def test_every_entry_is_found_where_it_stands_by_itself(name: str, text: str) -> None:
    entries = [(meaning._replace(name="any"), entry.strip()) for meaning, entry in read_entries(text, name)]
    missed = {it[1] for it in entries if not Lexicon([it]).find(plain(it[1].strip("*").replace("*", " ")))}
    assert not missed


@pytest.mark.parametrize(("name", "text"), sorted(_files()), ids=[name for name, _ in sorted(_files())])
def test_no_entry_is_one_common_word_once_its_digits_are_read_over(name: str, text: str) -> None:
    entries = [plain(entry) for _, entry in read_entries(text, name)]
    assert not [
        entry for entry in entries if re.search("[0-9]", entry) and len(re.findall(r"[^\W\d_]+", entry)) < 2
    ]


def _names(text: str) -> set[str]:
    return set().union(*(hit.names for hit in lexicon().find(plain(text))))


def _sight(text: str) -> Sight:
    """What the number 482915 in a text sees."""
    number = text.index("482915")
    return Scene(text).sight(number, number + 6)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ihr Bestätigungscode lautet", "otp"),
        ("DOĞRULAMA KODUNUZ", "verify"),
        ("وكلمة المرور المؤقتة", "code"),
        ("למספר הקוד שלך", "code"),
        ("您的验证码是", "otp"),
        ("รหัสยืนยันของคุณ", "otp"),
        ("ma xac thuc cua ban", "otp"),
        ("не сообщайте код", "secret"),
        ("belépéshez használja", "login"),
        ("आपका ओटीपी है", "otp"),
        ("Der Code sieht z. B. so aus", "example"),
        ("コード（例：", "example"),
        ("카드 승인번호", "approval"),
        ("Genehmigungs-Nr.", "approval"),
        ("N° d'autorisation", "approval"),
    ],
)
def test_words_are_found_inside_compounds_clitics_and_without_accents(text: str, name: str) -> None:
    assert name in _names(text)


def test_a_word_counts_only_in_a_language_that_the_text_seems_to_be_in() -> None:
    assert "booking" not in _names("The verification code for your account is on its way to the let office")


def test_a_word_that_several_languages_share_counts_in_one_that_nobody_knew() -> None:
    assert "code" in _names("Kod blong yu i 482913. Yu no mas talem long wan narafala man.")


@pytest.mark.parametrize(
    "text",
    [
        "Voer de code in, bijv. 482915, en bevestig",
        "Geben Sie den Code ein, z. B. 482915, und bestätigen Sie",
        "Saisissez le code, par ex. 482915, puis validez",
        "Wpisz kod, np. 482915, i zatwierdź",
        "Введите код, напр. 482915, и подтвердите",
    ],
)
def test_the_full_stop_of_for_example_ends_no_sentence(text: str) -> None:
    assert "example" in _sight(text).before


@pytest.mark.parametrize(
    "text",
    [
        "Pagamento autorizzato. Cod. aut. 482915. Saldo disponibile",
        "Compra aprobada. Nro. de autoriz. 482915. Gracias",
        "Płatność przyjęta. Kod aut. 482915. Dziękujemy",
        "Оплата прошла. Код авт. 482915. Спасибо",
        "Visa debit, chip read. Auth. No. 482915. Thank you",
    ],
)
def test_the_full_stops_of_an_authorization_code_s_short_name_end_no_sentence(text: str) -> None:
    assert "approval" in _sight(text).label
