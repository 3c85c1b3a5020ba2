"""What a message came with is kept in order, and no more than so much of it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from core.message import Channel, Envelope, InboundMessage
from core.mime import Headers
from core.provenance import MOST, provenance

WHEN = datetime(2026, 11, 23, tzinfo=UTC)
VALUES = st.builds(lambda text, times: text * times, st.text(max_size=9), st.integers(0, 2000))
FIELDS = st.lists(st.tuples(st.text("abc-", min_size=1, max_size=20), VALUES), max_size=20)


def test_smtp_comes_first_under_names_that_no_header_has() -> None:
    envelope = Envelope(
        mail_from="bounce@acme.example",
        rcpt_to=("otp@gw.example", "b@gw.example"),
        orcpt=("alice@example.com", ""),
        helo="mx.acme.example",
        peer="192.0.2.7",
    )
    kept = provenance(message(envelope), Headers(fields=(("from", "a@acme.example"), ("to", "alice@example.com"))))
    assert kept == (
        ("client address", "192.0.2.7"),
        ("client name", "mx.acme.example"),
        ("MAIL FROM", "bounce@acme.example"),
        ("RCPT TO", "otp@gw.example (ORCPT alice@example.com)"),
        ("RCPT TO", "b@gw.example"),
        ("from", "a@acme.example"),
        ("to", "alice@example.com"),
    )


@given(FIELDS)
def test_it_is_bounded_and_begins_as_the_headers_do(fields: list[tuple[str, str]]) -> None:
    kept = provenance(message(Envelope()), Headers(fields=tuple(fields)))
    assert sum(len(name) + len(value) for name, value in kept) <= MOST + 1
    assert [name for name, _ in kept] == [name for name, _ in fields][: len(kept)]
    assert all(v == value or value.startswith(v[:-1]) for (_, v), (_, value) in zip(kept, fields, strict=False))


def message(envelope: Envelope) -> InboundMessage:
    return InboundMessage(channel=Channel.EMAIL, door="smtp", received_at=WHEN, trace_id="t", envelope=envelope)
