"""TLS and AUTH, over real handshakes."""

import base64
import os
import shutil
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.smtp import Port, Refusal, SmtpListener, SmtpSettings
from gateway.smtp.certificate import Certificate

if TYPE_CHECKING:
    from tests.gateway.smtp.conftest import Gateway, OpenGateway, Peer

KEY = "otpgate-key-of-alice"
NewCertificate = Callable[[str], tuple[Path, Path]]


def authenticate(user: str, password: str) -> str | None:
    """Knows Alice's key, whatever the user name."""
    return "alice" if user and password == KEY else None


@pytest.fixture
def certificate(new_certificate: NewCertificate) -> Certificate:
    return Certificate(*new_certificate("gw.example"))


@pytest.fixture
def secure(open_gateway: "OpenGateway", certificate: Certificate) -> "Gateway":
    """A gateway with STARTTLS and AUTH."""
    return open_gateway(tls=certificate, authenticate=authenticate)


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def encrypted(peer: "Peer") -> "Peer":
    """The peer after STARTTLS, before its second EHLO."""
    assert peer.say("STARTTLS") == "220 2.0.0 go ahead"
    peer.encrypt()
    return peer


def plain(user: str, password: str) -> str:
    return base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def common_name(peer: "Peer") -> bytes:
    assert isinstance(peer.socket, ssl.SSLSocket)
    shown = peer.socket.getpeercert(binary_form=True)
    assert shown
    return shown


def test_pythons_client_encrypts_logs_in_and_sends(secure: "Gateway") -> None:
    with smtplib.SMTP("127.0.0.1", secure.port, timeout=5) as client:
        assert client.ehlo()[0] == 250
        assert client.has_extn("starttls")
        assert not client.has_extn("auth"), "a key would travel in plain text"
        client.starttls(context=trusting())
        client.login("anything", KEY)
        client.sendmail("a@site.example", ["otp@gw.example"], b"Subject: hello\r\n\r\nhello\r\n")
    assert secure.stored[0].envelope.login == "alice"


@pytest.mark.parametrize("mechanism", ["PLAIN", "PLAIN at once", "LOGIN", "LOGIN at once"])
def test_every_way_to_log_in_works(secure: "Gateway", mechanism: str) -> None:
    peer = encrypted(secure.greeted())
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
    peer = encrypted(secure.greeted())
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
    peer = encrypted(secure.greeted())
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

    peer = encrypted(open_gateway(tls=certificate, authenticate=fail).greeted())
    peer.say("EHLO a")
    assert peer.say(f"AUTH PLAIN {plain('alice', KEY)}") == "451 4.3.0 our own trouble, try again later"


def test_auth_is_not_announced_where_nobody_can_log_in(
    open_gateway: "OpenGateway", certificate: Certificate
) -> None:
    """FACTS 8: aiosmtpd announces AUTH after STARTTLS though nobody can log in."""
    peer = encrypted(open_gateway(tls=certificate).greeted())
    peer.send(b"EHLO a\r\n")
    words = [peer.line() for _ in range(6)]
    assert words[-1] == "250 ENHANCEDSTATUSCODES"
    assert not any("AUTH" in word or "STARTTLS" in word for word in words)
    assert peer.say("AUTH PLAIN").startswith("502 ")


def test_a_key_is_not_taken_in_plain_text(secure: "Gateway") -> None:
    assert secure.greeted().say(f"AUTH PLAIN {plain('alice', KEY)}") == "538 5.7.11 say STARTTLS first"


def test_a_second_starttls_is_refused(secure: "Gateway") -> None:
    """FACTS 8: it crashes asyncio under aiosmtpd."""
    peer = encrypted(secure.greeted())
    peer.say("EHLO a")
    assert peer.say("STARTTLS") == "503 5.5.1 TLS is on already"
    assert peer.mail().startswith("250 ")


