"""What is secret is sealed in the rows, opens with the right keys only, and changes keys while work goes on."""

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Table, create_engine, make_url, select, text, update

from core.errors import ConfigurationError
from core.migrations import migrate
from core.secrets import Key, UnsealableError, sealed_with
from core.store import Place, Store, keys_needed, open_store, sqlite_url
from core.store.rows import SEALED
from core.store.seals import seals
from core.store.tables import codes, messages
from core.totp import Secret
from core.waiting import Bell
from tests.shelves import KEY, Clock, Shelf

LONG_AGO = Clock().now.replace(year=2000)
NEW = Key(material=b"another key of the thirty-two by")
Open = Callable[[Sequence[Key]], Shelf]


@pytest.fixture(params=["sqlite", "postgresql"])
def open_with(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens a database of this test's own with some keys; a store before is closed."""
    url = sqlite_url(tmp_path / "own.db")
    if request.param == "postgresql":
        server = str(request.getfixturevalue("postgresql"))
        name = f"own_{uuid.uuid4().hex}"
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
    migrate(url)
    opened: list[Store] = []
    clock = Clock()

    def open_again(keys: Sequence[Key]) -> Shelf:
        while opened:
            opened.pop().close()
        bell = Bell()
        store = open_store(url, bell.ring, keys)
        opened.append(store)
        return Shelf(store=store, bell=bell, clock=clock)

    open_again.url = url  # type: ignore[attr-defined]  # where tests ask without opening
    yield open_again
    while opened:
        opened.pop().close()


def raw(store: Store, table: Table) -> list[str]:
    """Every sealed column's values as they stand in the database."""
    with store.reader.connect() as connection:
        rows = connection.execute(select(*(table.c[name] for name in SEALED[table.name])))
        return [value for row in rows for value in row]


def fill(shelf: Shelf, count: int) -> None:
    for number in range(count):
        message, code = shelf.of("a@example.com", f"{number:06}", subject="Your planted subject")
        message = replace(
            message,
            subject="Your planted subject",
            text="A planted body",
            value="https://planted.example/confirm",
            candidates_text='[{"value": "planted"}]',
            headers=(("subject", "Your planted subject"),),
            alternative="A planted plain part",
        )
        shelf.store.messages.add([(message, (code,), message.id)]).result()
    shelf.store.totp.put("a@example.com", Secret(seed="JBSWY3DPEHPK3PXP"), shelf.clock()).result()


def test_every_secret_column_is_sealed_and_comes_back_as_it_was(open_with: Open) -> None:
    shelf = open_with([KEY])
    fill(shelf, 3)
    values = raw(shelf.store, messages) + raw(shelf.store, codes)
    assert all(value.startswith(sealed_with(KEY.id)) for value in values)
    message = shelf.store.messages.since(LONG_AGO)[0]
    assert (message.subject, message.text) == ("Your planted subject", "A planted body")
    assert message.value == "https://planted.example/confirm"
    assert message.candidates == ({"value": "planted"},)
    assert message.headers == (("subject", "Your planted subject"),)
    assert message.alternative == "A planted plain part"
    code = shelf.store.codes.of_message(message.id)[0]
    assert (code.value, code.subject) == ("000002", "Your planted subject")


def test_marks_are_kept_as_keyed_hashes_and_still_tell_repeats(open_with: Open) -> None:
    shelf = open_with([KEY])
    message, code = shelf.of("a@example.com")
    assert shelf.store.messages.add([(message, (code,), "the mark")]).result() == (True,)
    shelf = open_with([KEY])
    again, other = shelf.of("a@example.com")
    assert shelf.store.messages.add([(again, (other,), "the mark")]).result() == (False,)
    found = shelf.store.messages.by_mark("the mark")
    assert found is not None
    assert found.id == message.id
    with shelf.store.reader.connect() as connection:
        assert connection.execute(select(messages.c.mark)).scalars().all() != ["the mark"]


def test_a_value_copied_to_another_row_does_not_open(open_with: Open) -> None:
    """Whoever can write the database still cannot hand one identifier's code to another."""
    shelf = open_with([KEY])
    first, second = shelf.arrive("a@example.com", "111111"), shelf.arrive("b@example.com", "222222")

    def swap(connection: object) -> None:
        run = connection.execute  # type: ignore[attr-defined]  # the store's connection
        stolen = run(select(codes.c.value).where(codes.c.id == first.id)).scalar_one()
        run(update(codes).where(codes.c.id == second.id).values(value=stolen))

    shelf.store.writer.submit(swap).result()
    with pytest.raises(UnsealableError):
        shelf.store.codes.of_message(second.message_id)


def test_a_wrong_key_refuses_to_open_and_says_which_is_needed(open_with: Open) -> None:
    fill(open_with([KEY]), 1)
    with pytest.raises(ConfigurationError) as caught:
        open_with([NEW])
    assert KEY.id in str(caught.value)
    assert NEW.id in str(caught.value)
    assert keys_needed(open_with.url) == [KEY.id]  # type: ignore[attr-defined]  # as above


def test_a_new_database_needs_no_key_yet(open_with: Open) -> None:
    assert keys_needed(open_with.url) == []  # type: ignore[attr-defined]  # as above


def test_both_keys_are_needed_until_every_row_is_resealed(open_with: Open) -> None:
    fill(open_with([KEY]), 1)
    shelf = open_with([NEW, KEY])
    fill(shelf, 1)
    for alone in ([NEW], [KEY]):
        with pytest.raises(ConfigurationError):
            open_with(alone)
    shelf = open_with([NEW, KEY])
    assert shelf.store.resealing.older() == [KEY.id]
    assert not shelf.store.resealing.finish().result()
    rotate(shelf.store)
    assert shelf.store.resealing.older() == []
    assert len(open_with([NEW]).store.messages.since(LONG_AGO)) == 2


def rotate(store: Store, steps: int = 1_000_000) -> bool:
    """Some steps of a rotation; whether it came to its end."""
    place: Place | None = Place()
    while place and steps:
        place, changed = store.resealing.step(place)
        changed.result()
        steps -= 1
    return place is None and store.resealing.finish().result()


def test_after_a_rotation_nothing_is_sealed_with_the_old_key(open_with: Open) -> None:
    shelf = open_with([KEY])
    fill(shelf, 250)
    shelf.store.resealing.begin([NEW, KEY])
    assert shelf.store.resealing.left() == 501
    assert rotate(shelf.store)
    assert shelf.store.resealing.left() == 0
    values = raw(shelf.store, messages) + raw(shelf.store, codes)
    assert all(value.startswith(sealed_with(NEW.id)) for value in values)
    with shelf.store.reader.connect() as connection:
        assert connection.execute(select(seals.c.key_id)).scalars().all() == [NEW.id]
    shelf = open_with([NEW])
    assert shelf.store.totp.of("a@example.com")[0].secret.seed == "JBSWY3DPEHPK3PXP"


def test_an_interrupted_rotation_goes_on_where_rows_are_left(open_with: Open) -> None:
    shelf = open_with([KEY])
    fill(shelf, 250)
    shelf.store.resealing.begin([NEW, KEY])
    assert not rotate(shelf.store, steps=2)
    shelf = open_with([NEW, KEY])
    assert 0 < shelf.store.resealing.left() < 501
    assert rotate(shelf.store)
    assert {code.value for code in open_with([NEW]).store.codes.recent("a@example.com", LONG_AGO)} == {
        f"{number:06}" for number in range(250)
    }


def test_what_arrives_or_is_forgotten_during_a_rotation_is_right(open_with: Open) -> None:
    shelf = open_with([KEY])
    fill(shelf, 120)
    shelf.store.resealing.begin([NEW, KEY])
    stop = threading.Event()
    arrived: list[str] = []

    def arrive() -> None:
        while not stop.is_set() and len(arrived) < 300:
            arrived.append(shelf.arrive("b@example.com", f"9{len(arrived):05}").value)

    thread = threading.Thread(target=arrive)
    thread.start()
    finished = rotate(shelf.store)
    stop.set()
    thread.join()
    assert finished
    assert shelf.store.resealing.left() == 0
    kept = open_with([NEW]).store.codes.recent("b@example.com", LONG_AGO)
    assert sorted(code.value for code in kept) == sorted(arrived)


def test_a_row_that_changed_meanwhile_is_left_alone(open_with: Open) -> None:
    shelf = open_with([KEY])
    code = shelf.arrive("a@example.com", "111111")
    shelf.store.resealing.begin([NEW, KEY])
    forgotten = update(codes).where(codes.c.id == code.id).values(value="", subject="")
    place = Place(table="codes")
    blocked = threading.Event()
    shelf.store.writer.submit(lambda _: blocked.wait(5))
    shelf.store.writer.submit(lambda connection: connection.execute(forgotten).rowcount)
    _, changed = shelf.store.resealing.step(place)
    blocked.set()
    assert changed.result() == 0
    assert shelf.store.codes.of_message(code.message_id)[0].value == ""
