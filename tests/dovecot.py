"""A real Dovecot (Debian's dovecot-imapd) on loopback, with a certificate of a self-made authority."""

import contextlib
import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from otpgate_client.running import free_port

MISSING = "Dovecot (Debian: dovecot-imapd) is missing"
PASSWORD = 'a pass-word with "quotes" and \\'
PATIENCE = 60.0
_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
mail_location = maildir:{folder}/mail/%u
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=plain {folder}/users/%u
  mechanisms = plain login
}}
passdb {{
  driver = oauth2
  args = {folder}/oauth2.conf
  mechanisms = xoauth2 oauthbearer
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(kw_only=True)
class Dovecot:
    """A Dovecot in a folder of its own; a user is there once a password is written for it."""

    folder: Path
    port: int
    plain_port: int
    extra: str = ""
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        conf = self.folder / "dovecot.conf"
        conf.write_text(_CONFIG.format(**self._names()) + self.extra, encoding="utf-8")
        self.process = subprocess.Popen(["dovecot", "-F", "-c", str(conf)], start_new_session=True)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.plain_port), 1) as one:
                if one.recv(10).startswith(b"* OK"):
                    return
        raise AssertionError((self.folder / "dovecot.log").read_text())

    def stop(self) -> None:
        """Stops it with everything that it started."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(PATIENCE)
            self.process = None

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """All its processes stand still while the block runs: connections stay, and nobody answers."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.process.pid, signal.SIGCONT)

    def add_user(self, address: str, password: str = PASSWORD) -> str:
        """Writes a user's password; the address."""
        file, changed = self.folder / "users" / address, address in self.passwords
        self.passwords[address] = password
        file.write_text(f"{address}:{{PLAIN}}{password}::::::\n", encoding="utf-8")
        time.sleep(1.1 if changed else 0)  # it looks once a second whether a file has changed
        return address

    def deliver(self, address: str, text: str, at: datetime | None = None, **headers: str) -> None:
        """Puts a mail into the user's INBOX, taken in at that time."""
        mail = EmailMessage()
        written = {"From": "no-reply@acme.example", "To": address, "Subject": "Your code", **headers}
        for name, value in written.items():
            mail[name] = value
        mail.set_content(text)
        self.append(address, mail.as_bytes().replace(b"\n", b"\r\n"), at)

    def append(self, address: str, raw: bytes, at: datetime | None = None) -> None:
        """The same with a mail's bytes."""
        with self.client(address) as client:
            moment = imaplib.Time2Internaldate(at or datetime.now(UTC))
            assert client.append("INBOX", "", moment, raw)[0] == "OK"

    def fill(self, address: str, count: int) -> None:
        """Puts many old mails with codes into the user's INBOX, as files of a maildir."""
        folder = self.folder / "mail" / address
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            text = f"From: old@acme.example\nTo: {address}\nSubject: Old\n\nYour code is {700000 + number}.\n"
            file = folder / "cur" / f"1700000000.M{number}P1.old:2,"
            file.write_text(text, encoding="ascii")
            os.utime(file, (1_700_000_000, 1_700_000_000))
        self._hand_over(folder)

    def drop(self, address: str, text: str) -> None:
        """Puts a mail into the user's maildir behind Dovecot's back, as delivery agents do."""
        file = self.folder / "mail" / address / "new" / f"{time.time_ns()}.M1P1.dropped"
        mail = f"From: no-reply@acme.example\nTo: {address}\nSubject: Your code\n\n{text}\n"
        file.write_text(mail, encoding="ascii")
        self._hand_over(file)

    def change_uid_validity(self, address: str, value: int) -> None:
        """Lets all UIDs of the INBOX mean other mails, as after a restore or a move to another machine."""
        conf = str(self.folder / "dovecot.conf")
        command = [
            "doveadm",
            "-c",
            conf,
            "mailbox",
            "update",
            "-u",
            address,
            "--uid-validity",
            str(value),
            "INBOX",
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)

    def flags(self, address: str) -> list[bytes]:
        """The flags of each mail in the INBOX."""
        with self.client(address) as client:
            client.select("INBOX", readonly=True)
            return [one for one in client.fetch("1:*", "(FLAGS)")[1] if isinstance(one, bytes)]

    @contextlib.contextmanager
    def client(self, address: str) -> Iterator[imaplib.IMAP4]:
        """Another client of that user, by Python's own library."""
        tls = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        with imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=tls, timeout=PATIENCE) as client:
            client.login(address, self.passwords[address])
            yield client

    def _names(self) -> dict[str, object]:
        user, group = _owner()
        return {
            "folder": self.folder,
            "port": self.port,
            "plain_port": self.plain_port,
            "user": user,
            "group": group,
        }

    def _hand_over(self, folder: Path) -> None:
        if os.getuid() == 0:
            user, group = _owner()
            subprocess.run(["chown", "-R", f"{user}:{group}", str(folder)], check=True)


def new_dovecot(authority: Path, extra: str = "", introspection: str = "http://127.0.0.1:1/") -> Dovecot:
    """One that is not started, in a folder that Dovecot's own user may enter; it asks there about OAuth tokens.

    `authority` is a folder with what `make_authority` made.
    """
    folder = Path(tempfile.mkdtemp(prefix="otpgate-dovecot-"))
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    for name in ("ca.pem", "server.pem", "server.key"):
        shutil.copy(authority / name, folder)
    (folder / "users").mkdir()
    (folder / "oauth2.conf").write_text(
        f"introspection_mode = post\nintrospection_url = {introspection}\nusername_attribute = email\n"
        "active_attribute = active\nactive_value = true\n"
    )
    made = Dovecot(folder=folder, port=free_port(), plain_port=free_port(), extra=extra)
    made._hand_over(folder / "mail")  # noqa: SLF001 - of its own module
    return made


def remove(dovecot: Dovecot) -> None:
    """Stops it and removes its folder."""
    dovecot.stop()
    shutil.rmtree(dovecot.folder, ignore_errors=True)


def _owner() -> tuple[str, str]:
    """Who owns the mails: never root, which Dovecot refuses."""
    uid = os.getuid()
    user = pwd.getpwuid(uid or pwd.getpwnam("nobody").pw_uid)
    return user.pw_name, grp.getgrgid(user.pw_gid).gr_name
