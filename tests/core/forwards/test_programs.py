"""A forwarded code reaches its mailbox from every mail program, in every language: one row each."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from types import SimpleNamespace

from core.message import Channel, InboundMessage
from core.reading import Reading, read
from core.recipients import resolve

# language | sender | date | recipient | subject, as Outlook or Thunderbird shows them; typed here once more,
# so that a slip in core.forwards.words shows
LANGUAGES = """
ar|من|تم الإرسال|إلى|الموضوع
bg|От|Изпратено|До|Тема
bn|প্রেরক|তারিখ|প্রাপক|বিষয়
ca|De|Data|Per a|Assumpte
cs|Od|Odesláno|Komu|Předmět
da|Fra|Sendt|Til|Emne
de|Von|Gesendet|An|Betreff
el|Από|Ημερομηνία|Προς|Θέμα
en|From|Sent|To|Subject
es|De|Enviado|Para|Asunto
et|Saatja|Kuupäev|Saaja|Teema
eu|Nork|Data|Nori|Gaia
fa|از|تاریخ|به|موضوع
fi|Lähettäjä|Päivämäärä|Vastaanottaja|Aihe
fr|De\u00a0|Envoyé\u00a0|À\u00a0|Objet\u00a0
he|מאת|נשלח|אל|נושא
hi|प्रेषक|दिनांक|प्रति|विषय
hr|Šalje|Datum|Prima|Naslov
hu|Feladó|Elküldve|Címzett|Tárgy
id|Dari|Tanggal|Kepada|Subjek
is|Frá|Dagsetning|Til|Efni
it|Da|Inviato|A|Oggetto
ja|差出人|送信日時|宛先|件名
ka|ვინ|თარიღი|ვის|თემა
kk|Кімнен|Күні|Кімге|Тақырыбы
ko|보낸 사람|보낸 날짜|받는 사람|제목
lt|Nuo|Išsiųsta|Kam|Tema
lv|No|Nosūtīts|Kam|Temats
ms|Daripada|Tarikh|Kepada|Subjek
nb|Fra|Sendt|Til|Emne
nl|Van|Verzonden|Aan|Onderwerp
pl|Od|Wysłano|Do|Temat
pt|De|Enviado|Para|Assunto
ro|De la|Trimis|Către|Subiect
ru|От|Отправлено|Кому|Тема
sk|Od|Odoslané|Komu|Predmet
sl|Od|Poslano|Za|Zadeva
sq|Nga|Datë|Për|Subjekt
sr|Шаље|Датум|Прима|Наслов
sv|Från|Skickat|Till|Ämne
ta|அனுப்புநர்|தேதி|பெறுநர்|பொருள்
th|จาก|วันที่|ถึง|เรื่อง
tr|Kimden|Gönderildi|Kime|Konu
uk|Від|Надіслано|Кому|Тема
vi|Từ|Ngày|Đến|Tiêu đề
zh|发件人|发送时间|收件人|主题
zh-tw|寄件者|寄件日期|收件者|主旨
"""

ROWS = {row.split("|")[0]: row.split("|")[1:] for row in LANGUAGES.strip().splitlines()}
Program = Callable[[object], tuple[str, str]]
NOBODY = SimpleNamespace(by_secret_address=lambda _: None, owner=lambda _: None)


def wrapped(text: str, html: str, subject: str = "Fwd: Your sign-in code") -> Reading:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Alice <alice.home@example.org>", "otp@gw.example", subject
    mail.set_content(text)
    if html:
        mail.add_alternative(f"<html><body>{html}</body></html>", subtype="html")
    return read(
        InboundMessage(
            channel=Channel.EMAIL, door="smtp", received_at=datetime.now(UTC), trace_id="t", raw=mail.as_bytes()
        ),
        threshold=0.5,
    )


def test_a_forwarded_code_reaches_its_mailbox_in_every_language(program: Program) -> None:
    for language, row in ROWS.items():
        arrives(program(words(*row)), language)


def test_in_a_language_that_nobody_listed_the_repeated_subject_gives_the_block_away(program: Program) -> None:
    if getattr(program, "__name__", "") != "yahoo_text":  # headers all in one line need known words
        arrives(program(words("Zu wek", "Ondi", "Qua", "Lork")))


def words(sender: str, date: str, recipient: str, subject: str) -> object:
    return SimpleNamespace(sender=sender, date=date, recipient=recipient, subject=subject)


def arrives(body: tuple[str, str], language: str = "") -> None:
    reading = wrapped(*body)
    original = reading.original
    assert original is not None, language
    found = resolve("otp@gw.example", reading.mail, original, registry=NOBODY, gateway_domains=["gw.example"])
    assert (found.identifier, found.source) == ("alice@example.com", "forwarded-block"), language
    assert (original.sender, original.sender_name) == ("no-reply@mail.harbour.example", "Harbour"), language
    assert (original.subject, original.depth) == ("Your sign-in code", 1), language
    assert original.date == "2026-03-03 09:14", language
    shown = [original.text[link.start : link.end] for link in original.links]
    assert shown == [link.label for link in original.links], language
    assert "alice@example.com" not in original.text, language
    assert (reading.extracted.kind, reading.extracted.value) == ("code", "482913"), language
