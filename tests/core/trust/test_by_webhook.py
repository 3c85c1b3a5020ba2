"""Who wrote a mail that came by a webhook: DKIM as ever, as far as the provider hands the mail on as it was."""

from collections.abc import Callable

from core.trust import Vouched
from gateway.webhooks import mail

Compose = Callable[..., bytes]
Judge = Callable[..., Vouched]
Sign = Callable[..., bytes]


def test_a_raw_mail_keeps_its_author_though_its_line_ends_lost_their_cr(
    judge: Judge, sign: Sign, compose: Compose
) -> None:
    """Postmark's RawEmail is such a one."""
    sent = sign(compose())
    lost = sent.replace(b"\r\n", b"\n")
    assert judge(lost).author is None
    assert mail.with_crlf(lost) == sent
    assert judge(mail.with_crlf(lost)).author == "bank.example"


def test_a_mail_with_line_ends_of_both_kinds_stays_as_it_is_and_has_no_author(
    judge: Judge, sign: Sign, compose: Compose
) -> None:
    """A bare LF beside CRLF is how one mail is shown as two (FACTS 9)."""
    mixed = sign(compose()).replace(b"Subject: ", b"X: y\nSubject: ", 1)
    assert mail.with_crlf(mixed) == mixed
    assert judge(mail.with_crlf(mixed)).author is None


def test_a_mail_put_together_from_what_was_parsed_has_no_author(judge: Judge, sign: Sign) -> None:
    raw = sign(b"From: a@bank.example\r\nTo: alice@example.com\r\nSubject: Code\r\n\r\nYour code is 482913.\r\n")
    head, _, text = raw.decode().partition("\r\n\r\n")
    fields = [line.partition(": ")[::2] for line in head.replace("\r\n ", " ").split("\r\n")]
    made = mail.compose(fields, mail.Body(content=text.encode()), mail.Body())
    assert b"dkim-signature" not in made.lower()
    assert judge(made).author is None
