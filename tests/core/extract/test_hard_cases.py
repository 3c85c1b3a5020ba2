"""The hard cases of extraction, each by name, and what the user would type in each."""

from collections.abc import Callable

import pytest

from core.extract.result import Extracted, Kind

Find = Callable[..., Extracted]

CODES = {
    "a code in a sentence of its own, beside a notice": (
        "Lumen security alert: 5 failed attempts since 2:14 AM. Verification code 482913. Support case 20240917.",
        "482913",
    ),
    "a code for changing a delivery": ("CODE TO CHANGE THE DELIVERY ADDRESS 482913. DO NOT SHARE IT.", "482913"),
    "letters and digits in two groups": ("Lumen: use secure code B7T 4KM to view your balance.", "B7T4KM"),
    "a number before 'is your code'": ("Lumen: 482-913 is your code. You can also tap the link.", "482913"),
    "a plain code": ("Your Lumen code is 482913.", "482913"),
    "a dashed code": ("Lumen code: 482-913. Do not share it.", "482913"),
    "a spaced code": ("Your verification code is 482 913", "482913"),
    "two groups with a dot between": ("Your verification code is 482 · 913", "482913"),
    "two groups with a full stop between": ("Lumen: your login code is 482.913. Do not share it.", "482913"),
    "two groups with an underscore between": ("Lumen: your verification code is 482_913", "482913"),
    "a group in brackets": ("Lumen: your verification code is (482) 913", "482913"),
    "a group in brackets, and a phone's number": ("Verify with (482) 913 or call (800) 555-0100", "482913"),
    "two groups with a bullet between": ("Your Lumen code is 4829•1307.", "48291307"),
    "a letter-spaced code": ("Your sign-in code is 4 8 2 9 1 3", "482913"),
    "non-breaking and thin spaces": ("Your code: 482\u00a0913\u2009(valid 5 min)", "482913"),
    "one digit per line, as table cells come": (
        "Your code:\n4\n8\n2\n9\n1\n3\nIt expires in 5 minutes.",
        "482913",
    ),
    "digits spelled one by one": ("Your verification code is: 4. 8. 2. 9. 1. 3. Goodbye.", "482913"),
    "digits in words": ("Your Lumen passcode is: four - eight - two - nine - one - three.", "482913"),
    "digits in words of another language": ("Ihr Code lautet vier acht zwei neun eins drei", "482913"),
    "two groups of five": ("Your verification code is 48291 30765", "4829130765"),
    "pairs of letters and digits": ("Your Lumen access code for signing in is Q7 48 K9.", "Q748K9"),
    "a code after a request without a code word": ("Confirm that it's you with 482913.", "482913"),
    "a name of two trades": ("ParcelPup account code: 482 913, to sign in", "482913"),
    "a code to be put into a page": ("Please put 840055 into the prescription page. You've 10 minutes.", "840055"),
    "a number of another language to be entered": ("За најава внесете го бројот 85206.", "85206"),
    "a number not to be passed on": (
        "No le pases a nadie este número: 509318. Con eso entras a tu cuenta.",
        "509318",
    ),
    "a number to call if it wasn't you": ("NetCode 52841937 for your login. Not you? 13 55 01", "52841937"),
    "a year's digits as a PIN": ("To sign in, enter the PIN 1999 on our page within ten minutes.", "1999"),
    "a G- prefix": ("G-482913 is your Google verification code.", "482913"),
    "a bank's letter prefix": ("Enter the digits after the prefix. OTP: KQTR-482913", "482913"),
    "letters and digits": ("Your Lumen Guard code is R7M3VK", "R7M3VK"),
    "letters keep their case": ("Your one-time password: q8LmZ3", "q8LmZ3"),
    "a dash inside letters and digits stays": ("Your sign-in code is HJ4N-8WZ2", "HJ4N-8WZ2"),
    "letters only": ("Your Lumen sign-in code is BRVXQ.", "BRVXQ"),
    "small letters to be typed": ("Lumen: to confirm your device enter the letters mfwkze.", "mfwkze"),
    "stars between the digits": ("Your Lumen sign-in code is 4*8*2*9*1*3.", "482913"),
    "dots between four digits": ("Your Lumen sign-in code is 4.8.2.9, good for 5 minutes.", "4829"),
    "pairs with middle dots": ("Your Lumen sign-in code: 48·29·13", "482913"),
    "a full stop that ends an abbreviation": (
        "Your Lumen PIN to verify mobile no. is 48291. Helpline 1-800-555-3322 (9 AM to 9 PM)",
        "48291",
    ),
    "a four-digit code beside a year": ("Lumen 2026: your code is 4417, valid until 31 December 2026", "4417"),
    "a code that reads as a year": ("Your Lumen login code is 2038", "2038"),
    "a code beside a clock time": ("Login at 18:22 on 03/11. Your code: 4417", "4417"),
    "three digits": ("Your verification code is: 917. Enter it to sign in.", "917"),
    "nine digits": ("Your verification code is 482913774", "482913774"),
    "ten digits": ("Use the one-time code 4829137740 to log in", "4829137740"),
    "leading zeros": ("Your code is 004417", "004417"),
    "Arabic-Indic digits": ("رمز التحقق هو ٤٨٢٩١٣", "482913"),
    "Persian digits": ("کد تأیید شما: ۴۸۲۹۱۳", "482913"),
    "Devanagari digits": ("आपका ओटीपी ४८२९१३ है", "482913"),
    "full-width digits": ("認証コード:482913", "482913"),
    "the code before the keyword": ("482913 is your Lumen code", "482913"),
    "the code far from the keyword": (
        "You asked for a verification code to open an account at the library on your phone. Here it is: 482913",
        "482913",
    ),
    "no keyword but a brand": ("Lumen 482913", "482913"),
    "a lone number of four digits": ("4417", "4417"),
    "a lone number of eight digits": ("48291377", "48291377"),
    "a masked card and an amount": (
        "OTP 482913 for INR 2,499.00 at BIGMART on card XX4417. Do not share.",
        "482913",
    ),
    "a masked phone number": ("Lumen: รหัสยืนยัน 4417 สำหรับเบอร์ 08x-xxx-5512", "4417"),
    "letters and digits that approve a device": (
        "Lumen: device approval code KX7Q-29MB. Enter it on the computer where you are signing in.",
        "KX7Q-29MB",
    ),
    "a reference before it": ("Ref 7741902. Your OTP for the portal is 4417. Valid 3 mins.", "4417"),
    "an order number of the same length": ("Order 204188: confirm it with code 482913", "482913"),
    "a phone to call": ("Your code is 482913. Not you? Call 0800 555 0142.", "482913"),
    "a bank transaction": ("Код 482913. Перевод 5 000 р. на карту *4417. Никому не сообщайте код", "482913"),
    "an SMS Retriever hash": ("<#> 4417 is your Lumen code\nFA+9qCX9VSu", "4417"),
    "a sender that is a short code": ("From: 57711\nMessage: your Lumen code is 482913", "482913"),
    "CJK without word boundaries": ("【云雀】您尾号4417的账户验证码482913，请勿泄露", "482913"),
    "Korean with a particle": ("인증번호는 482913입니다. 타인에게 알려주지 마세요.", "482913"),
    "Thai without spaces": ("รหัสยืนยันของคุณคือ482913ห้ามบอกใคร", "482913"),
    "right-to-left marks": ("\u200fרמז האימות שלך: \u200e482913\u200f קוד", "482913"),
    "zero-width characters": ("Your code: 48\u200b29\u200b13", "482913"),
    "a keyword inside a longer word": ("Ihr Bestätigungscode lautet 482913", "482913"),
    "brands with digits": ("40Pasos: tu código de acceso es 482913. Tienda 24h.", "482913"),
    "a newer code replaces an older one": ("Code 120447 is no longer valid. Your new code is 482913.", "482913"),
    "a concatenated message": ("(2/2) code is 482913, valid 5 min (1/2) Lumen: your sign-in", "482913"),
    "a truncated message": ("(cut) ...your code is 482913, valid until 18", "482913"),
    "transliterated Russian": ("Vash kod podtverzhdeniya 482913. Nikomu ne soobshayte", "482913"),
    "Hinglish": ("Aapka OTP hai 482913, kisi se share na karein", "482913"),
    "unaccented Vietnamese": ("Ma xac thuc cua ban la 482913. Khong chia se ma nay", "482913"),
    "after the end of a card": ("Card ending 7741 code: 482913. Valid 5 min, do not share it.", "482913"),
    "set in bold by stars": ("Lumen: *482913* is your verification code.", "482913"),
    "all capitals": ("WPISZ KOD 482913 ABY SIE ZALOGOWAC. NIE PODAWAJ NIKOMU", "482913"),
}

