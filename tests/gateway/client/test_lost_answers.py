"""Answers get lost on the way; no code does, and none is handed out twice."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from otpgate_client import OtpGate, OtpGateError, UnreachableError
from otpgate_client.running import RunningGateway
from tests.gateway.client.conftest import Connect
from tests.gateway.client.road import Road
from tests.running import CONFIG, Gateway


def codes(otpgate: RunningGateway, identifier: str) -> list[tuple[str, str]]:
    """Value and state of each code that the mailbox got, newest first."""
    headers = {"x-api-key": otpgate.key}
    answer = httpx.get(f"{otpgate.url}/v1/codes", params={"identifier": identifier}, headers=headers)
    return [(code["value"], code["state"]) for code in answer.raise_for_status().json()["codes"]]


@pytest.mark.parametrize("losing", ["/v1/cursors", "/v1/claims ", "/accept"])
def test_a_lost_answer_is_asked_for_again(
    losing: str, connect: Connect, otpgate: RunningGateway, road: Road
) -> None:
    mailbox = otpgate.address()
    road.losing, road.answers_to_lose = losing, 2
    with connect(road.url, otpgate.key).login(mailbox) as code:
        otpgate.send_mail(mailbox, "Your code is 482913.")
        otpgate.send_mail(mailbox, "Your code is 705526.")
        value = code.wait(10)
    assert value == "705526"
    assert codes(otpgate, mailbox) == [("705526", "accepted"), ("482913", "superseded")]
    assert len(road.lost) == 2


def test_a_lost_answer_to_reject_leaves_the_code_rejected(
    connect: Connect, otpgate: RunningGateway, road: Road
) -> None:
    mailbox = otpgate.address()
    road.losing, road.answers_to_lose = "/reject", 1
    with connect(road.url, otpgate.key).login(mailbox) as code:
        otpgate.send_mail(mailbox, "Your code is 482913.")
        code.wait(10)
        code.reject()
    assert codes(otpgate, mailbox) == [("482913", "rejected")]


def test_a_gateway_that_restarts_is_waited_for(serve: Callable[..., Gateway], road: Road, someone: str) -> None:
    """The request that was held is asked again of the next process, and again until that one is there."""
    before = serve()
    road.lead_to(before.url)
    with ThreadPoolExecutor(1) as elsewhere, OtpGate(road.url, before.key) as gate, gate.login(someone) as code:
        waiting = elsewhere.submit(code.wait, 40)
        before.stop()
        after = serve(CONFIG, before.data_dir)
        road.lead_to(after.url)
        after.send(someone, "Your code is 482913.")
        assert waiting.result(40) == "482913"
    assert after.api.get("/v1/codes", params={"identifier": someone}).json()["codes"][0]["state"] == "accepted"


def test_nobody_at_the_address_is_said_so_and_the_key_is_not(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("otpgate_client.conversation.PATIENCE", 0.3)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(UnreachableError, match="no gateway answers") as failed:
            connect(url, "a-secret-key").wait("user@example.com", 0)
    assert "a-secret-key" not in repr(failed.value)


def test_without_a_key_it_says_where_one_may_come_from(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTPGATE_KEY", raising=False)
    with pytest.raises(OtpGateError, match="OTPGATE_KEY"):
        connect("http://127.0.0.1:1", "")
