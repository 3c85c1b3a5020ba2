"""`otpgate keys` and `otpgate identifiers`."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.gateway.cli.conftest import Client


def test_a_key_does_what_its_scopes_allow_until_it_is_revoked(client: "Client") -> None:
    made = client("keys", "add", "pusher", "--scope", "push", "--only", "*@acme.example", "--expires", "90d")
    assert made.code == 0
    key = {"OTPGATE_KEY": made.out.strip()}
    assert client("push", "a@acme.example", "Your code is 424242", **key).code == 0
    refused = client("wait", "a@acme.example", **key)
    assert refused.code == 1
    assert "lacks the scope" in refused.err
    listed = next(line for line in client("keys", "list").out.splitlines() if "\tpusher\t" in line)
    assert listed.split("\t")[2:5] == ["push", "*@acme.example", "live"]
    assert client("keys", "revoke", listed.split("\t")[0]).code == 0
    assert "does not know this key" in client("push", "a@acme.example", "hello", **key).err


@pytest.mark.parametrize("duration", ["90", "1y", "0d", "-1d"])
def test_a_duration_that_is_none_is_a_question_of_usage(client: "Client", duration: str) -> None:
    ended = client("keys", "add", "short", "--scope", "read", f"--expires={duration}")
    assert ended.code == 2
    assert "90d" in ended.err


@pytest.mark.parametrize(
    "scopes", [["--scope", "push", "claim"], ["--scope", "push", "--scope", "claim"], ["--scope=push,claim"]]
)
def test_several_scopes_are_written_in_any_way(client: "Client", scopes: list[str]) -> None:
    made = client("keys", "add", "both", *scopes, "--expires", "1d")
    assert made.code == 0
    key = {"OTPGATE_KEY": made.out.strip()}
    assert client("push", "several@acme.example", "Your code is 424242", **key).code == 0
    assert client("wait", "several@acme.example", **key).out.strip() == "424242"


def test_an_unknown_scope_is_answered_with_those_there_are(client: "Client") -> None:
    ended = client("keys", "add", "wrong", "--scope", "reed")
    assert ended.code == 1
    assert all(scope in ended.err for scope in ("push", "read", "claim", "messages", "totp:write", "admin"))


def test_a_registered_identifier_has_a_secret_address_and_keeps_what_it_had(client: "Client") -> None:
    who = "user+1@acme.example"
    address = client("identifiers", "add", who, "--alias", "alias@acme.example").out.strip()
    assert "@" in address
    assert client("identifiers", "allow", who, "--sender", "site.example").code == 0
    allowed = client("identifiers", "allow", "alias@acme.example", "--link-host", "click.site.example")
    assert "senders site.example; link hosts click.site.example; aliases alias@acme.example" in allowed.err
    assert f"secret address\t{address}" in client("identifiers", "show", who).out
    assert f"{who}\t{address}\t" in client("identifiers", "list").out
    assert client("identifiers", "remove", who).code == 0
    gone = client("identifiers", "show", who)
    assert (gone.code, gone.out) == (1, "")
    assert "check the spelling" in gone.err


def test_allowing_nothing_is_a_question_of_usage(client: "Client") -> None:
    assert client("identifiers", "allow", "a@acme.example").code == 2


def test_a_terminal_shows_a_table_with_headings(client: "Client") -> None:
    assert "scopes" in client.on_terminal("keys", "list")