NONE = {
    "a warning with no code": "Never share your OTP. Our staff will never ask for it. Report fraud on 1930.",
    "a promo code": "Use code SAVE20 at checkout and get 20% off your next order!",
    "a promo code of six digits": "Your promo code is 774120. Apply at checkout for $10 off.",
    "a gift card": "Gift card $50: card number 6006 4912 2207 8812, PIN 4417.",
    "a referral": "Invite friends with code LEA4471 and you both get $5.",
    "a bare label of an invoice": "Faktura: 482910",
    "a bare label of a product": "Produkt: 48291",
    "a ticket code on a ticket": "Kód vstupenky: A7K2P\nČíslo místa: 1204",
    "a booking": "Booking confirmed! Reference HX7K2P, flight UA 2207 on 12 Dec, seat 14C.",
    "a parcel's tracking number": "Your parcel 1Z88120477 is out for delivery today 2-4pm.",
    "a parcel's pick-up code": "Order 88120477 is ready. Bring ID and pickup code 774120.",
    "a courier's code in Russian": "Ваш заказ 8812 готов к выдаче. Код получения 441720.",
    "a balance": "Rs.1,250.00 debited from A/c XX4471 on 04-Nov-25. UPI Ref 530912846613. Not you? Call 1800123",
    "an expired code": "The code 774120 has expired. Request a new one in the app.",
    "a notice that 2FA was turned off": "Two-step verification was turned off for your account on 11/04/2025.",
    "a login alert": "New sign-in from Chrome on Windows at 18:22. If this was you, ignore this message.",
    "an amount with its thousands set off": "Lumen: saldo Anda Rp 482.913, berlaku s/d 30.11.2026.",
    "an approval on a receipt": "Paid 12.50 EUR at ELM SHOP, card *7741, auth. code 774120, 22.11 15:06.",
    "an example": "Security tip: if anyone asks you for a code such as 774120, hang up and call us.",
    "a card with its star after it": "حوالة محلية صادرة\nمن:7741*\nمبلغ: 1,500 ريال\nفي:16-11-2026 13:47",
    "a date without spaces": "ELM BANK: 22NOV26 14:31 ATM WITHDRAWAL HKD2,000.00, CARD ENDING 7741",
    "a door code before a number sign": "The code of the back door is 7741# from tonight.",
    "Wi-Fi": "Guest Wi-Fi password for today: 774120. Enjoy your stay!",
    "a meeting": "Meeting ID: 881 2047 7120, passcode: 774120. Starts at 10:00.",
    "a phone's number, its area code in brackets": "Questions on your code? Call (482) 913-2210 or (020) 913.",
    "the result of a game": "Lumen volleyball: 21 - 18 - 15 after three sets.",
    "chat": "see you at 1830, bring the 40 dollars, call me on 07700 900123",
    "an empty text": "",
}


