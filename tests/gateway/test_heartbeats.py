"""A sender that falls silent is told of once, by one node, whatever restarts; so is its coming back."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core import journal
from core.configuration import load
from core.errors import ConfigurationError
from core.settings import HookSettings
from gateway.cli.hook_checkup import heartbeats
from gateway.heartbeats import HeartbeatWatch
from tests.shelves import Shelf

LIMIT = timedelta(minutes=15)


class Nodes:
    """Watches over one database, as several nodes have them, and what they tell."""

    def __init__(self, shelf: Shelf, hook: str) -> None:
        self.shelf, self.hook = shelf, hook
        self.told: list[str] = []
        self.running: list[HeartbeatWatch] = []
        self.warnings: dict[str, str] = {}

    def start(self) -> HeartbeatWatch:
        """One more node."""
        watch = HeartbeatWatch(self.shelf.store, self.shelf.clock, {self.hook: LIMIT}, self.warnings, look=0.02)
        watch.start()
        self.running.append(watch)
        return watch

    def stop(self) -> None:
        """Stop all nodes."""
        while self.running:
            self.running.pop().stop()

    def hear(self, event: str, fields: dict[str, object]) -> None:
        """Note what is told of the hook."""
        if event in {"hook_silent", "hook_heard_again"} and fields["hook"] == self.hook:
            self.told.append(event)


@pytest.fixture
def nodes(shelf: Shelf, number: str) -> Iterator[Nodes]:
    nodes = Nodes(shelf, f"phone{number}")
    with journal.told_to(nodes.hear):
        yield nodes
        nodes.stop()


def until(done: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def a_while() -> None:
    """Enough time for what must not come to come."""
    time.sleep(0.2)


def test_a_silence_is_told_once_by_one_of_two_nodes_and_so_is_its_end(nodes: Nodes) -> None:
    one, other = nodes.start(), nodes.start()
    until(lambda: one.heard_at(nodes.hook) > 0 and other.heard_at(nodes.hook) > 0)
    nodes.shelf.clock.advance(LIMIT.total_seconds() + 1)
    until(lambda: one.silent(nodes.hook) == other.silent(nodes.hook) == 1)
    a_while()
    assert nodes.told == ["hook_silent"]
    assert nodes.warnings[f"hooks.{nodes.hook}"].startswith("nothing heard since 2026-11-23T12:00:00")
    other.heard(nodes.hook)
    until(lambda: one.silent(nodes.hook) == other.silent(nodes.hook) == 0)
    a_while()
    assert nodes.told == ["hook_silent", "hook_heard_again"]
    assert nodes.warnings == {}
    nodes.shelf.clock.advance(LIMIT.total_seconds() + 1)
    until(lambda: len(nodes.told) == 3)


def test_a_silence_outlives_a_restart_and_is_not_told_again(nodes: Nodes) -> None:
    first = nodes.start()
    until(lambda: first.heard_at(nodes.hook) > 0)
    nodes.shelf.clock.advance(LIMIT.total_seconds() + 1)
    until(lambda: nodes.told == ["hook_silent"])
    nodes.stop()
    nodes.shelf.clock.advance(3600)
    second = nodes.start()
    until(lambda: second.silent(nodes.hook) == 1)
    nodes.shelf.clock.advance(3600)
    a_while()
    assert nodes.told == ["hook_silent"]


def test_what_was_heard_just_before_a_stop_is_not_forgotten(nodes: Nodes) -> None:
    first = nodes.start()
    until(lambda: first.heard_at(nodes.hook) > 0)
    nodes.shelf.clock.advance(600)
    first.heard(nodes.hook)
    at = nodes.shelf.clock.now
    nodes.stop()
    second = nodes.start()
    until(lambda: abs(second.heard_at(nodes.hook) - at.timestamp()) < 1)


def test_what_is_heard_again_at_once_counts_though_it_is_written_later(nodes: Nodes) -> None:
    watch = nodes.start()
    until(lambda: watch.heard_at(nodes.hook) > 0)
    nodes.shelf.clock.advance(600)
    watch.heard(nodes.hook)
    until(lambda: watch.heard_at(nodes.hook) > nodes.shelf.clock.now.timestamp() - 1)
    nodes.shelf.clock.advance(2)
    watch.heard(nodes.hook)
    a_while()
    nodes.shelf.clock.advance(LIMIT.total_seconds() - 1)
    a_while()
    assert nodes.told == []
    nodes.shelf.clock.advance(2)
    until(lambda: nodes.told == ["hook_silent"])


def test_after_a_start_senders_have_a_minute_to_be_heard(nodes: Nodes) -> None:
    """Nobody could be heard while the gateway was down."""
    first = nodes.start()
    until(lambda: first.heard_at(nodes.hook) > 0)
    nodes.stop()
    nodes.shelf.clock.advance(3600)
    second = nodes.start()
    until(lambda: second.heard_at(nodes.hook) > 0)
    a_while()
    assert nodes.told == []
    nodes.shelf.clock.advance(61)
    until(lambda: nodes.told == ["hook_silent"])


def test_another_hook_is_not_watched(nodes: Nodes) -> None:
    watch = nodes.start()
    watch.heard("unwatched")
    nodes.shelf.clock.advance(LIMIT.total_seconds() * 2)
    a_while()
    assert "unwatched" not in nodes.shelf.store.heartbeats.all()


@pytest.mark.parametrize(("written", "meant"), [("30s", 30), ("15m", 900), ("2h", 7200), ("1d", 86_400), ("", 0)])
def test_lengths_of_time_are_written_short(written: str, meant: int) -> None:
    hook = HookSettings.model_validate({"provider": "smsgate", "silent_after": written})
    assert hook.silent_after == timedelta(seconds=meant)
    assert "silent_after" not in hook.options()


@pytest.mark.parametrize("written", ['"15"', '"m"', '"-1m"', '"15 minutes"'])
def test_what_is_no_length_of_time_is_named(written: str, tmp_path: Path) -> None:
    file = tmp_path / "otpgate.toml"
    file.write_text(f'[hooks.phone]\nprovider = "smsgate"\nsigning_key = "x"\nsilent_after = {written}\n')
    with pytest.raises(ConfigurationError, match=r"hooks\.phone\.silent_after: .*15m"):
        load(file, {}, {})


def test_the_doctor_says_that_there_is_no_database_to_ask(tmp_path: Path) -> None:
    file = tmp_path / "otpgate.toml"
    file.write_text('[hooks.phone]\nprovider = "smsgate"\nsigning_key = "x"\nsilent_after = "15m"\n')
    settings = load(file, {}, {"server.data_dir": str(tmp_path / "nowhere")})
    assert [(found.what, found.state.value) for found in heartbeats(settings)] == [("heartbeats", "bad")]
