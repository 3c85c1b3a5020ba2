"""Mailboxes of a real Dovecot: whatever happens to it, the new code comes, once, and no old one."""

import contextlib
import itertools
import json
import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.dovecot import Dovecot
from tests.gateway.mailboxes.conftest import WATCHING, Post, config, running
from tests.running import Gateway, until

Serve = Callable[..., Gateway]


def test_of_10_000_old_mails_none_is_read_and_the_new_code_comes_at_once(post: Post, user: str) -> None:
    post.dovecot.fill(user, 10_000)
    post.add(user)
    post.dovecot.deliver(user, "Your code is 482913")
    began = time.monotonic()
    assert post.value(user) == "482913"
    assert time.monotonic() - began < 10
    assert post.codes(user) == ["482913"]
    assert '"read": 0, "skipped": 0' in post.events("mailbox_caught_up", user)[0]


def test_nothing_is_marked_unless_told(post: Post, user: str, dovecot: Dovecot) -> None:
    post.add(user)
    other = dovecot.add_user("marked@example.com")
    post.add(other, mark_seen=True)
    for address in (user, other):
        dovecot.deliver(address, "Your code is 482913")
        assert post.value(address) == "482913"
    post.wait_for(other, lambda _: b"Seen" in dovecot.flags(other)[0])
    assert dovecot.flags(user) == [b"1 (FLAGS (\\Recent))"]


def test_what_came_while_the_gateway_was_down_is_read_once_and_stale_codes_stay_stale(
    serve: Serve, authority: Path, dovecot: Dovecot, tmp_path: Path
) -> None:
    user, now = dovecot.add_user("restarted@example.com"), datetime.now(UTC)
    before = Post(gateway=serve(config(authority), tmp_path / "data"), dovecot=dovecot)
    before.add(user)
    dovecot.deliver(user, "Your code is 111222")
    assert before.value(user) == "111222"
    assert before.gateway.stop() == 0
    dovecot.deliver(user, "Your code is 333444", at=now - timedelta(minutes=30))
    dovecot.deliver(user, "Your code is 555666", at=now - timedelta(days=3))
    dovecot.deliver(user, "Your code is 777888")
    after = Post(gateway=serve(config(authority), tmp_path / "data"), dovecot=dovecot)
    assert after.value(user) == "777888"
    found = after.gateway.api.get("/v1/codes", params={"identifier": user}).json()["codes"]
    assert {one["value"]: one["state"] for one in found} == {
        "777888": "accepted", "333444": "expired", "111222": "accepted"
    }  # fmt: skip
    until(lambda: after.events("mailbox_caught_up", user))
    assert '"read": 2, "skipped": 1' in after.events("mailbox_caught_up", user)[0]


@pytest.fixture
def own_dovecot(authority: Path) -> Iterator[Dovecot]:
    """One that a test may stop."""
    yield from running(authority)


def test_a_dovecot_that_restarts_or_stands_still_loses_and_doubles_no_code(
    post: Post, own_dovecot: Dovecot
) -> None:
    user = own_dovecot.add_user("stopped@example.com")
    post.add(user, port=own_dovecot.port)
    own_dovecot.stop()
    post.wait_for(user, lambda one: one["state"] == "lost")
    assert post.gateway.api.get("/readyz").status_code == 200
    own_dovecot.start()
    own_dovecot.deliver(user, "Your code is 111222")
    assert post.value(user) == "111222"
    with own_dovecot.paused():
        own_dovecot.drop(user, "Your code is 333444")
        time.sleep(10.5)
    assert post.value(user) == "333444"
    assert post.codes(user) == ["333444", "111222"]


def test_a_connection_that_went_well_is_tried_again_at_once_however_often_it_was_lost_before(
    post: Post, own_dovecot: Dovecot
) -> None:
    user = own_dovecot.add_user("unlucky@example.com")
    post.add(user, port=own_dovecot.port)
    own_dovecot.stop()
    post.wait_for(user, lambda _: len(post.events("mailbox_lost", user)) > 3)
    own_dovecot.start()
    post.wait_for(user, lambda one: one["state"] in WATCHING)
    time.sleep(10.5)
    lost = len(post.events("mailbox_lost", user))
    own_dovecot.stop()
    post.wait_for(user, lambda _: len(post.events("mailbox_lost", user)) > lost)
    assert json.loads(post.events("mailbox_lost", user)[lost])["retry_seconds"] <= 0.5


