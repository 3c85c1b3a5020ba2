"""What was forwarded, what only looks like it, and what lies deeper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.forwards import Original, unwrap
from core.forwards.words import Field, field_words, fold_word, languages
from core.markup import render
from core.mime import read
from tests.bounds import within

BLOCK = """---------- Forwarded message ---------
From: Harbour <no-reply@harbour.example>
Date: Tue, 3 Mar 2026 at 09:14
Subject: Your code
To: <alice@example.com>

Your code is 482913."""


def opened(text: str, subject: str = "Fwd: Your code", *, html: str = "", head: str = "") -> Original | None:
    raw = f"From: Bob <bob@example.com>\nTo: otp@gw.example\nSubject: {subject}\n{head}"
    body = html or text
    kind = "html" if html else "plain"
    raw += f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n"
    mail = read(raw.replace("\n", "\r\n").encode())
    return unwrap(mail, render(mail.html) if mail.html else None)


def attached(
    inner: str, *, subject: str = "FW: Your code", note: str = "", kind: str = "mixed", head: str = ""
) -> Original | None:
    raw = (
        f"From: Bob <bob@example.com>\nTo: otp@gw.example\nSubject: {subject}\n{head}MIME-Version: 1.0\n"
        f'Content-Type: multipart/{kind}; boundary="b"\n\n--b\nContent-Type: text/plain\n\n{note}\n'
        f"--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n"
    )
    return unwrap(read(raw.replace("\n", "\r\n").encode()), None)


INNER = "From: Harbour <no-reply@harbour.example>\nTo: Alice <alice@example.com>, b@example.com\nSubject: Your code\nDate: now\n\nYour code is 482913.\n"  # noqa: E501 - a whole mail


def test_a_mail_that_forwards_nothing_has_no_original() -> None:
    assert opened("Your code is 482913.", "Your code") is None


def test_the_inner_message_is_read_apart_from_the_note_above() -> None:
    found = opened(f"please type 111111 for me\n\n{BLOCK}")
    assert found is not None
    assert (found.sender, found.recipient, found.subject) == (
        "no-reply@harbour.example",
        "alice@example.com",
        "Your code",
    )
    assert found.text.strip() == "Your code is 482913."


def test_an_edited_subject_still_forwards_when_its_prefix_stands() -> None:
    assert opened(f"note\n\n{BLOCK}", "Fwd: the code you wanted") is not None


def test_a_block_at_the_top_forwards_under_any_subject() -> None:
    assert opened(BLOCK, "for you") is not None


@pytest.mark.parametrize(
    "subject", ["Your Blockhead code", "Sign in", "Re: Your code", "AW: Your code", "回复：Your code"]
)
def test_a_block_inside_a_message_of_its_own_is_only_text(subject: str) -> None:
    assert opened(f"Your code is 158440.\nTip: a forwarded message looks like this:\n{BLOCK}", subject) is None


def test_a_receipt_with_from_and_to_is_no_block() -> None:
    assert (
        opened("From: Savings\nTo: Current\nDate: 3 March\nSubject: rent\n\nAsk help@bank.example", "Fwd: rent")
        is None
    )


def test_a_table_of_facts_is_no_block() -> None:
    assert (
        opened("Shop: Bright\nTotal: 12.00\nDate: 3 March\nTime: 09:14\nHelp: help@bright.example", "Your order")
        is None
    )


def test_of_nested_forwards_the_innermost_counts() -> None:
    outer = "---------- Forwarded message ---------\nFrom: Pat <pat@example.com>\nDate: now\nSubject: Fwd: Your code\nTo: <lee@example.com>\n\nthis one is yours\n\n"  # noqa: E501 - as Gmail writes it
    found = opened(outer + BLOCK, "Fwd: Fwd: Your code")
    assert found is not None
    assert (found.recipient, found.sender, found.depth) == ("alice@example.com", "no-reply@harbour.example", 2)


def test_a_nested_block_without_recipient_went_to_whoever_forwarded_it() -> None:
    outer = "---------- Forwarded message ---------\nFrom: Pat <pat@example.com>\nDate: now\nSubject: Fwd: Your code\nTo: <lee@example.com>\n\n"  # noqa: E501 - as Gmail writes it
    found = opened(outer + BLOCK.replace("To: <alice@example.com>\n", ""), "Fwd: Fwd: Your code")
    assert found is not None
    assert found.recipient == "pat@example.com"


def test_a_nested_block_to_a_group_without_address_went_to_whoever_forwarded_it() -> None:
    outer = "Da: Pat <pat@example.com>\nInviato: ora\nA: lee@example.com\nOggetto: I: Assemblea\n\nvieni?\n\n"
    inner = "Da: Harbour <no-reply@harbour.example>\nInviato: ieri\nA: Tutti i soci\nOggetto: Assemblea\n\nAlle 9."
    found = opened(outer + inner, "I: I: Assemblea")
    assert found is not None
    assert (found.recipient, found.sender, found.depth) == ("pat@example.com", "no-reply@harbour.example", 2)


def test_what_a_forwarded_reply_quotes_is_not_the_original() -> None:
    reply = BLOCK.replace("Subject: Your code", "Subject: RE: Your code").replace(
        "482913.", "482913.\n\nFrom: Z <z@z.example>\nSent: then\nTo: y@y.example\nSubject: Your code\n\nold"
    )
    found = opened(reply, "FW: RE: Your code")
    assert found is not None
    assert (found.sender, found.depth) == ("no-reply@harbour.example", 1)


def test_long_headers_may_be_folded() -> None:
    body = "---------- Forwarded message ---------\nFrom: Harbour\n <no-reply@harbour.example>\nDate: now\nSubject: Your code for the\nharbour\nTo: Alice <alice@example.com>,\n Bob <bob@example.com>\n\nYour code is 482913."  # noqa: E501 - as Gmail folds it
    found = opened(body, "Fwd: Your code for the harbour")
    assert found is not None
    assert (found.sender, found.recipient, found.subject) == (
        "no-reply@harbour.example",
        "alice@example.com",
        "Your code for the harbour",
    )
    assert found.text.strip() == "Your code is 482913."


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("words", [("From", "Sent", "To", "Subject"), ("Zu wek", "Ondi", "Qua", "Lork")])
@pytest.mark.parametrize("line", ["Code: 482913", "Date: 3 March, 482913", "Verlo: 482 913"])
def test_a_code_under_the_block_stays_in_the_text(gap: str, words: tuple[str, ...], line: str) -> None:
    values = ("Harbour <no-reply@harbour.example>", "3 March 2026", "alice@example.com", "Your code")
    block = "\n".join(f"{label}: {value}" for label, value in zip(words, values, strict=True))
    found = opened(f"{block}{gap}{line}\n")
    assert found is not None
    assert found.text.strip() == line


def test_copies_in_an_unlisted_language_are_no_recipients() -> None:
    found = opened(
        "Zu: Harbour <no-reply@harbour.example>\nQua: o'brien@example.com\nCopi: c@example.com\nLork: Your code\nx"
    )
    assert found is not None
    assert (found.recipient, found.subject, found.text.strip()) == ("o'brien@example.com", "Your code", "x")


def test_inside_one_company_outlook_shows_names_alone() -> None:
    found = opened(
        "From: Harbour Desk\nSent: Tuesday\nTo: Alice <alice@example.com>\nSubject: Your code\n\n482913"
    )
    assert found is not None
    assert (found.sender, found.sender_name, found.recipient) == ("", "Harbour Desk", "alice@example.com")


def test_a_line_that_says_who_wrote_is_a_block_of_its_own() -> None:
    found = opened('On 28/10/2025 12:46, "Harbour" <no-reply@harbour.example> wrote:\n\n    Your code is 482913.')
    assert found is not None
    assert (found.sender, found.recipient) == ("no-reply@harbour.example", "")


def test_the_plain_part_is_unwrapped_beside_the_html() -> None:
    html = "<div>" + BLOCK.replace("<", "&lt;").replace("\n", "<br>") + "</div>"
    found = opened("", html=html)
    assert found is not None
    assert found.alternative == ""
    assert "482913" in found.text


def test_an_attached_message_is_the_original() -> None:
    found = attached(INNER)
    assert found is not None
    assert (found.source, found.sender, found.recipient) == (
        "attached",
        "no-reply@harbour.example",
        "alice@example.com",
    )
    assert "482913" in found.text


def test_a_block_in_an_attached_message_lies_deeper() -> None:
    found = attached(f"From: Pat <pat@example.com>\nTo: lee@example.com\nSubject: Fwd: Your code\n\n{BLOCK}")
    assert found is not None
    assert (found.source, found.recipient, found.depth) == ("forwarded-block", "alice@example.com", 2)


def test_a_message_attached_to_a_long_mail_of_its_own_is_an_attachment() -> None:
    assert attached(INNER, subject="Minutes", note="We talked about the harbour. " * 40) is None


@pytest.mark.parametrize(
    ("kind", "head"), [("report; report-type=delivery-status", ""), ("mixed", "Auto-Submitted: auto-replied\n")]
)
def test_reports_and_automatic_replies_return_a_mail_but_forward_none(kind: str, head: str) -> None:
    assert attached(INNER, kind=kind, head=head) is None


def test_endless_forwards_end() -> None:
    level = BLOCK.replace("482913.", "")
    found = opened("\n".join([level] * 300), "Fwd: Your code")
    assert found is not None
    assert found.depth == 10


@pytest.mark.parametrize(
    "line", ["From: a\n", "From:\n", "A: b@c.example\n", "> > From: a@b.example,\n", "-----x----- From:"]
)
def test_hostile_text_takes_no_time(line: str) -> None:
    with within(2):
        opened(line * (300_000 // len(line)))


LINES = [*BLOCK.splitlines(), "", "> ", "Cc:", "To: ,", "From :", "x", "\u200fמאת: a@b.example"]


@given(st.lists(st.sampled_from(LINES), max_size=30), st.text(max_size=30))
def test_any_order_of_such_lines_is_read_or_left(lines: list[str], subject: str) -> None:
    found = opened("\n".join(lines), subject.replace("\r", "").replace("\n", ""))
    assert found is None or found.depth >= 1


@given(st.text(max_size=400))
def test_any_text_is_read_or_left(text: str) -> None:
    opened(text.encode("utf-8", "replace").decode())
    opened("", html=text.encode("utf-8", "replace").decode())


def test_header_words_come_in_many_languages_and_none_is_empty() -> None:
    assert len(languages()) >= 60
    assert all(word and fields for word, fields in field_words().items())
    assert field_words()[fold_word("Da")] == {Field.SENDER}
    assert field_words()[fold_word("Да")] == {Field.RECIPIENT}
