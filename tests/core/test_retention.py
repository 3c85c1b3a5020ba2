"""What is due is forgotten, in small steps, and a repeat of what was forgotten still adds nothing."""

from datetime import timedelta

from core.retention import horizon, purge
from core.settings import RetentionSettings
from core.store import Showing
from tests.benchmarks.purging import claims, fill, purging
from tests.shelves import Desk, Shelf

SETTINGS = RetentionSettings()


def forget(shelf: Shelf) -> int:
    """Forget what is due by the shelf's clock."""
    return purge(shelf.store, horizon(SETTINGS, shelf.clock()))


def test_fresh_codes_are_not_touched(shelf: Shelf, someone: str) -> None:
    code = shelf.arrive(someone, "482913")
    assert forget(shelf) == 0
    assert [c.value for c in shelf.store.codes.recent(someone, code.received_at - timedelta(1))] == ["482913"]


def test_after_a_day_bodies_and_values_are_gone_and_the_rest_stays(shelf: Shelf, someone: str) -> None:
    code = shelf.arrive(someone, "482913")
    shelf.clock.advance(25 * 3600)
    assert forget(shelf) > 0
    message = shelf.store.messages.get(code.message_id or "")
    assert message is not None
    assert (message.text, message.subject, message.candidates) == ("", "", ())
    assert [c.value for c in shelf.store.codes.recent(someone, code.received_at - timedelta(1))] == [""]


def test_after_a_month_a_message_is_gone_and_its_repeat_adds_nothing(shelf: Shelf, someone: str) -> None:
    message, code = shelf.of(someone, "482913")
    assert shelf.store.messages.add([(message, (code,), message.id)]).result() == (True,)
    shelf.clock.advance(31 * 86400)
    forget(shelf)
    assert shelf.store.messages.get(message.id) is None
    assert shelf.store.messages.add([(message, (code,), message.id)]).result() == (False,)
    shelf.clock.advance(400 * 86400)
    forget(shelf)
    assert shelf.store.messages.add([(message, (code,), message.id)]).result() == (True,)


def test_who_was_shown_what_is_kept_for_over_a_year(shelf: Shelf, someone: str) -> None:
    def kept() -> bool:
        return any(row.identifier == someone for row in shelf.store.audit.newest(1000))

    shelf.store.audit.add(Showing(at=shelf.clock(), action="latest", result="shown", identifier=someone)).result()
    shelf.clock.advance(399 * 86400)
    forget(shelf)
    assert kept()
    shelf.clock.advance(2 * 86400)
    forget(shelf)
    assert not kept()


def test_claims_are_answered_while_much_is_forgotten(desk: Desk, someone: str) -> None:
    """`make bench` measures by how much later; that nobody waits for the end of it is seen here."""
    shelf = desk.shelf
    fill(shelf, 600, timedelta(days=40))
    with purging(shelf):
        answered = claims(desk, someone, 5)
    assert max(answered) < 2000
    assert forget(shelf) > 0
    assert forget(shelf) == 0
