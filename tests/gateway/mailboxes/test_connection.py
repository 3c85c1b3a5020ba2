"""Servers that lie, race and refuse: scripted ones, byte by byte."""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.settings import MailboxSettings
from core.store import Mailbox, ReadUpTo
from gateway.mailboxes.connection import Connection, opened
from gateway.mailboxes.errors import LostError, MailboxError, ShutOutError, ThrottledError
from gateway.mailboxes.grammar import Login
from gateway.mailboxes.probing import probe
from gateway.mailboxes.transport import trusting
from tests.dovecot import PASSWORD, Dovecot

Script = Callable[[socket.socket], None]
NOW = datetime(2026, 11, 23, tzinfo=UTC)
LOGIN = Login(name="user", password="secret")


def mailbox(port: int, **fields: Any) -> Mailbox:
    """A mailbox on this machine, in plain text unless told."""
    known = {
        "address": "user@example.com",
        "host": "127.0.0.1",
        "port": port,
        "security": "plain",
        "login": "user",
    }
    times = {"contact_at": NOW, "created_at": NOW, "changed_at": NOW}
    return Mailbox(**{**known, "secret": {"password": "secret"}, **times, **fields})


@contextlib.contextmanager
def server(script: Script) -> Iterator[int]:
    """A server of one connection, which does as scripted; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                client, _ = listening.accept()
                with client:
                    client.settimeout(10)
                    script(client)

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listening.getsockname()[1])
    thread.join(10)


def answering(answers: dict[bytes, bytes], greeting: bytes = b"* OK hello") -> Script:
    """Answers each command by its first word; `TAG` stands for the command's tag."""

    def script(client: socket.socket) -> None:
        with client.makefile("rwb", buffering=0) as lines:
            lines.write(greeting + b"\r\n")
            talk(lines, {b"LOGIN": b"TAG OK", b"LOGOUT": b"* BYE", **answers})

    return script


def talk(lines: socket.SocketIO, answers: dict[bytes, bytes]) -> None:
    tag = b""
    while line := lines.readline().strip():
        words = line.split(b" ")
        tag, verb = (words[0], words[1]) if len(words) > 1 else (tag, words[0])
        answer = answers.get(verb, b"* CAPABILITY IMAP4rev1 IDLE\r\nTAG OK done")
        lines.write(answer.replace(b"TAG", tag) + b"\r\n")


async def enter(port: int, **fields: Any) -> Connection:
    return await opened(mailbox(port, **fields), LOGIN, ssl.create_default_context(), 1024)


def refused(script: Script, **fields: Any) -> MailboxError:
    """What is said of a server that does not let us in."""
    with server(script) as port, pytest.raises(MailboxError) as raised:
        asyncio.run(enter(port, **fields))
    return raised.value


def test_a_mail_that_comes_as_idle_begins_is_not_slept_through() -> None:
    """The word of it stands in the same packet as the server's go-ahead."""

    async def wait(port: int) -> float:
        connection = await enter(port)
        began = time.monotonic()
        await connection.wait(20)
        connection.close()
        return time.monotonic() - began

    with server(answering({b"IDLE": b"+ idling\r\n* 5 EXISTS", b"DONE": b"TAG OK"})) as port:
        assert asyncio.run(wait(port)) < 10


def test_a_mail_that_is_told_beside_another_answer_is_not_slept_through() -> None:
    """The server tells it once: in the answer to a command before, not again in IDLE."""

    async def wait(port: int) -> None:
        connection = await enter(port)
        assert await connection.after(ReadUpTo(uid_validity=1, last_uid=5)) == []
        async with asyncio.timeout(10):
            await connection.wait(20)
        connection.close()

    answers = {b"UID": b"* 5 FETCH (UID 5)\r\n* 6 EXISTS\r\nTAG OK", b"IDLE": b"+ idling", b"DONE": b"TAG OK"}
    with server(answering(answers)) as port:
        asyncio.run(wait(port))


