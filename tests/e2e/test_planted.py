"""Whoever reaches the SMTP port can send a mail; what the identifier's policy does not allow is never served."""

import smtplib
from email.message import EmailMessage

import pytest

from tests.running import Gateway


@pytest.fixture
def guarded(gateway: Gateway, someone: str) -> str:
    """An identifier whose policy names the bank's sender and link host."""
    policy = {"senders": ["bank.example"], "link_hosts": ["login.bank.example"]}
    assert gateway.api.put(f"/v1/identifiers/{someone}", json=policy).status_code == 200
    return someone


def test_a_code_planted_in_the_window_is_not_served_and_the_diagnosis_names_its_sender(
    gateway: Gateway, guarded: str
) -> None:
    cursor = gateway.cursor()
    gateway.send(guarded, "Your code is 666001", sender="security@evil.example")
    for answer in (gateway.claim(guarded, after=cursor), gateway.latest(guarded, after=cursor)):
        assert (answer.get("claim"), answer.get("code")) == (None, None)
        assert answer["diagnosis"].startswith("filtered: ")
        assert "evil.example" in answer["diagnosis"]
        assert f"otpgate identifiers allow {guarded} --sender evil.example" in answer["diagnosis"]
    gateway.send(guarded, "Your code is 482913", sender="otp@mail.bank.example")
    assert gateway.claim(guarded, after=cursor)["claim"]["value"] == "482913"


def test_a_link_planted_in_the_window_is_not_served_and_the_diagnosis_names_its_host(
    gateway: Gateway, guarded: str
) -> None:
    cursor = gateway.cursor()
    gateway.send(guarded, "Sign in: https://login.evil.example/magic?t=Zk3n8Qw1xR", sender="otp@bank.example")
    answer = gateway.claim(guarded, after=cursor, kinds=["link"])
    assert answer["claim"] is None
    assert answer["diagnosis"].startswith("filtered: ")
    assert f"otpgate identifiers allow {guarded} --link-host login.evil.example" in answer["diagnosis"]
    link = "https://login.bank.example/magic?t=Zk3n8Qw1xR"
    gateway.send(guarded, f"Sign in: {link}", sender="otp@bank.example")
    assert gateway.claim(guarded, after=cursor, kinds=["link"])["claim"]["value"] == link


def test_two_senders_in_the_window_are_told_apart_only_by_naming_one(gateway: Gateway, someone: str) -> None:
    cursor = gateway.cursor()
    gateway.send(someone, "Your code is 482913", sender="otp@bank.example")
    gateway.send(someone, "Your code is 666001", sender="otp@evil.example")
    answer = gateway.api.post("/v1/claims", json={"identifier": someone, "after": cursor})
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("ambiguous-code")
    assert {"bank.example", "evil.example"} <= set(answer.json()["senders"])
    assert gateway.claim(someone, after=cursor, sender="bank.example")["claim"]["value"] == "482913"


def test_a_lower_trust_never_displaces_a_higher_one(gateway: Gateway, someone: str) -> None:
    record = gateway.api.put(f"/v1/identifiers/{someone}", json={}).json()
    cursor = gateway.cursor()
    secret = record["secret_address"]
    gateway.send(someone, "Your code is 482913", sender="otp@bank.example", rcpt=secret)
    gateway.send(someone, "Your code is 666001", sender="otp@evil.example")
    claim = gateway.claim(someone, after=cursor)["claim"]
    assert (claim["value"], claim["route"]) == ("482913", "secret-address")


def test_mail_that_says_one_thing_in_html_and_another_in_text_needs_its_sender_named(
    gateway: Gateway, someone: str
) -> None:
    cursor = gateway.cursor()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "otp@bank.example", someone, "Your code"
    mail.set_content("Your code is 111222.")
    mail.add_alternative("<p>Your code is <b>482913</b>.</p>", subtype="html")
    with smtplib.SMTP(*gateway.smtp) as client:
        client.send_message(mail, "otp@bank.example", ["otp@gw.example"])
    answer = gateway.claim(someone, after=cursor)
    assert answer["claim"] is None
    assert "differ" in answer["diagnosis"]
    assert gateway.claim(someone, after=cursor, sender="bank.example")["claim"]["value"] == "482913"
