"""Looking back: every filter, by index; words of sealed subjects by opening a bounded number of rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.store import History, Page, State, browse
from core.store.history import MOST_OPENED
from tests.core.store.test_query_plans import assert_by_index, noted, plan
from tests.shelves import Shelf

FIELDS: dict[str, Any] = {
    "kind": "link",
    "channel": "sms",
    "run_id": "run-1",
    "senders": ("site.example",),
    "route": "forwarder",
    "author": "site.example",
    "source": "zapier",
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_filter_finds_what_it_names_and_leaves_out_the_rest(shelf: Shelf, someone: str, field: str) -> None:
    fields: dict[str, Any] = {"sender_domain": "site.example"} if field == "senders" else {field: FIELDS[field]}
    wanted = shelf.arrive(someone, **fields)
    shelf.arrive(someone)
    found = shelf.store.codes.history(history(shelf, someone, **{field: FIELDS[field]}), Page(limit=10))
    assert [code.id for code in found] == [wanted.id]


def test_any_proven_author_is_one_filter(shelf: Shelf, someone: str) -> None:
    proven = shelf.arrive(someone, author="acme.example")
    shelf.arrive(someone)
    found = shelf.store.codes.history(history(shelf, someone, author="*"), Page(limit=10))
    assert [code.id for code in found] == [proven.id]


def test_messages_are_found_by_the_same_filters_without_their_texts(shelf: Shelf, someone: str) -> None:
    for route in ("forwarder", "open"):
        message, _ = shelf.of(someone)
        whole = replace(message, route=route, subject="Hello", text="A long body", headers=(("to", someone),))
        shelf.store.messages.add([(whole, (), whole.id)]).result()
    (found,) = shelf.store.messages.history(history(shelf, someone, route="forwarder"), Page(limit=10))
    assert (found.subject, found.text, found.headers) == ("Hello", "", ())


def test_words_of_a_subject_are_found_whatever_their_case(shelf: Shelf, someone: str) -> None:
    wanted = shelf.arrive(someone, subject="Sign in to Acme")
    shelf.arrive(someone, subject="Your receipt")
    past = history(shelf, someone)
    leaf = browse(lambda page: shelf.store.codes.history(past, page), Page(limit=10), "SIGN in")
    assert [code.id for code in leaf.rows] == [wanted.id]
    assert (leaf.opened, leaf.cut, leaf.following) == (2, False, None)


@pytest.mark.parametrize("state", State)
def test_every_filter_goes_by_index(shelf: Shelf, someone: str, state: State) -> None:
    code = shelf.arrive(someone)
    wanted = History(now=shelf.clock(), state=state, since=code.received_at, until=shelf.clock(), **FIELDS)
    with noted(shelf.store.reader) as asked:
        shelf.store.codes.history(wanted, Page(limit=50))
        shelf.store.codes.history(replace(wanted, identifier=someone), Page(limit=50, only=["*@example.com"]))
        shelf.store.codes.history(History(now=wanted.now), Page(limit=50, before=(wanted.now, "code_x")))
        shelf.store.messages.history(wanted, Page(limit=50))
        shelf.store.audit.of_message(code.message_id)
    assert_by_index(shelf, asked)


def test_a_page_deep_in_the_past_begins_there(shelf: Shelf, someone: str) -> None:
    code = shelf.arrive(someone)
    with noted(shelf.store.reader) as asked:
        shelf.store.codes.history(History(now=shelf.clock()), Page(limit=50, before=(code.received_at, code.id)))
    with shelf.store.reader.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert "SEARCH codes USING INDEX ix_codes_received_at" in plan(connection, *asked[0])


def test_figures_are_read_and_tidied_by_index(shelf: Shelf) -> None:
    shelf.store.figures.put("a", shelf.clock(), {("messages", "smtp"): 1}).result()
    with noted(shelf.store.reader, shelf.store.writer._engine) as asked:  # noqa: SLF001 - what it really asks
        shelf.store.figures.since(shelf.clock(), timedelta(minutes=1))
        shelf.store.figures.last_seen()
        shelf.store.figures.sum_up(shelf.clock()).result()
    assert_by_index(shelf, asked)


@dataclass(frozen=True)
class Line:
    """A row of a long list."""

    id: str
    received_at: datetime
    subject: str


def lines(count: int) -> Callable[[Page], list[Line]]:
    """A list of so many rows, newest first, as a store would read it."""
    begin = datetime(2026, 11, 23, tzinfo=UTC)
    rows = [Line(f"{n:06}", begin - timedelta(seconds=n), f"Subject {n:06}") for n in range(count)]

    def read(page: Page) -> list[Line]:
        first = next((n for n, row in enumerate(rows) if page.before == (row.received_at, row.id)), -1) + 1
        return rows[first : first + page.limit]

    return read


def test_a_search_stops_after_so_many_rows_and_goes_on_from_there() -> None:
    read = lines(MOST_OPENED + 100)
    leaf = browse(read, Page(limit=10), f"{MOST_OPENED + 50:06}")
    assert (leaf.rows, leaf.cut, leaf.opened) == ([], True, MOST_OPENED)
    rest = browse(read, Page(limit=10, before=leaf.following), f"{MOST_OPENED + 50:06}")
    assert [row.id for row in rest.rows] == [f"{MOST_OPENED + 50:06}"]
    assert not rest.cut


def test_pages_of_a_search_together_hold_every_match_once() -> None:
    read = lines(1200)
    leaf = browse(read, Page(limit=30), "7")
    found = [row.id for row in leaf.rows]
    while leaf.following:
        leaf = browse(read, Page(limit=30, before=leaf.following), "7")
        found += [row.id for row in leaf.rows]
    assert found == [f"{n:06}" for n in range(1200) if "7" in f"{n:06}"]


def history(shelf: Shelf, someone: str, **fields: Any) -> History:
    return History(now=shelf.clock(), identifier=someone, **fields)