def test_a_server_that_repeats_itself_is_not_asked_without_a_pause() -> None:
    async def wait(port: int) -> list[bool]:
        connection = await enter(port)
        short = []
        for _ in range(3):
            await connection.after(ReadUpTo(uid_validity=1, last_uid=5))
            began = time.monotonic()
            await connection.wait(0.3)
            short.append(time.monotonic() - began < 0.2)
        connection.close()
        return short

    answers = {b"UID": b"* 6 EXISTS\r\nTAG OK", b"IDLE": b"+ idling\r\n* 6 EXISTS", b"DONE": b"TAG OK"}
    with server(answering(answers)) as port:
        assert asyncio.run(wait(port)) == [True, False, False]


def test_a_mail_is_fetched_byte_by_byte_so_that_its_signature_stays_good(
    dovecot: Dovecot, authority: Path
) -> None:
    user = dovecot.add_user("whole@example.com")
    raw = b"From: a@acme.example\r\nSubject: =?x\r\n\tfolded  \r\n\r\n bytes \xff\xfe\r\n.\r\n\r\n"
    dovecot.append(user, raw)

    async def fetched() -> dict[int, bytes]:
        tls = trusting(str(authority / "ca.pem"))
        login = Login(name=user, password=PASSWORD)
        connection = await opened(mailbox(dovecot.port, security="tls", login=user), login, tls, 1024)
        await connection.select()
        found = await connection.fetch([1])
        connection.close()
        return found

    assert asyncio.run(fetched()) == {1: raw}


def test_a_server_that_goes_while_we_wait_is_lost_and_not_silent() -> None:
    def script(client: socket.socket) -> None:
        with client.makefile("rwb", buffering=0) as lines:
            lines.write(b"* OK\r\n")
            for answer in (b"* CAPABILITY IDLE\r\nA1 OK", b"A2 OK", b"* CAPABILITY IDLE\r\nA3 OK", b"+ idling"):
                lines.readline()
                lines.write(answer + b"\r\n")

    async def wait(port: int) -> None:
        connection = await enter(port)
        try:
            await connection.wait(20)
        finally:
            connection.close()

    with server(script) as port, pytest.raises(LostError):
        asyncio.run(wait(port))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"TAG NO [AUTHENTICATIONFAILED] no", ShutOutError),
        (b"TAG NO no", ShutOutError),
        (b"TAG NO [UNAVAILABLE] later", ThrottledError),
        (b"TAG NO [LIMIT] too many", ThrottledError),
        (b"* BYE closing\r\nTAG BAD", LostError),
        (b"TAG WHAT", LostError),
    ],
)
def test_a_refused_login_is_told_from_a_server_that_is_busy(answer: bytes, kind: type[MailboxError]) -> None:
    assert type(refused(answering({b"LOGIN": answer}))) is kind


def test_a_login_before_tls_is_not_let_happen() -> None:
    """PREAUTH would let whoever stands between keep STARTTLS away."""
    assert isinstance(refused(answering({}, greeting=b"* PREAUTH welcome"), security="starttls"), LostError)
    assert refused(answering({b"STARTTLS": b"TAG NO"}), security="starttls").reason == "starttls refused"


def test_plain_text_is_for_this_machine_alone() -> None:
    with pytest.raises(ShutOutError, match="this machine only"):
        asyncio.run(enter(143, host="192.0.2.1"))


def test_what_is_said_in_plain_text_after_the_go_ahead_is_no_answer() -> None:
    answers = {b"STARTTLS": b"TAG OK go on\r\n* CAPABILITY INJECTED\r\nA2 OK"}
    assert "plain text" in str(refused(answering(answers), security="starttls"))


def test_a_certificate_that_nobody_vouches_for_is_refused_with_what_to_do(dovecot: Dovecot) -> None:
    user = dovecot.add_user("unsure@example.com")
    box = mailbox(dovecot.port, security="tls", login=user, secret={"password": PASSWORD})
    with pytest.raises(ShutOutError, match=r"not trusted .* see mailboxes\.ca_file"):
        probe(box, MailboxSettings(), lambda: NOW)


@pytest.mark.parametrize(("host", "said"), [("127.0.0.1", "nothing answers"), ("no.such.invalid", "is not known")])
def test_a_server_that_is_not_there_is_named(host: str, said: str) -> None:
    with pytest.raises(LostError, match=said):
        asyncio.run(enter(1, host=host, security="tls"))
