"""A nonce stands for one content, at whichever node, until it may be forgotten."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from core.retention import horizon
from core.settings import RetentionSettings
from tests.shelves import Shelf

HOUR = timedelta(hours=1)


def bind(shelf: Shelf, nonce: str, content: str) -> bool:
    return shelf.store.nonces.stands_for(nonce, content, shelf.clock() + HOUR).result()


def test_it_stands_for_what_it_first_came_with_at_each_node(shelf: Shelf, other_node: Shelf) -> None:
    nonce = uuid.uuid4().hex
    assert bind(shelf, nonce, "a mail")
    assert [bind(node, nonce, "a mail") for node in (other_node, shelf)] == [True, True]
    assert [bind(node, nonce, "another") for node in (other_node, shelf)] == [False, False]
    assert bind(other_node, uuid.uuid4().hex, "another")


def test_of_many_contents_at_once_one_is_believed(shelf: Shelf, other_node: Shelf) -> None:
    nonce, nodes = uuid.uuid4().hex, (shelf, other_node) * 8
    with ThreadPoolExecutor(8) as pool:
        believed = list(pool.map(lambda place: bind(nodes[place], nonce, f"mail {place}"), range(16)))
    assert believed.count(True) == 1


def test_it_is_forgotten_once_its_signature_counts_no_more(shelf: Shelf) -> None:
    nonce = uuid.uuid4().hex
    bind(shelf, nonce, "a mail")
    forget(shelf)
    assert not bind(shelf, nonce, "another")
    shelf.clock.advance(2 * HOUR.total_seconds())
    forget(shelf)
    assert bind(shelf, nonce, "another")


def forget(shelf: Shelf) -> None:
    while shelf.store.purging.step(horizon(RetentionSettings(), shelf.clock())).result():
        pass
