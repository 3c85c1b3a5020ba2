"""What a mail server may send: understood, or the connection counts as lost; never anything else."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mailboxes.errors import LostError
from gateway.mailboxes.grammar import folder_name, moment, number
from gateway.mailboxes.wire import LONGEST_LINE, Reader, Response, fetched

LARGEST = 10_000


async def read_all(data: bytes) -> list[Response]:
    """Every response in some bytes, up to the end or to what cannot be understood."""
    stream = asyncio.StreamReader(limit=LONGEST_LINE)
    stream.feed_data(data)
    stream.feed_eof()
    reader, found = Reader(stream, LARGEST), list[Response]()
    try:
        while True:
            found.append(await reader.response(5))
    except LostError:
        return found


def read(data: bytes) -> list[Response]:
    return asyncio.run(read_all(data))


@given(
    st.binary(max_size=400) | st.text('*+A1 ()"\\{}[]<>FETCHUIDBODY\r\n0123456789', max_size=200).map(str.encode)
)
def test_whatever_bytes_come_are_responses_or_a_lost_connection(data: bytes) -> None:
    began = time.monotonic()
    for response in read(data):
        assert isinstance(response.status, object)
        fetched(response)
        response.number_of(b"EXISTS")
    assert time.monotonic() - began < 2


@given(st.binary(max_size=2_000), st.integers(1, 2**32 - 1))
def test_a_mail_of_any_bytes_is_fetched_as_it_is(body: bytes, uid: int) -> None:
    line = b"* 7 FETCH (UID %d FLAGS (\\Seen $x) BODY[]<0> {%d}\r\n" % (uid, len(body))
    (response,) = read(line + body + b' INTERNALDATE " 3-Nov-2026 10:00:00 +0130")\r\n')
    items = fetched(response)
    assert items[b"BODY[]<0>"] == body
    assert number(items[b"UID"]) == uid
    assert items[b"FLAGS"] == [b"\\Seen", b"$x"]
    assert moment(items[b"INTERNALDATE"]) == datetime(2026, 11, 3, 8, 30, tzinfo=UTC)


def test_a_literal_that_was_not_asked_for_and_an_endless_line_are_refused() -> None:
    assert read(b"* 1 FETCH (BODY[] {%d}\r\n" % (LARGEST + 1)) == []
    assert read(b"* 1 FETCH (BODY[] {99999999999}\r\n") != []  # no number of IMAP's: text, then the end
    assert read(b"* " + b"x" * (LONGEST_LINE + 10)) == []


def test_braces_at_the_end_of_a_servers_words_are_words() -> None:
    (response,) = read(b"* OK see {12}\r\n")
    assert response.status is not None


@given(st.binary(max_size=60) | st.none())
def test_a_time_that_is_none_is_none(value: bytes | None) -> None:
    found = moment(value)
    assert found is None or found.tzinfo is not None


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("INBOX", "INBOX"),
        ("R&D", "R&-D"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),  # RFC 3501, 5.1.3
    ],
)
def test_a_folders_name_is_sent_in_modified_utf_7(name: str, sent: str) -> None:
    assert folder_name(name) == sent
