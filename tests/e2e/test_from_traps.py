"""Seven ways to write a From that somebody reads as the bank: none is trusted as the bank (issue 4)."""

import smtplib

import pytest

from tests.running import Gateway

TRAPS = {
    "a name that looks like an address": '"no-reply@bank.example" <evil@evil.example>',
    "two mailboxes": "no-reply@bank.example, evil@evil.example",
    "an address after the brackets": "<no-reply@bank.example>evil@evil.example",
    "a comment": "(no-reply@bank.example) evil@evil.example",
    "a group": "Bank: no-reply@bank.example;",
    "a look-alike": "no-reply@b\u0430nk.example",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_it_is_not_read_as_the_bank(gateway: Gateway, someone: str, trap: str) -> None:
    cursor = gateway.cursor()
    mail = f"From: {TRAPS[trap]}\r\nTo: {someone}\r\nSubject: Your code\r\n\r\nYour code is 666001.\r\n"
    with smtplib.SMTP(*gateway.smtp) as client:
        client.sendmail("evil@evil.example", ["otp@gw.example"], mail.encode())
    answer = gateway.claim(someone, after=cursor, sender="bank.example")
    assert answer["claim"] is None
    assert answer["diagnosis"].startswith("filtered: by sender")
    (message,) = gateway.api.get("/v1/messages", params={"identifier": someone}).json()["messages"]
    assert message["author"] is None


def test_a_nul_in_it_is_refused_at_the_door(gateway: Gateway, someone: str) -> None:
    mail = f"From: no-reply@bank.example\0 <evil@evil.example>\r\nTo: {someone}\r\n\r\nYour code is 666001.\r\n"
    with smtplib.SMTP(*gateway.smtp) as client, pytest.raises(smtplib.SMTPDataError, match=r"5\.6\.0"):
        client.sendmail("evil@evil.example", ["otp@gw.example"], mail.encode())


def test_a_plain_one_is(gateway: Gateway, someone: str) -> None:
    cursor = gateway.cursor()
    gateway.send(someone, "Your code is 482913.", sender="no-reply@bank.example")
    assert gateway.claim(someone, after=cursor, sender="bank.example")["claim"]["value"] == "482913"
