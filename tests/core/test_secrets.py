"""Sealing: what a key sealed for one place opens with that key, in that place, and nowhere else."""

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError
from core.secrets import Key, Keyring, UnsealableError, new_key, parse_keys, read_keys, sealed_with, write_keys

OLD, NEW = Key(material=bytes(32)), Key(material=bytes(range(32)))
PLACE = ("codes", "value", "code_1")


def keyring(*keys: Key) -> Keyring:
    ring = Keyring(keys)
    ring.look_up = b"a look-up key"
    return ring


@given(st.text())
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    ring = keyring(NEW)
    assert ring.open(ring.seal(text, *PLACE), *PLACE) == text


def test_even_text_that_is_no_unicode_comes_out_as_it_went_in() -> None:
    ring = keyring(NEW)
    assert ring.open(ring.seal("a\ud800b\x00", *PLACE), *PLACE) == "a\ud800b\x00"


def test_the_same_text_is_sealed_differently_each_time_and_never_shows() -> None:
    ring = keyring(NEW)
    first, second = ring.seal("482913", *PLACE), ring.seal("482913", *PLACE)
    assert first != second
    assert "482913" not in first
    assert base64.b64encode(b"482913").decode() not in first


@pytest.mark.parametrize(
    "elsewhere",
    [("codes", "value", "code_2"), ("codes", "subject", "code_1"), ("messages", "value", "code_1")],
)
def test_a_value_moved_to_another_row_or_column_does_not_open(elsewhere: tuple[str, ...]) -> None:
    ring = keyring(NEW)
    with pytest.raises(UnsealableError, match="moved"):
        ring.open(ring.seal("482913", *PLACE), *elsewhere)


def test_a_changed_value_does_not_open() -> None:
    ring = keyring(NEW)
    head, _, payload = ring.seal("482913", *PLACE).rpartition(".")
    raw = base64.b64decode(payload)
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(UnsealableError):
            ring.open(f"{head}.{base64.b64encode(changed).decode()}", *PLACE)


@given(st.text(min_size=1))
def test_what_was_never_sealed_does_not_open(text: str) -> None:
    with pytest.raises(UnsealableError):
        keyring(NEW).open(text, *PLACE)


def test_any_key_opens_and_the_first_seals() -> None:
    old = keyring(OLD).seal("482913", *PLACE)
    both = keyring(NEW, OLD)
    assert both.open(old, *PLACE) == "482913"
    assert both.seal("482913", *PLACE).startswith(sealed_with(NEW.id))


def test_a_missing_key_is_named() -> None:
    with pytest.raises(UnsealableError) as caught:
        keyring(NEW).open(keyring(OLD).seal("482913", *PLACE), *PLACE)
    assert caught.value.key_id == OLD.id


def test_hashes_do_not_depend_on_which_key_seals() -> None:
    assert keyring(OLD).digest("mark") == keyring(NEW, OLD).digest("mark")
    assert keyring(OLD).digest("mark") != keyring(OLD).digest("another")


def test_neither_keys_nor_keyrings_show_what_they_are() -> None:
    key = new_key()
    assert key.text not in repr(key)
    assert repr(key.material) not in repr(key)
    assert key.id not in key.text


def test_a_key_file_is_its_owners_alone_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "encryption.key"
    write_keys(file, [NEW, OLD])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_keys(file) == [NEW, OLD]
    write_keys(file, [NEW])
    assert read_keys(file) == [NEW]
    assert [entry.name for entry in tmp_path.iterdir()] == ["encryption.key"]


def test_keys_are_read_in_both_alphabets_of_base64() -> None:
    key = Key(material=b"\xfb\xff" * 16)
    plain = base64.b64encode(key.material).decode()
    assert "/" in plain
    assert parse_keys(f"{plain}\n{key.text}\n") == [key, key]


@pytest.mark.parametrize("text", ["", "  \n", "c2hvcnQ=", "not base64!", "A" * 43, "ü" * 44])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "encryption.key"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_keys(file)
    assert str(file) in str(caught.value)
    assert not text.strip() or text.strip() not in str(caught.value)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read_keys(tmp_path / "encryption.key")
