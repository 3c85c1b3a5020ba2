"""Mail programs that people really send with."""

import shutil
import smtplib
import subprocess
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING

import pytest

from gateway.smtp import SmtpSettings

if TYPE_CHECKING:
    from tests.gateway.smtp.conftest import Gateway, OpenGateway


def run(*command: str) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_pythons_smtplib_sends_a_multipart_mail(gateway: "Gateway") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@site.example", "otp@gw.example", "Prüfung"
    mail.set_content("plain ünïcode\n.\n..two\n")
    mail.add_alternative("<p>" + "long line " * 500 + "</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=60) as client:
        for _ in range(3):
            assert client.send_message(mail) == {}
    assert len(gateway.stored) == 3
    came = message_from_bytes(gateway.stored[2].raw, policy=default)
    plain = came.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == "plain ünïcode\n.\n..two\n"


def test_pythons_smtplib_sends_to_an_address_in_utf8(gateway: "Gateway") -> None:
    with smtplib.SMTP("127.0.0.1", gateway.port, timeout=60) as client:
        client.sendmail("ä@site.example", ["jürgen@gw.example"], b"hello\r\n", mail_options=["SMTPUTF8"])
    assert gateway.stored[0].envelope.rcpt_to == ("jürgen@gw.example",)


@pytest.mark.skipif(shutil.which("swaks") is None, reason="swaks is not installed (Debian: swaks)")
def test_swaks_sends_with_and_without_waiting(gateway: "Gateway") -> None:
    """PIPELINING is announced: DATA is read in bulk, and what follows it stays in the buffer."""
    common = ["--server", f"127.0.0.1:{gateway.port}", "--from", "a@site.example", "--to", "otp@gw.example"]
    run("swaks", *common, "--body", ".\n..\n.a")
    said = run("swaks", *common, "--pipeline", "--body", "hello")
    assert " -> DATA\n<-  250 2.1.0 sender ok" in said, "it asked everything before it read an answer"
    assert len(gateway.stored) == 2
    assert b"\r\n\r\n.\r\n..\r\n.a\r\n" in gateway.stored[0].raw


@pytest.mark.skipif(shutil.which("smtp-source") is None, reason="smtp-source is not installed (Debian: postfix)")
@pytest.mark.parametrize("reuse", [["-d"], []], ids=["one connection a sender", "one connection a mail"])
def test_smtp_source_sends_many_at_once(open_gateway: "OpenGateway", reuse: list[str]) -> None:
    gateway = open_gateway(settings=SmtpSettings(max_connections_per_address=100))
    program = shutil.which("smtp-source") or ""
    addresses = ["-f", "a@site.example", "-t", "otp@gw.example"]
    run(program, *reuse, "-s", "50", "-m", "300", "-l", "5000", *addresses, f"127.0.0.1:{gateway.port}")
    assert len(gateway.stored) == 300
    assert len({message.trace_id for message in gateway.stored}) == 300