def hang_up_then_put_off(listening: socket.socket, hung_up: int) -> None:
    """Ends the first connections at once, and answers each login of the others with "later"."""
    for connection in itertools.count():
        try:
            client, _ = listening.accept()
        except OSError:
            return
        with client, contextlib.suppress(OSError), client.makefile("rwb") as lines:
            if connection < hung_up:
                continue
            lines.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
            lines.flush()
            while line := lines.readline():
                tag, command = line.split()[:2]
                said = b"NO [UNAVAILABLE] later" if command.upper() in {b"LOGIN", b"AUTHENTICATE"} else b"OK done"
                lines.write(tag + b" " + said + b"\r\n")
                lines.flush()


def test_a_server_that_asks_for_patience_after_losses_is_asked_again_as_if_it_were_the_first_time(
    post: Post, user: str
) -> None:
    """What went wrong otherwise before makes no mailbox blind for minutes."""
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=hang_up_then_put_off, args=(listening, 3), daemon=True).start()
    port = listening.getsockname()[1]
    post.add(user, port=port, security="plain", check=False, watched=False)
    post.wait_for(user, lambda _: any('"busy"' in line for line in post.events("mailbox_lost", user)))
    listening.close()
    told = [json.loads(line) for line in post.events("mailbox_lost", user)]
    assert [one["reason"] for one in told][-1] == "busy"
    assert told[-1]["retry_seconds"] <= 30


def test_a_changed_uid_validity_loses_and_doubles_no_code(post: Post, user: str, dovecot: Dovecot) -> None:
    dovecot.fill(user, 300)
    post.add(user)
    dovecot.deliver(user, "Your code is 111222")
    assert post.value(user) == "111222"
    heard = len(post.events("mailbox_connected", user))
    dovecot.change_uid_validity(user, 4711)
    dovecot.deliver(user, "Your code is 333444")
    post.add(user, mark_seen=True, watched=False)  # connects anew
    assert post.value(user) == "333444"
    assert len(post.events("mailbox_connected", user)) > heard
    assert post.codes(user) == ["333444", "111222"]


class Cutting:
    """Stands between gateway and server, and cuts the first connections in the middle of a mail."""

    def __init__(self, port: int, cuts: int) -> None:
        self._port, self.cuts, self.made = port, cuts, 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._port))
            except OSError:  # the server is gone: so is the client's connection
                client.close()
                continue
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with source, sink, contextlib.suppress(OSError):
            while data := source.recv(65_536):
                at = data.find(b"BODY[]<0> {")
                if at >= 0 and self.made < self.cuts:
                    self.made += 1
                    sink.sendall(data[: at + 60])
                    for one in (source, sink):
                        one.shutdown(socket.SHUT_RDWR)
                    return
                sink.sendall(data)


def test_a_connection_that_breaks_in_the_middle_of_a_mail_loses_nothing(
    post: Post, user: str, dovecot: Dovecot
) -> None:
    cutting = Cutting(dovecot.plain_port, cuts=2)
    post.add(user, port=cutting.port, security="plain")
    dovecot.deliver(user, "Your code is 482913" + "\nsome more text" * 100)
    assert post.value(user) == "482913"
    cutting.close()
    assert cutting.made == 2
    assert post.codes(user) == ["482913"]


