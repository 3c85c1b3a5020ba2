"""An SMTP client that sends exactly the bytes that a test wants, and certificates for its server."""

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

PATIENCE = 60.0
"""Seconds after which a peer's silence fails a test."""


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Makes a self-signed certificate for a name: its file and that of its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed (Debian: openssl)")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", f"/CN={name}", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


class Peer:
    """An SMTP client that sends exactly the bytes it is told to."""

    def __init__(self, port: int, *, source: str = "127.0.0.1", host: str = "127.0.0.1") -> None:
        self.socket: socket.socket = socket.create_connection((host, port), PATIENCE, (source, 0))
        self._lines = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> str:
        """The next line of the server, without its end; "" when it has closed."""
        return self._lines.readline().decode().rstrip("\r\n")

    def reply(self) -> str:
        """The last line of the next answer; "" when the server has closed."""
        while (line := self.line())[3:4] == "-":
            pass
        return line

    def say(self, line: str) -> str:
        """Sends a command and returns its answer."""
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def greet(self) -> "Peer":
        """Reads the banner and says EHLO."""
        assert self.reply().startswith("220 ")
        assert self.say("EHLO client.example").startswith("250 ")
        return self

    def open_mail(self, *recipients: str) -> "Peer":
        """Goes on to where the mail's bytes are expected."""
        assert self.say("MAIL FROM:<site@site.example>").startswith("250 ")
        for recipient in recipients or ("otp@gw.example",):
            assert self.say(f"RCPT TO:<{recipient}>").startswith("250 ")
        assert self.say("DATA").startswith("354 ")
        return self

    def mail(self, body: bytes = b"Subject: hello\r\n\r\nhello\r\n") -> str:
        """Sends one mail and returns the answer to it."""
        self.open_mail().send(body + b".\r\n")
        return self.reply()

    def rest(self) -> bytes:
        """Everything up to the server's close; a reset counts as one."""
        try:
            return self._lines.read()
        except ConnectionResetError:
            return b""

    def starttls(self) -> "Peer":
        """Says STARTTLS and encrypts; EHLO is to be said again."""
        assert self.say("STARTTLS") == "220 2.0.0 go ahead"
        return self.encrypt()

    def encrypt(self) -> "Peer":
        """Does the client's part of a TLS handshake, and trusts any certificate."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self._lines.close()
        self.socket = context.wrap_socket(self.socket)
        self._lines = self.socket.makefile("rb")
        return self

    def close(self) -> None:
        self._lines.close()
        self.socket.close()
