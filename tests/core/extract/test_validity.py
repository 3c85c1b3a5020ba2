"""How long a code or link is good, in the words of the message."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest

from core.extract.result import Extracted

Find = Callable[..., Extracted]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Your code is 482913. Valid for 10 minutes.", 10),
        ("Your code is 482913, it expires in 1 hour", 60),
        ("Lumen sign-in: code=482913; expires=600s", 10),
        ("Ihr Code lautet 482913 und ist 5 Minuten gültig", 5),
        ("Votre code 482913 expire dans 15 minutes", 15),
        ("Tu código es 482913. Caduca en 3 minutos", 3),
        ("Код 482913. Действует 5 минут", 5),
        ("验证码482913，5分钟内有效", 5),
        ("認証コード:482913(有効期限10分間)", 10),
        ("인증번호 482913, 유효시간 3분", 3),
        ("Kodunuz 482913, 2 dakika geçerlidir", 2),
        ("رمز التحقق 482913 صالح لمدة 5 دقائق", 5),
        ("Kode Anda 482913 berlaku 3 menit", 3),
        ("Nambari yako ya uthibitisho ni 482913. Itaisha baada ya dakika 5.", 5),
        ("رمز التحقق 482913 صالح ليوم واحد", 24 * 60),
        ("קוד האימות 482913 תקף ליום אחד", 24 * 60),
        ("Ihr Code 482913 ist gültig für einen Tag", 24 * 60),
        ("Votre code 482913 est valable 1h30", 90),
        ("您的验证码为482913,5分钟内有效,请勿告诉他人。", 5),
        ("您正在登录云栖平台,验证码为482913，10分钟内输入有效", 10),
        ("Codul de autentificare este 482913 si expira in 20 de minute", 20),
        ("O código 482913 perde a validade em 30 (trinta) minutos", 30),
        ("Your Lumen code is 482913. It expires in fifteen (15) minutes.", 15),
        ("Ikhodi yakho ithi 482913, isebenza imizuzu eyi-10 kuphela", 10),
        ("Код 482913. Код 5 мүнөт жарактуу", 5),
        ("သင့်ကုဒ်မှာ 482913 ဖြစ်သည်။ 5 မိနစ်အတွင်း အသုံးပြုပါ။", 5),
        ("Your code 482913 is valid for 1 hour 30 minutes", 90),
        ("인증번호 482913 유효시간 1시간 30분", 90),
        ("Votre code 482913 est valable 24h", 24 * 60),
        ("Your code is 482913, it expires in 0.5 hours", 30),
        ("O seu código 482913 é válido por 1,5 horas", 90),
        ("Your code is 482913, it expires in 5:00 minutes", 5),
        ("您的验证码为4829,5分钟内有效", 5),
    ],
)
def test_a_span_is_read_in_many_languages(text: str, minutes: int, find_in_sms: Find) -> None:
    validity = find_in_sms(text).validity
    assert validity is not None
    assert validity.lasts == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Your code is 482913. It's good for ten minutes.", 10),
        ("Your code is 482913, it expires in half an hour.", 30),
        ("Your code is 482913. You've 5 minutes.", 5),
        ("code 482913, use within twenty-five minutes", 25),
        ("code 482913 valid for twenty-four hours", 24 * 60),
        ("Ihr Code 482913 ist eine halbe Stunde gültig", 30),
        ("Votre code 482913 expire dans quinze minutes", 15),
        ("Tu código 482913 es válido media hora", 30),
        ("Il codice 482913 scade tra dieci minuti", 10),
        ("Код 482913 действителен в течение десяти минут", 10),
        ("Twój kod 482913 jest ważny dziesięć minut", 10),
        ("验证码482913，十五分钟内有效", 15),
        ("認証コード:482913(有効期限は三十分)", 30),
        ("Kodunuz 482913, beş dakika geçerlidir", 5),
        ("رمز التحقق 482913 صالح لمدة خمس دقائق", 5),
        ("Kode Anda 482913 berlaku lima menit", 5),
        ("OTP 482913 หมดอายุใน ห้านาที", 5),
        ("Mã 482913 có hiệu lực trong năm phút", 5),
    ],
)
def test_a_span_in_words_is_read_in_many_languages(text: str, minutes: int, find_in_sms: Find) -> None:
    validity = find_in_sms(text).validity
    assert validity is not None
    assert validity.lasts == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Open the link below; it stays valid for 7\n days.", 7 * 24),
        ("This confirmation link will be good and stay valid for the next\n24 hours, and no longer.", 24),
        ("> Your link, which nobody else should open, is valid for 7\n> days.", 7 * 24),
        ("We ask that you use it within seven\ndays, for it expires.", 7 * 24),
        ("Der Link, den Sie angefordert haben, ist ab jetzt für 24\nStunden gültig.", 24),
        ("Ce lien de connexion expire dans\ndeux heures.", 2),
        ("Ссылка для входа действует в течение 12\nчасов.", 12),
        ("下のリンクを開いてください。このリンクの有効期限は発行から24\n時間です。", 24),
        ("请点击以下链接完成注册。为了您的账户安全，此链接自发送之日起48\n小时内有效。", 48),
        ("링크를 눌러 가입을 완료해 주세요. 이 링크의 유효시간은 발송 후 24\n시간입니다.", 24),
    ],
    ids=["en", "en, before the number", "quoted", "in words", "de", "fr", "ru", "ja", "zh", "ko"],
)
def test_a_span_is_read_over_the_end_of_a_line(text: str, hours: int, find_in_mail: Find) -> None:
    validity = find_in_mail(text).validity
    assert validity is not None
    assert validity.lasts == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text",
    [
        "This link expires\nOpen 10:00 to 18:00",
        "Your code expires soon.\n24 hours a day we are here",
        "Code: 482\n\nminutes of validity are few",
        "Gift card\nCode LUM-7H3Q-9920 PIN 5581\nValid in all shops",
        "Your link is valid for one\nuse only. We are open 24 hours a day.",
    ],
    ids=["a heading", "a sentence that ended", "an empty line", "a long number", "the sentence after"],
)
def test_the_next_line_tells_no_span_where_no_sentence_goes_on(text: str, find_in_mail: Find) -> None:
    assert find_in_mail(text).validity is None


def test_a_clock_time_with_a_zone_ends_at_that_time(find_in_sms: Find) -> None:
    validity = find_in_sms("Your code is 482913. It expires at 18:30 UTC.").validity
    assert validity is not None
    assert (validity.until, validity.zone) == (time(18, 30), UTC)
    arrived = datetime(2026, 3, 1, 18, 20, tzinfo=UTC)
    assert validity.end(arrived) == datetime(2026, 3, 1, 18, 30, tzinfo=UTC)


def test_a_clock_time_without_a_zone_ends_nobody_knows_when(find_in_sms: Find) -> None:
    validity = find_in_sms("Your code is 482913, valid until 18:30").validity
    assert validity is not None
    assert validity.end(datetime(2026, 3, 1, 18, 20, tzinfo=UTC)) is None


def test_a_message_that_says_nothing_of_it_has_none(find_in_sms: Find) -> None:
    assert find_in_sms("Your code is 482913").validity is None


@pytest.mark.parametrize(
    "text",
    [
        "Votre code 482913 est valable jusqu'à 18h45.",
        "Votre code 482913 est valable jusqu'à 18 h 45",
        "Seu código 482913 expira às 18h45",
        "Uw code 482913 is geldig tot 18 uur 45",
        "Ihr TAN 482913 ist gültig bis 18 Uhr 45",
        "Kod 482913 gäller till kl. 18.45",
        "Twój kod 482913 ważny do godz. 18.45",
        "验证码482913,有效期至18点45分",
        "验证码482913,有效期至下午6点45分",
        "認証コード:482913 有効期限は18時45分までです",
        "인증번호 482913 유효시간 18시 45분까지",
    ],
)
def test_a_time_of_day_is_read_as_the_languages_write_it(text: str, find_in_sms: Find) -> None:
    validity = find_in_sms(text).validity
    assert validity is not None
    assert validity.until == time(18, 45)


def test_an_hour_of_two_digits_is_a_time_of_day(find_in_sms: Find) -> None:
    validity = find_in_sms("Seu código 482913 perde a validade às 00h15").validity
    assert validity is not None
    assert validity.until == time(0, 15)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("Ihr Code 482913 ist gültig bis 23 Uhr", 23),
        ("Your Lumen sign-in code is 482913. It is good until 6 pm today.", 18),
        ("認証コード:482913 有効期限は本日21時までです。", 21),
        ("인증번호 482913 유효기간 오늘 21시까지", 21),
    ],
)
def test_a_full_hour_is_a_time_of_day(text: str, hour: int, find_in_sms: Find) -> None:
    validity = find_in_sms(text).validity
    assert validity is not None
    assert validity.until == time(hour)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Lumen: enter 482913 in the app within 5 mins.", 5),
        ("Saisissez le code 482913 dans les 10 minutes.", 10),
        ("Lumen: 482913. Vul hem binnen 5 min in.", 5),
    ],
)
def test_the_time_to_enter_a_code_in_is_its_validity(text: str, minutes: int, find_in_sms: Find) -> None:
    validity = find_in_sms(text).validity
    assert validity is not None
    assert validity.lasts == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text",
    [
        "Your Lumen code is 482913. Most people get going in 3 minutes with our guide.",
        "Your Lumen code is 482913. You can request a new code in 60 seconds.",
        "Your Lumen code is 482913. Click here to send it again in 60 seconds.",
        "Ihr Lumen-Code lautet 482913. In 3 Minuten können Sie einen neuen Code anfordern.",
        "Your Lumen code is 482913. It was requested 10 minutes ago.",
    ],
)
def test_the_time_of_something_else_is_no_validity(text: str, find_in_sms: Find) -> None:
    assert find_in_sms(text).validity is None
