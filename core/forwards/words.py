"""What mail programs write in front of sender, recipient, date and subject when a person forwards.

Where the words come from:

    T  Thunderbird's translations: <language>/mail/chrome/messenger/mimeheader.properties (thunderbird-l10n)
    C  the recorded forwards of Apple Mail, Gmail, Outlook, Yahoo, HubSpot and others that
       crisp-oss/email-forward-parser keeps under test/fixtures
    R  Roundcube's translations: program/localization/<language>/labels.inc
    S  forwards as Outlook, Samsung, QQ and Mail.ru send them in that language
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache


class Field(StrEnum):
    """What a line of a forwarded block holds."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    DATE = "date"
    SUBJECT = "subject"
    OTHER = "other"


# language | sources | sender | recipient | date | subject | others (copies, reply addresses, attachments)
WORDS = """
af|S|Van|Aan|Datum, Gestuur|Onderwerp|Afskrif
am|S|ከ, ላኪ|ለ, ተቀባይ|ቀን|ርዕሰ ጉዳይ, ርዕስ|
ar|TS|من, مِن, المرسل, المُرسِل|إلى|التاريخ, تم الإرسال, تاريخ الإرسال, أُرسلت|الموضوع|نسخة, رد إلى, رُد إلى
az|S|Kimdən, Göndərən|Kimə|Tarix, Göndərilib|Mövzu|
be|T|Ад, Адпраўнік|Да, Каму|Дата|Тэма|СА, Адказ-Да
bg|TS|От, Подател|До|Дата, Изпратено|Тема, Относно|Копие, Отговор до
bn|TS|প্রেরক, থেকে|প্রাপক, প্রতি|তারিখ, পাঠানো হয়েছে|বিষয়|অনুলিপি
bs|S|Od, Šalje|Za, Prima|Datum, Poslano|Predmet, Naslov|Kopija
ca|TS|De, Remitent|Per a, A|Data, Enviat, Enviat el|Assumpte, Tema|A/c, Respon a
cs|CS|Od|Komu|Datum, Odesláno|Předmět|Kopie, Odpověď na
cy|T|Oddi wrth, Anfonwr|At|Dyddiad|Pwnc|Ateb-At
da|TCS|Fra|Til|Dato, Sendt|Emne|Kopi til, Svar til
de|TCS|Von, Absender|An, Empfänger|Datum, Gesendet, Gesendet am|Betreff|Kopie, Kopie (CC), Antwort an
el|TS|Από, Αποστολέας|Προς|Ημερομηνία, Στάλθηκε|Θέμα|Κοιν., Κοινοποίηση, Απάντηση
en|TC|From, Sender|To, Recipient|Date, Sent, Date Sent|Subject|Cc, Bcc, Reply-To, Importance, Attachments, Sent by
es|TCS|De, Remitente|Para|Fecha, Enviado, Enviado el|Asunto|CC, Responder a
et|TCS|Saatja, Kellelt|Saaja, Kellele, Adressaat|Kuupäev, Saadetud|Teema|Koopia, Vastamise aadress
eu|TS|Nork, Bidaltzailea|Nori, Hartzailea|Data, Bidalia|Gaia|Erantzun-honi
fa|TS|از, فرستنده|به, گیرنده|تاریخ, ارسال شده, زمان ارسال|موضوع|رونوشت
fi|TCS|Lähettäjä|Vastaanottaja|Päivämäärä, Päiväys, Lähetetty, Pvm|Aihe|Kopio, Vastaus
fil|S|Mula kay, Mula sa, Mula|Para kay, Para sa, Kay|Petsa, Ipinadala|Paksa|Kopya
fr|TCS|De, Expéditeur|À, A, Pour, Destinataire|Date, Envoyé, Envoyé le|Objet, Sujet|Cc, Copie à, Répondre à
ga|T|Ó, Seoltóir|Chuig|Dáta|Ábhar|Freagra-Chuig
gl|TS|De, Remitente|Para|Data, Enviado|Asunto|Copia, Responder a
gu|S|તરફથી, પ્રેષક|પ્રતિ, પ્રાપ્તકર્તા|તારીખ|વિષય|
he|TS|מאת, שולח|אל, לכבוד|תאריך, נשלח, נשלח בתאריך|נושא|עותק, העתק, השב-אל
hi|TRS|द्वारा, प्रेषक, भेजने वाला, से|प्रति, प्राप्तकर्ता, पाने वाला, को|तिथि, दिनांक, तारीख, भेजा गया|विषय, विशय|कॉपी, प्रतिलिपि
hr|CS|Šalje, Od, Pošiljatelj|Prima, Za, Primatelj|Datum, Poslano|Naslov, Predmet|Odgovori na, Kopija
hu|TCS|Feladó, Küldő|Címzett|Dátum, Elküldve, Küldve|Tárgy|Másolat, Másolatot kap, Válaszcím
hy|T|Ումից, Ուղարկողը|Ում|Ամսաթիվ|Վերնագիր, Թեմա|
id|S|Dari, Pengirim|Kepada, Ke, Penerima|Tanggal, Terkirim, Dikirim|Subjek, Perihal, Judul|Tembusan, Salinan
is|TS|Frá, Sendandi|Til, Viðtakandi|Dagsetning, Sent, Dags|Efni|Afrit, Svar-Við
it|TCS|Da, Mittente|A, Destinatario|Data, Inviato, Inviato il|Oggetto|Cc, Rispondi a
ja|RS|差出人, 送信者, 送信元, From|宛先, 受信者, 送信先, To|日付, 日時, 送信日時, 送信日, Date|件名, Subject|コピー, 返信先, CC
ka|TS|ვინ, გამგზავნი, ვისგან|ვის, მიმღები|თარიღი, გაგზავნილია|თემა, სათაური|ასლი, პასუხი
kk|TS|Кімнен, Жіберуші, Жiберушi|Кімге|Күні, Жіберілді|Тақырыбы, Тақырып|Көшірме
km|S|ពី, អ្នកផ្ញើ|ទៅ, ទៅកាន់, អ្នកទទួល|កាលបរិច្ឆេទ|ប្រធានបទ|
kn|S|ಇಂದ, ಕಳುಹಿಸಿದವರು|ಗೆ, ಸ್ವೀಕೃತದಾರರು|ದಿನಾಂಕ|ವಿಷಯ|
ko|TS|보낸 사람, 보낸사람, 발신자, 발신|받는 사람, 받는사람, 수신자, 수신|날짜, 보낸 날짜, 보낸날짜, 일시|제목|참조, 회신 주소
lt|TS|Kas, Nuo, Siuntėjas|Kam, Gavėjas|Data, Išsiųsta|Tema|Kopija, Atgalinis adresas
lv|TS|No, Sūtītājs|Kam, Adresāts|Datums, Nosūtīts|Tēma, Temats|Kopija, Atbildēt uz
mk|TS|Од, Испраќач|До, За|Датум, Испратено|Тема, Предмет|Копија
ml|S|അയച്ചയാൾ, പ്രേഷകൻ|സ്വീകർത്താവ്|തീയതി|വിഷയം|
mn|S|Хэнээс, Илгээгч|Хэнд, Хүлээн авагч|Огноо, Илгээсэн|Гарчиг, Сэдэв|
mr|S|प्रेषक, कडून|प्रति, प्राप्तकर्ता|दिनांक, तारीख|विषय|
ms|TS|Daripada, Pengirim|Kepada|Tarikh, Dihantar|Subjek, Perkara|Balas-Kepada
my|S|ပေးပို့သူ, မှ|လက်ခံသူ, သို့|ရက်စွဲ|အကြောင်းအရာ|
nb|TCS|Fra|Til|Dato, Sendt|Emne|Kopi, Svar-Til, Svar til
ne|S|प्रेषक, बाट|प्रति, प्राप्तकर्ता, लाई|मिति|विषय|
nl|CS|Van, Afzender|Aan|Datum, Verzonden|Onderwerp|Kopie, Antwoord aan
pa|T|ਵੱਲੋਂ, ਭੇਜਣ ਵਾਲਾ|ਵੱਲ|ਮਿਤੀ|ਵਿਸ਼ਾ|
pl|TCS|Od, Nadawca|Do, Adresat|Data, Wysłano, Wysłane|Temat|Dw, DW, Kopia, Odpowiedź-do
pt|CS|De, Remetente|Para|Data, Enviado, Enviada, Enviada em|Assunto|Cc, Responder a
ro|TCS|De la, Expeditorul, Expeditor|Către, Destinatarul, Catre|Dată, Data, Trimis|Subiect, Subiectul|Răspuns către
ru|CS|От, От кого, Отправитель|Кому, Получатель|Дата, Отправлено|Тема|Копия, Ответ-Кому
si|S|වෙතින්, යවන්නා|වෙත, ලබන්නා|දිනය|විෂය, මාතෘකාව|
sk|CS|Od|Komu, Pre|Dátum, Odoslané|Predmet|Kópia, Odpovedať-Pre
sl|TS|Od, Pošiljatelj|Za|Datum, Poslano|Zadeva|Kp, Odgovori za
sq|TS|Nga, Dërgues|Për|Datë, Data, Dërguar|Subjekt, Tema, Lënda|Përgjigj-Iu
sr|TS|Шаље, Од, Пошиљалац, Šalje, Od, Pošiljalac|Прима, За, Коме, Prima, Za, Kome|Датум, Послато, Datum, Poslato|Тема, Наслов, Предмет, Naslov, Tema, Predmet|Коп
sv|CS|Från, Avsändare|Till|Datum, Skickat|Ämne|Kopia, Svara till
sw|S|Kutoka, Kutoka kwa, Mtumaji|Kwa, Kwenda, Mpokeaji|Tarehe, Imetumwa|Mada, Kichwa, Somo|
ta|TS|இருந்து, அனுப்புநர், அனுப்பியவர்|பெறுநர்|தேதி|பாடம், பொருள், தலைப்பு|
te|S|నుండి, వీరి నుండి, పంపినవారు|వీరికి, స్వీకర్త|తేదీ|విషయం|
th|TS|จาก, ผู้ส่ง|ถึง, ผู้รับ|วันที่, ส่ง, ส่งเมื่อ|หัวเรื่อง, เรื่อง|สำเนาถึง, สำเนา, ตอบกลับถึง
tr|TCS|Kimden, Gönderen|Kime, Alıcı|Tarih, Gönderilen, Gönderildi, Gönderme Tarihi|Konu|Bilgi, Yanıt Adresi
uk|TCS|Від, Від кого, Відправник|Кому, До, Одержувач|Дата, Відправлено, Надіслано|Тема|Копія, Відповісти, Кому відповісти
ur|S|منجانب, از, بھیجنے والا|بنام, بخدمت, وصول کنندہ, کو|تاریخ, بھیجا گیا|موضوع, عنوان|
uz|S|Kimdan, Yuboruvchi|Kimga, Oluvchi|Sana, Yuborilgan|Mavzu|Nusxa
vi|TS|Từ, Người gửi|Đến, Tới, Người nhận|Ngày, Đã gửi, Gửi, Vào lúc|Tiêu đề, Chủ đề|Trả lời Tới
zh|TS|发件人, 寄件人, 发送人|收件人|日期, 时间, 发送时间, 发送日期, 发件时间|主题|抄送, 回复地址
zh-tw|TS|從, 寄件者, 寄件人|到, 收件者, 收件人|日期, 寄件日期, 傳送日期, 時間|主旨, 主題|副本, 回函地址
"""  # noqa: E501 - one language a line

_ORDER = (Field.SENDER, Field.RECIPIENT, Field.DATE, Field.SUBJECT, Field.OTHER)


@cache
def field_words() -> dict[str, frozenset[Field]]:
    """Every header word, folded, with what it can stand for: Italian `Da` is a sender, Belarusian `Да` is not."""
    found: dict[str, set[Field]] = {}
    for line in WORDS.strip().splitlines():
        for field, cell in zip(_ORDER, line.split("|")[2:], strict=True):
            for word in filter(None, map(fold_word, cell.split(","))):
                found.setdefault(word, set()).add(field)
    return {word: frozenset(fields) for word, fields in found.items()}


@cache
def languages() -> tuple[str, ...]:
    """The languages in the table, by their BCP 47 tags."""
    return tuple(line.partition("|")[0] for line in WORDS.strip().splitlines())


def fold_word(text: str) -> str:
    """A header word as it is compared: case, marks of emphasis, direction and Arabic vowel signs gone."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Mn"))
    return re.sub(r"[\s*_]+", " ", kept).strip()
