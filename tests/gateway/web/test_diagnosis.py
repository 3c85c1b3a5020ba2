"""Every way to get nothing has its word, though a rival cause is there as well; the nearest miss wins."""

import time
from collections.abc import Callable

import pytest

from tests.running import Gateway

Arrange = Callable[[Gateway, str, str], dict[str, object]]


def nothing_arrived(gateway: Gateway, someone: str, cursor: str) -> dict[str, object]:
    """The rivals: an older code before the cursor, and one for somebody else, both of another sender."""
    gateway.send(f"x{someone}", "Your code is 482913", "no-reply@bank.example")
    return {"after": cursor, "sender": "acme.example"}


def arrived_without_code(gateway: Gateway, someone: str, cursor: str) -> dict[str, object]:
    """The rival: a code for somebody else."""
    gateway.send(someone, "Welcome, and thank you for reading this letter.")
    gateway.send(f"x{someone}", "Your code is 482913")
    return {"after": cursor}


def other_identifier(gateway: Gateway, someone: str, cursor: str) -> dict[str, object]:
    """The rival: a letter without a code, for a third."""
    gateway.send(f"x{someone}", "Your code is 482913")
    gateway.send(f"y{someone}", "Welcome.")
    return {"after": cursor, "sender": "acme.example"}


def before_cursor(gateway: Gateway, someone: str, cursor: str) -> dict[str, object]:
    """The rival: a code for somebody else after the cursor."""
    gateway.send(f"x{someone}", "Your code is 482914", "old@old.example")
    return {"after": cursor, "sender": "old.example"}


def claimed_by_another_run(gateway: Gateway, someone: str, cursor: str) -> dict[str, object]:
    """The rivals: a code of another sender, and a letter without one."""
    gateway.send(someone, "Your code is 482913")
    assert gateway.claim(someone, run_id="bob", after=cursor)["claim"]
    gateway.send(someone, "Your code is 482914", "no-reply@bank.example")
    gateway.send(someone, "Welcome.")
    return {"after": cursor, "sender": "acme.example"}


def filtered_by_sender(gateway: Gateway, someone: str, cursor: str) -> dict[str, object]:
    """The rivals: a letter without a code, and a code for somebody else."""
    gateway.send(someone, "Your code is 482914", "no-reply@bank.example")
    gateway.send(someone, "Welcome.")
    gateway.send(f"x{someone}", "Your code is 482913")
    return {"after": cursor, "sender": "acme.example"}


def filtered_by_host(gateway: Gateway, someone: str, cursor: str) -> dict[str, object]:
    """The rival: a code, where a link is wanted."""
    gateway.send(someone, "Sign in: https://click.acme.example/in?token=abcdefgh12345678")
    gateway.send(someone, "Your code is 482913")
    return {"after": cursor, "kinds": ["link"]}


def filtered_by_trust(gateway: Gateway, someone: str, cursor: str) -> dict[str, object]:
    """The rival: a link whose host nobody named."""
    gateway.send(someone, "Your code is 482913")
    gateway.send(someone, "Sign in: https://click.acme.example/in?token=abcdefgh12345678")
    return {"after": cursor, "min_trust": "route"}


def expired(gateway: Gateway, someone: str, cursor: str) -> dict[str, object]:
    """The rival: a fresh code of another sender."""
    gateway.send(someone, "Your code is 482913. It is valid for 1 second.")
    gateway.send(someone, "Your code is 482914", "no-reply@bank.example")
    time.sleep(1)
    return {"after": cursor, "sender": "acme.example"}


CASES = [
    (nothing_arrived, "nothing_arrived"),
    (arrived_without_code, "arrived_without_code"),
    (other_identifier, "other_identifier: x{someone}"),
    (before_cursor, "before_cursor"),
    (claimed_by_another_run, "claimed_by_another_run"),
    (
        filtered_by_sender,
        "filtered: by sender: one came from bank.example; to allow it, ask with --sender bank.example",
    ),
    (
        filtered_by_host,
        "filtered: by link host: a link leads to click.acme.example; allow it with: otpgate identifiers",
    ),
    (filtered_by_trust, "filtered: by trust: one has trust none, but route is asked for"),
    (expired, "expired"),
]


@pytest.mark.parametrize(("arrange", "diagnosis"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_it_says_why_there_is_nothing(gateway: Gateway, someone: str, arrange: Arrange, diagnosis: str) -> None:
    gateway.send(someone, "Your code is 111111", "old@old.example")
    fields = arrange(gateway, someone, gateway.cursor())
    answer = gateway.claim(someone, run_id="alice", **fields)
    assert answer["claim"] is None
    assert answer["diagnosis"].startswith(diagnosis.format(someone=someone))


def test_the_poll_says_the_same(gateway: Gateway, someone: str) -> None:
    cursor = gateway.cursor()
    gateway.send(someone, "Your code is 482914", "no-reply@bank.example")
    assert gateway.latest(someone, after=cursor, sender="acme.example")["diagnosis"].startswith(
        "filtered: by sender"
    )


def test_no_other_identifier_is_named_to_a_key_that_may_not_read_it(gateway: Gateway, someone: str) -> None:
    gateway.send(f"x{someone}", "Your code is 482913")
    with gateway.client(gateway.new_key("claim", only=(someone,))) as narrow:
        answer = narrow.post("/v1/claims", json={"identifier": someone})
    assert answer.json()["diagnosis"] == "other_identifier"


def test_what_a_stranger_wrote_is_safe_to_show_and_to_paste(gateway: Gateway, number: str) -> None:
    gateway.sms(number, "Your code is 482913", sender="$(rm -rf ~)\x1b[2J")
    diagnosis = gateway.claim(number, sender="+15005550006")["diagnosis"]
    assert "--sender '$(rm -rf ~)?[2J'" in diagnosis


def test_a_run_that_has_had_the_only_code_is_told_so(gateway: Gateway, someone: str) -> None:
    cursor = gateway.cursor()
    gateway.push(someone, "Your code is 482913")
    claim = gateway.claim(someone, run_id="alice", after=cursor)["claim"]
    gateway.end(claim["claim_id"], "accept")
    assert gateway.claim(someone, run_id="alice", after=cursor)["diagnosis"].startswith("before_cursor: this run")


def test_no_diagnosis_shows_a_value(gateway: Gateway, someone: str) -> None:
    cursor = gateway.cursor()
    gateway.send(someone, "Your code is 482913")
    gateway.send(someone, "Sign in: https://click.acme.example/in?token=abcdefgh12345678")
    for fields in ({"sender": "x.example"}, {"kinds": ["link"]}, {"min_trust": "author"}):
        diagnosis = gateway.claim(someone, after=cursor, **fields)["diagnosis"]
        assert "482913" not in diagnosis
        assert "abcdefgh" not in diagnosis
