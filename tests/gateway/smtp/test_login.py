"""Logging in to the SMTP door with an API key."""

import base64
import smtplib
from typing import TYPE_CHECKING

import pytest

from gateway.smtp import Certificate, Login, Refusal

if TYPE_CHECKING:
    from tests.gateway.smtp.conftest import Gateway, OpenGateway
    from tests.peers import Peer

KEY = "otpgate-key-of-alice"


def authenticate(user: str, password: str) -> Login | None:
    """Knows Alice's key, whatever the user name."""
    return Login(name="alice", only=("*@acme.com",)) if user and password == KEY else None


@pytest.fixture
def secure(open_gateway: "OpenGateway", certificate: Certificate) -> "Gateway":
    """A gateway with STARTTLS and AUTH."""
    return open_gateway(tls=certificate, authenticate=authenticate)


def plain(user: str, password: str) -> str:
    return base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def test_pythons_client_encrypts_logs_in_and_sends(secure: "Gateway") -> None:
    with smtplib.SMTP("127.0.0.1", secure.port, timeout=60) as client:
        assert client.ehlo()[0] == 250
        assert client.has_extn("starttls")
        assert not client.has_extn("auth"), "a key would travel in plain text"
        client.starttls()
        client.login("anything", KEY)
        client.sendmail("a@site.example", ["otp@gw.example"], b"Subject: hello\r\n\r\nhello\r\n")
    assert secure.stored[0].envelope.login == "alice"
    assert secure.stored[0].envelope.login_only == ("*@acme.com",)


@pytest.mark.parametrize("mechanism", ["PLAIN", "PLAIN at once", "LOGIN", "LOGIN at once"])
def test_every_way_to_log_in_works(secure: "Gateway", mechanism: str) -> None:
    peer = secure.greeted().starttls()
    peer.say("EHLO a")
    user, key = (base64.b64encode(word.encode()).decode() for word in ("alice", KEY))
    if mechanism == "PLAIN":
        assert peer.say("AUTH PLAIN") == "334 "
        assert peer.say(plain("alice", KEY)) == "235 2.7.0 logged in"
    elif mechanism == "PLAIN at once":
        assert peer.say(f"auth plain {plain('alice', KEY)}") == "235 2.7.0 logged in"
    else:
        at_once = mechanism.endswith("at once")
        prompt = peer.say(f"AUTH LOGIN {user}" if at_once else "AUTH LOGIN")
        if not at_once:
            assert base64.b64decode(prompt[4:]) == b"Username:"
            prompt = peer.say(user)
        assert base64.b64decode(prompt[4:]) == b"Password:"
        assert peer.say(key) == "235 2.7.0 logged in"
    assert peer.say("AUTH PLAIN") == "503 5.5.1 logged in already"
    assert peer.mail().startswith("250 ")
    assert secure.stored[0].envelope.login == "alice"


def test_wrong_keys_are_errors_of_the_session(secure: "Gateway") -> None:
    peer = secure.greeted().starttls()
    peer.say("EHLO a")
    for _ in range(5):
        assert peer.say(f"AUTH PLAIN {plain('alice', 'wrong')}") == "535 5.7.8 user name or password is wrong"
    assert peer.say(f"AUTH PLAIN {plain('alice', KEY)}") == "235 2.7.0 logged in"
    assert peer.say("AUTH PLAIN").startswith("421 ")
    assert secure.notebook.refusals == [Refusal.LOGIN] * 5 + [Refusal.TOO_MANY_ERRORS]


@pytest.mark.parametrize(
    ("answer", "reply"),
    [("*", "501 5.7.0"), ("!", "501 5.5.2"), ("AAAA", "501 5.5.2"), ("/w==", "501 5.5.2"), ("é", "501 5.5.2")],
)
def test_a_login_that_makes_no_sense_is_refused(secure: "Gateway", answer: str, reply: str) -> None:
    peer = secure.greeted().starttls()
    peer.say("EHLO a")
    assert peer.say("AUTH PLAIN") == "334 "
    assert peer.say(answer).startswith(reply)
    assert peer.say("AUTH CRAM-MD5").startswith("504 5.5.4")
    peer.say("MAIL FROM:<>")
    assert peer.say("AUTH PLAIN").startswith("503 5.5.1")


def test_a_login_that_fails_on_our_side_is_temporary(
    open_gateway: "OpenGateway", certificate: Certificate
) -> None:
    """Rule 1: our own trouble is never permanent, and never exception text."""

    def fail(user: str, password: str) -> str | None:
        raise LookupError(user + password)

    peer = open_gateway(tls=certificate, authenticate=fail).greeted().starttls()
    peer.say("EHLO a")
    assert peer.say(f"AUTH PLAIN {plain('alice', KEY)}") == "451 4.3.0 our own trouble, try again later"


def logged_in(gateway: "Gateway") -> "Peer":
    peer = gateway.greeted().starttls()
    peer.say("EHLO a")
    assert peer.say(f"AUTH PLAIN {plain('alice', KEY)}") == "235 2.7.0 logged in"
    return peer


def test_a_key_that_ends_within_a_session_sends_nothing_more(
    open_gateway: "OpenGateway", certificate: Certificate
) -> None:
    good = [True]
    login = Login(name="alice", is_good=lambda: good[0])
    gateway = open_gateway(tls=certificate, authenticate=lambda _user, _password: login)
    peer = logged_in(gateway)
    assert peer.mail().startswith("250 ")
    assert peer.say("MAIL FROM:<a@site.example>").startswith("250 ")
    assert peer.say("RCPT TO:<otp@gw.example>").startswith("250 ")
    good[0] = False
    ended = "535 5.7.8 this API key was revoked or has expired"
    assert peer.say("DATA") == ended
    assert peer.say("RSET").startswith("250 ")
    assert peer.say("MAIL FROM:<a@site.example>") == ended
    assert len(gateway.stored) == 1
    assert gateway.notebook.refusals == [Refusal.LOGIN] * 2


def test_a_key_that_cannot_be_looked_up_within_a_session_is_our_own_trouble(
    open_gateway: "OpenGateway", certificate: Certificate
) -> None:
    """Rule 1: our own trouble is never permanent."""

    def fail() -> bool:
        raise LookupError(KEY)

    login = Login(name="alice", is_good=fail)
    peer = logged_in(open_gateway(tls=certificate, authenticate=lambda _user, _password: login))
    assert peer.say("MAIL FROM:<a@site.example>") == "451 4.3.0 our own trouble, try again later"


def test_auth_is_not_announced_where_nobody_can_log_in(
    open_gateway: "OpenGateway", certificate: Certificate
) -> None:
    """FACTS 8: aiosmtpd announces AUTH after STARTTLS though nobody can log in."""
    peer = open_gateway(tls=certificate).greeted().starttls()
    peer.send(b"EHLO a\r\n")
    words = [peer.line() for _ in range(6)]
    assert words[-1] == "250 ENHANCEDSTATUSCODES"
    assert not any("AUTH" in word or "STARTTLS" in word for word in words)
    assert peer.say("AUTH PLAIN").startswith("502 ")


def test_a_key_is_not_taken_in_plain_text(secure: "Gateway") -> None:
    assert secure.greeted().say(f"AUTH PLAIN {plain('alice', KEY)}") == "538 5.7.11 say STARTTLS first"
