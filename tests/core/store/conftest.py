"""What tests of the store share."""

from collections.abc import Iterator

import pytest

from tests.shelves import Shelf, open_shelf


@pytest.fixture
def other_node(shelf: Shelf, database_url: str) -> Iterator[Shelf]:
    """Another node on the same database, where the database takes several; else the same node."""
    if database_url.startswith("sqlite"):
        yield shelf
        return
    other = open_shelf(database_url, shelf.clock)
    yield other
    other.store.close()