def test_a_password_that_is_wrong_now_is_tried_seldom_and_the_next_right_one_at_once(
    post: Post, user: str, dovecot: Dovecot
) -> None:
    post.add(user)
    right = dovecot.passwords[user]
    dovecot.add_user(user, "another one")
    answer = post.gateway.api.put(
        f"/v1/mailboxes/{user}", json={"host": "127.0.0.1", "port": dovecot.port, "password": right}
    )
    assert answer.status_code == 409
    assert "does not accept this login" in answer.json()["detail"]
    post.add(user, check=False, watched=False)
    post.wait_for(user, lambda one: one["state"] == "shut out")
    assert post.shown(user)["reason"] == "login refused"
    time.sleep(1)
    assert len(post.events("mailbox_gave_up", user)) == 1
    post.add(user, password="another one")
    dovecot.deliver(user, "Your code is 482913")
    assert post.value(user) == "482913"


@pytest.fixture(scope="module")
def idle_less(authority: Path) -> Iterator[Dovecot]:
    """A server that does not tell by itself what arrives."""
    yield from running(authority, extra="imap_capability = IMAP4rev1 SASL-IR\n")


def test_a_server_without_idle_is_asked_and_starttls_works(post: Post, idle_less: Dovecot) -> None:
    user = idle_less.add_user("polled@example.com")
    post.add(user, port=idle_less.plain_port, security="starttls")
    assert post.shown(user)["state"] == "polling"
    idle_less.deliver(user, "Your code is 482913")
    assert post.value(user) == "482913"
    assert post.codes(user) == ["482913"]


def test_a_message_that_came_by_smtp_too_is_one_code(post: Post, user: str) -> None:
    post.add(user)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "no-reply@acme.example", user, "Your code"
    mail["Message-ID"] = "<one@acme.example>"
    mail.set_content("Your code is 482913")
    raw = mail.as_bytes().replace(b"\n", b"\r\n")
    post.dovecot.append(user, f"Delivered-To: {user}\r\n".encode() + raw)
    assert post.value(user) == "482913"
    with smtplib.SMTP(*post.gateway.smtp, timeout=10) as client:
        client.sendmail("no-reply@acme.example", ["otp@gw.example"], raw)
    assert post.codes(user) == ["482913"]


def test_a_mail_is_the_mailboxs_own_unless_it_names_another_and_then_proves_nothing(
    post: Post, user: str, someone: str
) -> None:
    post.add(user)
    post.dovecot.deliver(user, "Your code is 111222", To="undisclosed-recipients:;")
    post.dovecot.deliver(user, "Your code is 333444", To=someone)
    for address, source, route in ((user, "rcpt", "forwarder"), (someone, "to", "open")):
        claim = post.gateway.claim(address, wait=60)["claim"]
        message = post.gateway.api.get(f"/v1/messages/{claim['message_id']}").json()
        assert (message["identity_source"], message["route"]) == (source, route)
        assert message["door"] == f"mailbox/{user}"


def test_of_a_large_mail_only_the_beginning_is_fetched_and_its_signature_is_not_checked(
    post: Post, user: str
) -> None:
    post.add(user)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "no-reply@acme.example", user, "Your code"
    mail["DKIM-Signature"] = "v=1; a=rsa-sha256; d=acme.example; s=s; h=from:to:subject; bh=x; b=x"
    mail.set_content("Your code is 482913")
    mail.add_attachment(b"\0" * 200_000, maintype="application", subtype="pdf", filename="terms.pdf")
    post.dovecot.append(user, mail.as_bytes().replace(b"\n", b"\r\n"))
    claim = post.gateway.claim(user, wait=60)["claim"]
    assert claim["value"] == "482913"
    assert "not checked" in claim["evidence"]
    assert post.gateway.api.get(f"/v1/messages/{claim['message_id']}").json()["size"] == 32 * 1024


def test_thirty_mailboxes_need_no_more_threads_than_one(post: Post, dovecot: Dovecot) -> None:
    def threads() -> int:
        status = Path(f"/proc/{post.gateway.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition("Threads:")[2].split()[0])

    users = [dovecot.add_user(f"many{number}@example.com") for number in range(30)]
    before = threads()
    for user in users:
        post.add(user, check=False, watched=False)
    for user in users:
        post.wait_for(user, lambda one: one["state"] == "watching")
    dovecot.deliver(users[-1], "Your code is 482913")
    assert post.value(users[-1]) == "482913"
    assert threads() - before <= 10