@pytest.mark.parametrize("name", CODES)
def test_finds_what_the_user_would_type_in(name: str, find_in_sms: Find) -> None:
    text, value = CODES[name]
    found = find_in_sms(text)
    assert (found.kind, found.value) == (Kind.CODE, value), [(c.value, c.score) for c in found.candidates]


@pytest.mark.parametrize("name", NONE)
def test_finds_nothing_to_log_in_with_in(name: str, find_in_sms: Find) -> None:
    found = find_in_sms(NONE[name])
    assert found.kind is Kind.NONE
    assert found.value is None


def test_an_origin_bound_code_is_decisive_and_binds_its_host(find_in_sms: Find) -> None:
    found = find_in_sms("Order 204188, total 36,50 EUR.\n\n@lumen.example #775140")
    assert (found.value, found.bound_host) == ("775140", "lumen.example")
    assert found.confidence > 0.99


def test_offsets_count_in_the_given_text(find_in_sms: Find) -> None:
    text = "\u200fرمز\u200b التحقق: ٤٨\u200b٢٩١٣"
    best = find_in_sms(text).candidates[0]
    assert text[best.start : best.end] == "٤٨\u200b٢٩١٣"


def test_every_candidate_says_why_with_reasons_for_and_against(find_in_sms: Find) -> None:
    found = find_in_sms("Ref 7741902. Your OTP is 4417. Do not share it.")
    by_value = {candidate.value: candidate for candidate in found.candidates}
    assert "a code word before" in {reason.name for reason in by_value["4417"].reasons}
    assert "named as a reference" in {r.name for r in by_value["7741902"].reasons if r.weight < 0}
    for candidate in found.candidates:
        assert candidate.score == pytest.approx(sum(reason.weight for reason in candidate.reasons))


def test_no_value_stands_in_a_reason_or_a_repr(find_in_sms: Find) -> None:
    found = find_in_sms("Your Lumen code is 482913")
    assert "482913" not in repr(found)
    assert "482913" not in found.reason


def test_below_the_threshold_the_verdict_is_none_with_candidates_shown(find_in_sms: Find) -> None:
    found = find_in_sms("Your parcel waits. Pickup code 774120")
    assert found.kind is Kind.NONE
    assert "774120" in {candidate.value for candidate in found.candidates}
