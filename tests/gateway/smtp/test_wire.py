"""What a peer sent becomes command lines and mails, however it was cut."""

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp.maildata import MailData, Room
from gateway.smtp.wire import READ_AHEAD, LineTooLongError, Wire

SESSION = b"EHLO a\r\nDATA\r\n..one\r\n.\r\nNOOP\nDATA\r\n.\r\nQUIT\r\n"


def new_wire() -> Wire:
    return Wire(max_line=20, resume=lambda: None)


async def read_session(wire: Wire, chunks: list[bytes]) -> list[bytes]:
    async def arrive() -> None:
        for chunk in chunks:
            wire.feed(chunk)
            await asyncio.sleep(0)
        wire.end()

    arriving = asyncio.create_task(arrive())
    heard: list[bytes] = []
    while not heard or heard[-1] != b"QUIT":
        heard.append(await wire.line())
        if heard[-1] == b"DATA":
            mail = MailData(max_bytes=100, max_line_bytes=100, room=Room(limit=1000))
            await wire.mail(mail)
            heard.append(mail.take())
    await arriving
    return heard


async def lines_until_it_fails(wire: Wire) -> list[bytes]:
    lines: list[bytes] = []
    with suppress(EOFError, LineTooLongError):
        while True:
            lines.append(await wire.line())
    return lines


@given(st.lists(st.integers(0, len(SESSION))))
def test_a_session_reads_alike_however_it_was_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(SESSION)]
    chunks = [SESSION[a:b] for a, b in pairwise(edges)]
    heard = asyncio.run(read_session(new_wire(), chunks))
    assert heard == [b"EHLO a", b"DATA", b".one\r\n", b"NOOP", b"DATA", b"", b"QUIT"]


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_any_bytes_end_in_lines_or_in_a_clear_error(chunks: list[bytes]) -> None:
    wire = new_wire()
    for chunk in chunks:
        wire.feed(chunk)
    wire.end()
    lines = asyncio.run(lines_until_it_fails(wire))
    assert all(len(line) <= 20 for line in lines)


def test_what_came_before_the_end_is_still_read() -> None:
    wire = new_wire()
    wire.feed(b"QUIT\r\nhalf a li")
    wire.end()
    assert asyncio.run(wire.line()) == b"QUIT"
    with pytest.raises(EOFError):
        asyncio.run(wire.line())


def test_a_mail_that_breaks_off_is_no_mail() -> None:
    wire = new_wire()
    wire.feed(b"Subject: a\r\n")
    wire.end()
    mail = MailData(max_bytes=100, max_line_bytes=100, room=Room(limit=1000))
    with pytest.raises(EOFError):
        asyncio.run(wire.mail(mail))
    assert not wire.in_mail


def test_it_says_when_too_many_commands_wait() -> None:
    wire = new_wire()
    wire.feed(b"N" * READ_AHEAD)
    assert not wire.full
    wire.feed(b"\n")
    assert wire.full
    wire.forget()
    assert not wire.full
