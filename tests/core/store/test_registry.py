"""Registered identifiers: what is asked again is answered as it is now, whatever was answered before."""

from dataclasses import replace

from core.envelopes import new_secret_address
from core.store import Identifier
from tests.shelves import Shelf


def registered(shelf: Shelf, name: str, *aliases: str) -> Identifier:
    return Identifier(
        identifier=name, secret_address=new_secret_address(), aliases=aliases, created_at=shelf.clock()
    )


def test_what_was_unknown_is_known_once_it_is_registered_and_unknown_once_it_is_removed(
    shelf: Shelf, someone: str
) -> None:
    registry, record = shelf.store.registry, registered(shelf, someone, f"also-{someone}")
    for _ in range(2):
        asked = [registry.owner(someone), registry.owner(f"also-{someone}"), registry.get(someone)]
        assert [*asked, registry.by_secret_address(record.secret_address)] == [None] * 4
        registry.put(record).result()
        assert [registry.owner(someone), registry.owner(f"also-{someone}")] == [someone] * 2
        assert registry.get(someone) == record
        assert registry.get(f"also-{someone}") is None
        assert registry.by_secret_address(record.secret_address) == someone
        assert registry.remove(someone).result()


def test_a_changed_policy_counts_at_once(shelf: Shelf, someone: str) -> None:
    registry, record = shelf.store.registry, registered(shelf, someone, f"once-{someone}")
    registry.put(record).result()
    assert registry.get(someone) == record
    changed = replace(record, aliases=(f"now-{someone}",), senders=("acme.example",), min_trust="route")
    registry.put(changed).result()
    assert registry.get(someone) == changed
    assert [registry.owner(f"once-{someone}"), registry.owner(f"now-{someone}")] == [None, someone]
