"""What the client says, whatever comes back: without a socket, as generators."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otpgate_client import NothingArrived, UnreachableError
from otpgate_client import conversation as talk
from otpgate_client.address import reply_of
from otpgate_client.wanted import wanted

WANTED = wanted("user@example.com", {"sender": "acme.example"})
MADE = {"claim_id": "claim_1", "value": "482913", "kind": "code", "received_at": "2026-11-23T09:00:00Z"}
LOST, BUSY, LATER = talk.Reply(), talk.Reply(status=503), talk.Reply(status=429)
NOTHING = talk.Reply(status=200, body={"claim": None, "cursor": "cur_later", "diagnosis": "nothing_arrived"})
CLAIMED = talk.Reply(status=200, body={"claim": MADE})


def carry(conversation: talk.Conversation[Any], replies: list[talk.Reply]) -> tuple[Any, list[talk.Call]]:
    """The result of a conversation with these replies in turn, the last one for good; and the calls it made."""
    calls, coming = [], iter(replies)
    reply = talk.Reply()
    try:
        step = next(conversation)
        while True:
            if isinstance(step, talk.Call):
                calls.append(step)
                reply = next(coming, replies[-1])
            step = conversation.send(reply)
    except StopIteration as end:
        return end.value, calls


@given(st.lists(st.sampled_from([LOST, BUSY, LATER, NOTHING]), max_size=20))
def test_whatever_is_lost_every_request_names_the_same_run_and_cursor(replies: list[talk.Reply]) -> None:
    """Which is what makes the gateway give the same code again."""
    claim, calls = carry(talk.claim(WANTED, "cur_first", 60), [*replies, CLAIMED])
    asked = {(call.body["run_id"], call.body["after"], tuple(call.body["sender"])) for call in calls}
    assert (claim.id, claim.value) == ("claim_1", "482913")
    assert asked == {(WANTED.run_id, "cur_first", ("acme.example",))}
    assert all(0 <= call.body["wait"] <= 55 and call.timeout > call.body["wait"] for call in calls)


def test_nothing_in_time_is_said_with_the_last_diagnosis() -> None:
    with pytest.raises(NothingArrived, match="nothing_arrived") as failed:
        carry(talk.claim(WANTED, "", 0), [NOTHING])
    assert failed.value.diagnosis == "nothing_arrived"


@given(st.integers(min_value=200, max_value=599), st.binary(max_size=200))
def test_any_answer_of_anyone_ends_in_an_error_of_ours(status: int, body: bytes) -> None:
    """A proxy's page, a redirect, another program on that port; a gateway's answer has a body that says so."""
    reply = reply_of(httpx.Response(status, content=body))
    if status in {429, 502, 503, 504}:
        return
    with pytest.raises(UnreachableError, match="no otpgate"):
        carry(talk.end("claim_1", "accept"), [reply])


def test_no_call_shows_what_it_carries() -> None:
    _, calls = carry(talk.claim(WANTED, "cur_first", 60), [CLAIMED])
    assert "cur_first" not in repr(calls)
    assert "482913" not in repr(CLAIMED)
