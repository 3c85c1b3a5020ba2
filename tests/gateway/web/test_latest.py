"""`GET /v1/codes/latest`: the newest fresh match, not consumed."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.running import Gateway, Json

CODE_FIELDS = """
    id identifier kind value channel sender sender_domain subject link_host route author evidence confidence source
    run_id workflow_id task_id received_at expires_at state message_id
"""


def test_it_shows_the_newest_and_consumes_nothing(gateway: Gateway, someone: str) -> None:
    gateway.push(someone, "Your code is 111111")
    gateway.push(someone, "Your code is 222222")
    shown = [gateway.latest(someone)["code"] for _ in range(2)]
    assert [code["value"] for code in shown] == ["222222", "222222"]
    assert set(shown[0]) == set(CODE_FIELDS.split())
    assert (shown[0]["state"], shown[0]["route"], shown[0]["author"]) == ("fresh", "key", None)
    assert shown[0]["received_at"].endswith("Z")


def test_with_nothing_there_it_says_why_and_from_where_to_ask_on(gateway: Gateway, someone: str) -> None:
    answer = gateway.latest(someone, after=gateway.cursor())
    assert answer["code"] is None
    assert answer["diagnosis"] == "nothing_arrived"
    assert gateway.latest(someone, after=answer["cursor"])["code"] is None


def test_after_a_cursor_only_what_came_later_counts(gateway: Gateway, someone: str) -> None:
    gateway.push(someone, "Your code is 111111")
    first = gateway.latest(someone)
    assert gateway.latest(someone, after=first["cursor"])["code"] is None
    gateway.push(someone, "Your code is 222222")
    assert gateway.latest(someone, after=first["cursor"])["code"]["value"] == "222222"


def test_it_waits_until_something_matches(gateway: Gateway, someone: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(gateway.latest, someone, wait=60, kind="code")
        time.sleep(0.2)
        gateway.push(someone, "https://acme.example/sign-in?token=abcdefgh")
        time.sleep(0.1)
        assert not waiting.done()
        gateway.push(someone, "Your code is 482913")
        assert waiting.result(60)["code"]["value"] == "482913"


def test_it_does_not_wait_longer_than_asked(gateway: Gateway, someone: str) -> None:
    began = time.monotonic()
    assert gateway.latest(someone, wait=0.3)["code"] is None
    assert 0.3 <= time.monotonic() - began < 10


def test_a_blank_parameter_is_one_that_was_not_sent(gateway: Gateway, someone: str) -> None:
    gateway.push(someone, "Your code is 482913")
    blank = "&kind=&after=&sender=&link_host=&min_trust=&wait="
    assert gateway.api.get(f"/v1/codes/latest?identifier={someone}{blank}").json()["code"]["value"] == "482913"


def by_mail(gateway: Gateway, identifier: str, sender: str) -> None:
    gateway.send(identifier, "Your code is 111111", sender)


def by_push(gateway: Gateway, identifier: str, sender: str) -> None:
    gateway.push(identifier, "Your code is 111111", sender=sender)


@pytest.mark.parametrize("arrive", [by_mail, by_push])
@pytest.mark.parametrize(
    ("sender", "matches"),
    [
        ("acme.example", True),
        ("ACME.example", True),
        ("@acme.example", True),
        ("no-reply@mail.acme.example", True),
        ("other.example,acme.example", True),
        ("+15550001111", True),
        ("other@mail.acme.example", False),
        ("me.example", False),
        ("example", True),
        ("bank.example", False),
    ],
)
def test_a_sender_filters_mail_by_domain_or_address(
    gateway: Gateway, someone: str, arrive: Callable[..., None], sender: str, *, matches: bool
) -> None:
    """A number or a bare word filters SMS only."""
    arrive(gateway, someone, "no-reply@mail.acme.example")
    assert (gateway.latest(someone, sender=sender)["code"] is not None) is matches


@pytest.mark.parametrize(
    ("sender", "matches"),
    [
        ("+1 500 555 0006", True),
        ("15005550006", False),
        ("acme.example", True),
        ("Acme", False),
        ("+15005550007", False),
    ],
)
def test_a_sender_filters_sms_by_number_or_name(
    gateway: Gateway, number: str, sender: str, *, matches: bool
) -> None:
    """A domain filters mail only."""
    gateway.sms(number, "Your code is 482913", sender="+15005550006")
    assert (gateway.latest(number, sender=sender)["code"] is not None) is matches


def test_an_sms_bound_to_a_host_matches_that_host(gateway: Gateway, number: str) -> None:
    gateway.sms(number, "Your code is 482913\n\n@acme.example #482913")
    assert gateway.latest(number, sender="acme.example")["code"] is not None
    assert gateway.latest(number, sender="bank.example")["code"] is None


def test_two_senders_are_ambiguous_until_one_is_named(gateway: Gateway, someone: str) -> None:
    gateway.send(someone, "Your code is 111111", "no-reply@mail.acme.example")
    gateway.send(someone, "Your code is 222222", "no-reply@login.acme.example")
    assert gateway.latest(someone)["code"]["value"] == "222222"
    gateway.send(someone, "Your code is 333333", "security@bank.example")
    answer = gateway.api.get("/v1/codes/latest", params={"identifier": someone})
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("ambiguous-code")
    assert answer.json()["senders"] == ["acme.example", "bank.example"]
    assert gateway.latest(someone, sender="acme.example")["code"]["value"] == "222222"


def test_numbers_are_never_ambiguous_but_names_are(gateway: Gateway, number: str) -> None:
    for sender in ("+15005550006", "+15005550007", "72345"):
        gateway.sms(number, "Your code is 111111", sender=sender)
    assert gateway.latest(number)["code"] is not None
    gateway.sms(number, "Your code is 222222", sender="Acme")
    gateway.sms(number, "Your code is 333333", sender="Bank")
    assert gateway.api.get("/v1/codes/latest", params={"identifier": number}).status_code == 409


def test_a_link_needs_a_host_that_was_expected(gateway: Gateway, someone: str) -> None:
    gateway.send(someone, "Sign in: https://click.acme.example/in?token=abcdefgh12345678")
    refused = gateway.latest(someone, kind="link")
    assert refused["code"] is None
    assert refused["diagnosis"].startswith("filtered: by link host")
    assert f"otpgate identifiers allow {someone} --link-host click.acme.example" in refused["diagnosis"]
    assert gateway.latest(someone, kind="link", link_host="bank.example")["code"] is None
    shown = gateway.latest(someone, kind="link", link_host="acme.example")["code"]
    assert (shown["kind"], shown["link_host"]) == ("link", "click.acme.example")


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.example/sign-in?token=abcdefgh12345678",
        "https://login.acme.example/magic?t=abc",
        "http://acme.example/e/c/482913?x=y",
        "https://u1.ct.mails.example/ls/click?upn=abc",
    ],
)
def test_a_bare_url_pushed_with_a_key_is_a_link_and_needs_no_host(
    gateway: Gateway, someone: str, url: str
) -> None:
    gateway.push(someone, f" {url}\n")
    found = gateway.latest(someone)["code"]
    assert (found["kind"], found["value"]) == ("link", url)


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "https://bank.example\\@evil.example/", "https://a@b.example/"]
)
def test_what_no_browser_and_program_read_alike_is_no_link(gateway: Gateway, someone: str, text: str) -> None:
    gateway.push(someone, text)
    assert gateway.latest(someone, kind="link")["code"] is None


def test_the_policy_of_an_identifier_may_name_the_host(gateway: Gateway, someone: str) -> None:
    gateway.api.put(f"/v1/identifiers/{someone}", json={"link_hosts": ["click.acme.example"]})
    gateway.send(someone, "Sign in: https://click.acme.example/in?token=abcdefgh12345678")
    assert gateway.latest(someone, kind="link")["code"] is not None


@pytest.mark.parametrize(("least", "found"), [("none", True), ("route", False), ("author", False)])
def test_min_trust_leaves_out_what_nobody_vouches_for(
    gateway: Gateway, someone: str, least: str, *, found: bool
) -> None:
    gateway.send(someone, "Your code is 482913")
    assert (gateway.latest(someone, min_trust=least)["code"] is not None) is found


def test_higher_trust_wins_over_newer(gateway: Gateway, someone: str) -> None:
    secret_address = gateway.api.put(f"/v1/identifiers/{someone}").json()["secret_address"]
    gateway.send(someone, "Your code is 111111", rcpt=secret_address)
    gateway.send(someone, "Your code is 222222")
    code = gateway.latest(someone)["code"]
    assert (code["value"], code["route"]) == ("111111", "secret-address")


@pytest.mark.parametrize(
    "query",
    [
        {"wait": "61"},
        {"wait": "-1"},
        {"wait": "nan"},
        {"wait": "soon"},
        {"after": "yesterday"},
        {"after": "cur_"},
        {"kind": "password"},
        {"min_trust": "much"},
        {"identifier": "nobody"},
        {"unknown": "1"},
        {"sender": "x" * 2000},
    ],
    ids=lambda query: "-".join(query) + str(next(iter(query.values())))[:9],
)
def test_what_cannot_be_understood_is_a_400_that_names_the_field(
    gateway: Gateway, someone: str, query: Json
) -> None:
    answer = gateway.api.get("/v1/codes/latest", params={"identifier": someone, **query})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert next(iter(query)) in answer.json()["detail"]
