"""Mails: subject, text and plain part weigh together, and what a person sees decides."""

from collections.abc import Callable

import pytest

from core.extract.result import Extracted, Kind, Part
from core.reading import read
from tests.accuracy.cases import mail

Find = Callable[..., Extracted]


def test_a_code_only_in_the_subject_is_found(find_in_mail: Find) -> None:
    found = find_in_mail(
        "Hi Bo,\nenter the code from the subject line.\nLumen", subject="482913 is your Lumen code"
    )
    assert (found.value, found.candidates[0].part) == ("482913", Part.SUBJECT)


def test_a_code_on_its_own_line_below_its_label_is_found(find_in_mail: Find) -> None:
    found = find_in_mail(
        "Lumen\nYour verification code\n482913\nIt expires in 10 minutes.\nLumen Ltd, 11215 Bergen St, NY 11217",
        subject="Your sign-in code",
    )
    assert found.value == "482913"


def test_a_code_in_subject_and_text_raises_confidence(find_in_mail: Find) -> None:
    text = "Your code is 482913."
    both = find_in_mail(text, subject="482913 is your code")
    assert both.confidence >= find_in_mail(text, subject="Hello").confidence


def test_a_plain_part_that_contradicts_is_reported_and_the_visible_text_decides(find_in_mail: Find) -> None:
    found = find_in_mail(
        "Your verification code is 482913", subject="Verify", alternative="Your verification code is 700112"
    )
    assert (found.value, found.contradicts) == ("482913", True)


def test_a_plain_part_that_agrees_contradicts_nothing(find_in_mail: Find) -> None:
    text = "Your verification code is 482913"
    assert not find_in_mail(text, subject="Verify", alternative=text).contradicts


def test_quoted_older_mail_below_loses_to_the_new_code(find_in_mail: Find) -> None:
    found = find_in_mail(
        "Your new verification code is 482913.\n\n-----Original Message-----\n> Your verification code is 700112.",
        subject="Re: code",
    )
    assert found.value == "482913"


@pytest.mark.parametrize(
    "above",
    [
        "On Mon, Nov 23, 2026 at 7:31 AM Lumen <no-reply@lumen.example> wrote:",
        "Am 23.11.2026 um 07:31 schrieb Lumen (no-reply@lumen.example):",
        "Van: Lumen <no-reply@lumen.example>\nVerzonden: maandag 23 november 2026 7:31\nOnderwerp: Je code",
    ],
)
def test_a_code_below_the_lines_that_mail_programs_write_above_older_mail_is_the_older_one(above: str) -> None:
    code = "Your verification code is {}. It expires in 10 minutes."
    text = f"{code.format('482913')}\n\n{above}\n\n{code.format('700112')}"
    head = "From: no-reply@lumen.example\nSubject: Re: Your code\nContent-Type: text/plain; charset=utf-8\n\n"
    raw = (head + text).replace("\n", "\r\n").encode()
    assert read(mail(raw), threshold=0.5).extracted.value == "482913"


def test_where_the_page_shows_a_picture_the_plain_part_has_the_code(find_in_mail: Find) -> None:
    foot = "Lumen Ltd, registered in England, no. 204471."
    found = find_in_mail(
        f"Picture: your passcode\n{foot}", subject="Your code", alternative=f"Your code is 390271.\n{foot}"
    )
    assert (found.value, found.candidates[0].part) == ("390271", Part.ALTERNATIVE)


def test_footers_with_postal_codes_and_years_are_no_codes(find_in_mail: Find) -> None:
    found = find_in_mail(
        "News of the week.\n(c) 1998-2026 Lumen, 77 Gansevoort St, New York, NY 10014", subject="News"
    )
    assert found.kind is Kind.NONE


def test_a_code_wins_over_a_link_and_the_link_is_shown(find_in_mail: Find) -> None:
    href = "https://lumen.example/verify?t=Kq81zP0aLx93Trw2"
    found = find_in_mail(
        "Your verification code is 482913\nor\nVerify email", ("Verify email", href), subject="Verify your email"
    )
    assert (found.kind, found.value) == (Kind.CODE, "482913")
    assert href in {candidate.value for candidate in found.candidates}


def test_a_code_in_the_mail_that_a_reply_quotes_was_typed_long_ago() -> None:
    text = (
        "That one worked, thanks. I stay signed in until two.\n\n"
        "On Mon, Nov 23, 2026 at 7:31 AM Lumen <no-reply@lumen.example> wrote:\n"
        "> Your verification code is 482913. It expires in 10 minutes.\n"
    )
    head = "From: ada@people.example\nSubject: {}Your code\nContent-Type: text/plain; charset=utf-8\n\n"
    reply, forward = (
        mail((head.format(prefix) + text).replace("\n", "\r\n").encode()) for prefix in ("Re: ", "Fwd: ")
    )
    assert read(reply, threshold=0.5).extracted.value is None
    assert read(forward, threshold=0.5).extracted.value == "482913"


def test_a_postcode_alone_on_a_line_is_known_by_the_address_below_it(find_in_mail: Find) -> None:
    foot = "10007\nElm Inc, 1 Trade Street, New York, NY 10007\nUnsubscribe"
    text = f"25% off everything\nUse this code at checkout.\nSPRING25\n{foot}"
    assert find_in_mail(text, subject="Your code for 25% off").kind is Kind.NONE


def test_a_list_of_recovery_codes_holds_no_code_of_this_moment(find_in_mail: Find) -> None:
    codes = "4817-2290\n6603-1948\n9352-7714\n1086-5527\n2741-8063\n8129-6640"
    found = find_in_mail(f"Your new recovery codes:\n{codes}\nEach works once.", subject="Recovery codes")
    assert found.kind is Kind.NONE
