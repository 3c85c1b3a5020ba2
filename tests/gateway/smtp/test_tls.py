"""TLS by STARTTLS and from the first byte, over real handshakes."""

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

from gateway.smtp import Certificate, Port, Refusal, SmtpListener, SmtpSettings

if TYPE_CHECKING:
    from tests.gateway.smtp.conftest import Gateway, OpenGateway
    from tests.peers import Peer

NewCertificate = Callable[[str], tuple[Path, Path]]


@pytest.fixture
def secure(open_gateway: "OpenGateway", certificate: Certificate) -> "Gateway":
    """A gateway with STARTTLS."""
    return open_gateway(tls=certificate)


def shown_certificate(peer: "Peer") -> bytes:
    assert isinstance(peer.socket, ssl.SSLSocket)
    shown = peer.socket.getpeercert(binary_form=True)
    assert shown
    return shown


def test_a_second_starttls_is_refused(secure: "Gateway") -> None:
    """FACTS 8: it crashes asyncio under aiosmtpd."""
    peer = secure.greeted().starttls()
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
    peer.starttls().say("EHLO a")
    assert peer.mail().startswith("250 ")


def test_encryption_cannot_be_required_without_a_certificate(gateway: "Gateway") -> None:
    door = gateway.listener._door  # noqa: SLF001 - any door without a certificate would do
    with pytest.raises(ValueError, match="certificate"):
        SmtpListener(SmtpSettings(require_tls=True), door)


def test_tls_from_the_first_byte(open_gateway: "OpenGateway", certificate: Certificate) -> None:
    gateway = open_gateway(tls=certificate, port=Port(implicit_tls=True))
    with smtplib.SMTP_SSL("127.0.0.1", gateway.port, timeout=60) as client:
        client.sendmail("a@site.example", ["otp@gw.example"], b"hello\r\n" * 50_000)
    assert len(gateway.stored[0].raw) == 350_000
    plain_peer = gateway.connect()
    plain_peer.send(b"EHLO a\r\n")
    assert b"250" not in plain_peer.rest()


def test_a_mail_is_stored_even_if_an_encrypted_peer_leaves_right_after_the_dot(secure: "Gateway") -> None:
    """FACTS 5."""
    peer = secure.greeted().starttls()
    peer.say("EHLO a")
    peer.open_mail().send(b"hello\r\n.\r\n")
    peer.socket.shutdown(socket.SHUT_RDWR)
    end = time.monotonic() + 60
    while not secure.stored:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_renewed_certificate_counts_from_the_next_handshake(
    secure: "Gateway", certificate: Certificate, new_certificate: NewCertificate
) -> None:
    before = secure.greeted().starttls()
    renewed = new_certificate("gw.example")
    for new, old in zip(renewed, (certificate.file, certificate.key_file), strict=True):
        shutil.copy(new, old)
        os.utime(old, (2_000_000_000, 2_000_000_000))
    after = secure.greeted().starttls()
    assert shown_certificate(before) != shown_certificate(after)
    assert ssl.PEM_cert_to_DER_cert(renewed[0].read_text()) == shown_certificate(after)


def test_a_broken_renewal_leaves_the_old_certificate_in_place(secure: "Gateway", certificate: Certificate) -> None:
    before = secure.greeted().starttls()
    certificate.file.write_text("half a certifi")
    os.utime(certificate.file, (2_000_000_000, 2_000_000_000))
    assert shown_certificate(secure.greeted().starttls()) == shown_certificate(before)


def test_without_any_certificate_tls_is_off_for_the_moment(open_gateway: "OpenGateway", tmp_path: Path) -> None:
    peer = open_gateway(tls=Certificate(tmp_path / "none.pem", tmp_path / "none.key")).greeted()
    assert peer.say("STARTTLS") == "454 4.7.0 no TLS at the moment"
    assert peer.mail().startswith("250 ")
