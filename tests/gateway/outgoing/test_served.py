"""Webhooks as their users meet them: the command line, the HTTP API, and a gateway that is killed."""

import re
import sys
import time
from collections.abc import Callable

import pytest

from gateway.cli import main
from tests.gateway.outgoing.receiver import PATIENCE, Receiver
from tests.running import CONFIG, Gateway

Receivers = Callable[..., Receiver]
Otpgate = Callable[..., str]
QUICK = CONFIG + "\n[webhooks]\nanswer_seconds = 2\nfirst_pause = 0.05\nlongest_pause = 1\n"


@pytest.fixture(scope="module")
def served(serve: Callable[..., Gateway]) -> Gateway:
    """One gateway for these tests, which tries again soon."""
    return serve(QUICK)


@pytest.fixture
def otpgate(served: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Otpgate:
    """Calls `otpgate webhooks`; what it prints."""
    monkeypatch.setenv("OTPGATE_URL", served.url)
    monkeypatch.setenv("OTPGATE_KEY", served.key)

    def call(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["otpgate", "webhooks", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert not ended.value.code, printed.err
        return printed.out

    return call


def test_from_adding_one_to_replaying_what_it_missed(
    served: Gateway, otpgate: Otpgate, receiver: Receivers, someone: str
) -> None:
    mine = receiver(410)
    secret = otpgate("add", mine.url, "--only", someone, "--include-value").strip()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    served.push(someone, "Your Acme code is 482913")
    deadline = time.monotonic() + PATIENCE
    while not (failed := otpgate("failed").split("\t"))[1:]:
        assert time.monotonic() < deadline
    delivery, webhook, identifier, *_, reason = [cell.strip() for cell in failed]
    assert (identifier, reason, delivery) == (someone, "410", mine.received[0].id)
    assert "gone (410)" in otpgate("list")
    otpgate("resume", webhook)
    newer = otpgate("rotate", webhook).strip()
    mine.answers = [204]
    otpgate("replay", delivery)
    (event,) = mine.wait(bool)
    assert event.id == delivery
    for signing in (secret, newer):
        assert event.verified_by(signing)["data"]["value"] == "482913"
    otpgate("remove", webhook)
    assert otpgate("list") == ""
    lines = "".join(served.lines)
    assert "webhook_tried" in lines
    assert not any(hidden in lines for hidden in ("482913", secret, newer, mine.url))


def test_only_an_admin_may_and_secrets_are_shown_once(served: Gateway, receiver: Receivers, someone: str) -> None:
    body = {"url": receiver().url, "only": [someone], "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    with served.client(served.new_key("claim", "read", "messages", "push")) as other:
        for call in ("POST webhooks", "GET webhooks", "GET deliveries", "DELETE webhooks/webhook_1"):
            method, path = call.split()
            assert other.request(method, f"/v1/{path}", json=body).status_code == 403
    made = served.api.post("/v1/webhooks", json=body)
    assert (made.status_code, made.json()["secret"]) == (201, body["secret"])
    assert str(body["secret"]) not in served.api.get("/v1/webhooks").text
    assert served.api.delete(f"/v1/webhooks/{made.json()['id']}").status_code == 204
    assert served.api.delete(f"/v1/webhooks/{made.json()['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "url"),
        ({"url": "http://app.example.com/", "include_value": True}, "https"),
        ({"url": "https://a.example/", "secret": "whsec_short"}, "secret"),
        ({"url": "https://a.example/", "follow": True}, "follow"),
    ],
)
def test_what_cannot_be_is_refused_by_name(served: Gateway, body: dict[str, object], named: str) -> None:
    answer = served.api.post("/v1/webhooks", json=body)
    assert answer.status_code == 400
    assert named in answer.json()["detail"]


def test_a_list_that_is_long_goes_by_pages(served: Gateway, receiver: Receivers, someone: str) -> None:
    mine = receiver()
    webhook = served.api.post("/v1/webhooks", json={"url": mine.url, "only": [someone]}).json()["id"]
    for n in range(3):
        served.push(someone, f"Your Acme code is 4829{n:02}")
    mine.wait(lambda found: len(found) == 3)
    first = served.api.get("/v1/deliveries", params={"webhook": webhook, "limit": 2}).json()
    rest = served.api.get("/v1/deliveries", params={"webhook": webhook, "page": first["next"]}).json()
    ids = [one["id"] for one in (*first["deliveries"], *rest["deliveries"])]
    assert sorted(ids) == sorted(event.id for event in mine.received)
    served.api.delete(f"/v1/webhooks/{webhook}")


def test_a_gateway_killed_between_commit_and_delivery_delivers_after_its_restart(
    serve: Callable[..., Gateway], receiver: Receivers
) -> None:
    mine = receiver("hang")
    killed = serve(QUICK)
    secret = killed.api.post("/v1/webhooks", json={"url": mine.url, "include_value": True}).json()["secret"]
    values = [f"48291{n}" for n in range(5)]
    for value in values:
        killed.push(f"user{value}@example.com", f"Your Acme code is {value}")
    killed.api.close()
    killed.process.kill()  # some hang, some are not planned yet
    killed.reader.join(10)
    killed.process.wait(5)
    seen = {event.id for event in mine.received}
    mine.answers = [204]
    serve(QUICK, killed.data_dir)
    mine.wait(lambda found: {event.data["value"] for event in found} == set(values))
    assert all(event.verified_by(secret)["type"] == "code.received" for event in mine.accepted)
    assert seen <= {event.id for event in mine.accepted}