def test_what_was_said_before_tls_is_forgotten(secure: "Gateway") -> None:
    """RFC 3207, 4.2: also what came in plain text in one packet with STARTTLS."""
    peer = secure.greeted()
    peer.say("MAIL FROM:<mallory@site.example>")
    peer.send(b"STARTTLS\r\nEHLO mallory\r\nMAIL FROM:<mallory@site.example>\r\n")
    assert peer.reply() == "220 2.0.0 go ahead"
    peer.encrypt()
    assert peer.say("RCPT TO:<otp@gw.example>") == "503 5.5.1 say MAIL first"
    assert peer.say("MAIL FROM:<>") == "503 5.5.1 say EHLO first"


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" + bytes(500), b"\r\n" * 9])
def test_garbage_in_place_of_a_handshake_ends_the_connection(
    secure: "Gateway", capfd: pytest.CaptureFixture[str], garbage: bytes
) -> None:
    peer = secure.greeted()
    assert peer.say("STARTTLS").startswith("220 ")
    peer.send(garbage)
    assert b"250" not in peer.rest()
    assert secure.greeted().mail().startswith("250 ")
    assert secure.notebook.refusals == [Refusal.TLS_FAILED]
    assert capfd.readouterr() == ("", "")


def test_silence_after_starttls_ends_at_the_cap(open_gateway: "OpenGateway", certificate: Certificate) -> None:
    gateway = open_gateway(tls=certificate, settings=SmtpSettings(session_seconds=0.3))
    peer = gateway.greeted()
    assert peer.say("STARTTLS").startswith("220 ")
    began = time.monotonic()
    peer.rest()
    assert time.monotonic() - began < 4
    assert gateway.notebook.refusals[0] == Refusal.TOO_SLOW


def test_mail_may_have_to_be_encrypted(open_gateway: "OpenGateway", certificate: Certificate) -> None:
    gateway = open_gateway(tls=certificate, settings=SmtpSettings(require_tls=True))
    peer = gateway.greeted()
    assert peer.say("MAIL FROM:<>") == "530 5.7.0 say STARTTLS first"
    encrypted(peer).say("EHLO a")
    assert peer.mail().startswith("250 ")


def test_encryption_cannot_be_required_without_a_certificate(gateway: "Gateway") -> None:
    door = gateway.listener._door  # noqa: SLF001 - any door without a certificate would do
    with pytest.raises(ValueError, match="certificate"):
        SmtpListener(SmtpSettings(require_tls=True), door)


def test_tls_from_the_first_byte(open_gateway: "OpenGateway", certificate: Certificate) -> None:
    gateway = open_gateway(tls=certificate, authenticate=authenticate, port=Port(implicit_tls=True))
    with smtplib.SMTP_SSL("127.0.0.1", gateway.port, timeout=5, context=trusting()) as client:
        client.login("anything", KEY)
        client.sendmail("a@site.example", ["otp@gw.example"], b"hello\r\n" * 50_000)
    assert len(gateway.stored[0].raw) == 350_000
    plain_peer = gateway.connect()
    plain_peer.send(b"EHLO a\r\n")
    assert b"250" not in plain_peer.rest()


def test_a_mail_is_stored_even_if_an_encrypted_peer_leaves_right_after_the_dot(secure: "Gateway") -> None:
    """FACTS 5."""
    peer = encrypted(secure.greeted())
    peer.say("EHLO a")
    peer.open_mail().send(b"hello\r\n.\r\n")
    peer.socket.shutdown(socket.SHUT_RDWR)
    end = time.monotonic() + 5
    while not secure.stored:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_renewed_certificate_counts_from_the_next_handshake(
    secure: "Gateway", certificate: Certificate, new_certificate: NewCertificate
) -> None:
    before = encrypted(secure.greeted())
    renewed = new_certificate("gw.example")
    for new, old in zip(renewed, (certificate.file, certificate.key_file), strict=True):
        shutil.copy(new, old)
        os.utime(old, (2_000_000_000, 2_000_000_000))
    after = encrypted(secure.greeted())
    assert common_name(before) != common_name(after)
    assert ssl.PEM_cert_to_DER_cert(renewed[0].read_text()) == common_name(after)


def test_a_broken_renewal_leaves_the_old_certificate_in_place(secure: "Gateway", certificate: Certificate) -> None:
    before = encrypted(secure.greeted())
    certificate.file.write_text("half a certifi")
    os.utime(certificate.file, (2_000_000_000, 2_000_000_000))
    assert common_name(encrypted(secure.greeted())) == common_name(before)


def test_without_any_certificate_tls_is_off_for_the_moment(open_gateway: "OpenGateway", tmp_path: Path) -> None:
    peer = open_gateway(tls=Certificate(tmp_path / "none.pem", tmp_path / "none.key")).greeted()
    assert peer.say("STARTTLS") == "454 4.7.0 no TLS at the moment"
    assert peer.mail().startswith("250 ")
