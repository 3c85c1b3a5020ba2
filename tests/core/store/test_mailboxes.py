"""Mailboxes in the database: sealed, read on from where they were, and watched by one node at a time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import create_engine, text

from core.store import Mailbox, ReadUpTo
from tests.shelves import Shelf

PASSWORD = "a planted mailbox password"
LEASE = timedelta(seconds=6)


def mailbox(shelf: Shelf, address: str, **fields: Any) -> Mailbox:
    now = shelf.clock()
    known = Mailbox(
        address=address,
        host="imap.example.com",
        login=address,
        secret={"password": PASSWORD},
        contact_at=now,
        created_at=now,
        changed_at=now,
    )
    return replace(known, **fields)


def kept(shelf: Shelf, box: Mailbox) -> Mailbox:
    shelf.store.mailboxes.put(box).result()
    found = shelf.store.mailboxes.find(box.address, box.folder)
    assert found is not None
    return found


def test_what_opens_it_is_sealed_and_shown_nowhere(shelf: Shelf, someone: str, database_url: str) -> None:
    box = kept(shelf, mailbox(shelf, someone))
    assert box.secret == {"password": PASSWORD}
    assert PASSWORD not in repr(box)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        query = text("SELECT secret FROM mailboxes WHERE address = :address")
        secret = connection.execute(query, {"address": someone}).scalar_one()
    engine.dispose()
    assert secret.startswith("s1.")
    assert PASSWORD not in secret


def test_added_again_it_is_read_on_from_where_it_was_unless_it_is_another(shelf: Shelf, someone: str) -> None:
    store, place = shelf.store.mailboxes, ReadUpTo(uid_validity=7, last_uid=100)
    box = kept(shelf, mailbox(shelf, someone))
    store.move(box.id, place, shelf.clock(), arrived=True).result()
    again = kept(shelf, mailbox(shelf, someone, secret={"password": "another"}, uid_validity=7, last_uid=200))
    assert (again.id, again.place, again.secret["password"]) == (box.id, place, "another")
    assert again.arrived_at is not None
    elsewhere = kept(shelf, mailbox(shelf, someone, host="imap.example.org", uid_validity=8, last_uid=3))
    assert elsewhere.place == ReadUpTo(uid_validity=8, last_uid=3)
    assert store.find(someone, "Spam") is None


def test_a_renewed_grant_does_not_undo_that_it_was_added_anew(shelf: Shelf, someone: str) -> None:
    store = shelf.store.mailboxes
    old = kept(shelf, mailbox(shelf, someone))
    store.change_secret(old.id, {"password": "renewed"}, old.changed_at).result()
    found = store.find(someone, "INBOX")
    assert found is not None
    assert found.secret == {"password": "renewed"}
    new = kept(shelf, mailbox(shelf, someone, secret={"password": "new"}))
    store.change_secret(old.id, {"password": "renewed again"}, old.changed_at).result()
    assert store.find(someone, "INBOX") == new


def test_one_node_at_a_time_watches_it_and_another_takes_over(shelf: Shelf, someone: str) -> None:
    store = shelf.store.mailboxes
    box = kept(shelf, mailbox(shelf, someone))

    def held(node: str) -> bool:
        now = shelf.clock()
        return box.id in {one.id for one in store.hold(node, now, now + LEASE, 1000)}

    assert held("a")
    if shelf.store.writer.alone:
        return  # one process
    assert not held("b")
    shelf.clock.advance(5)
    assert held("a")
    shelf.clock.advance(5)
    assert not held("b")  # it was renewed
    shelf.clock.advance(2)
    assert held("b")  # it was not
    assert not held("a")
    store.release("b").result()
    assert held("a")
    store.release("a").result()


def test_a_node_watches_no_more_than_it_may(shelf: Shelf, someone: str) -> None:
    for number in range(3):
        kept(shelf, mailbox(shelf, f"{number}{someone}"))
    now = shelf.clock()
    held = shelf.store.mailboxes.hold("few", now, now + LEASE, 2)
    assert len(held) == 2
    assert {one.id for one in shelf.store.mailboxes.hold("few", now, now + LEASE, 2)} == {one.id for one in held}
    shelf.store.mailboxes.release("few").result()


def test_it_can_be_forgotten(shelf: Shelf, someone: str) -> None:
    box = kept(shelf, mailbox(shelf, someone))
    assert shelf.store.mailboxes.remove(someone, "INBOX").result()
    assert not shelf.store.mailboxes.remove(someone, "INBOX").result()
    assert box.id not in {one.id for one in shelf.store.mailboxes.all()}
