"""Why: a message's page says what was found in it, why, for whom, by whom, and what became of it."""

import httpx
import pytest

from tests.gateway.web.console.conftest import Visits, sign_in
from tests.gateway.web.console.test_hostile_contents import send
from tests.running import Gateway

TEXT = "Hello, your Acme code is 481516. Your order 20931 of $149.00 is on its way. Call 0800 123456."


@pytest.fixture
def newest(gateway: Gateway, someone: str) -> str:
    """The address of somebody's newest message, as a page has it."""
    gateway.send(someone, TEXT, sender="Acme <no-reply@acme.example>")
    (found,) = gateway.api.get("/v1/messages", params={"identifier": someone}).json()["messages"]
    return f"/messages/{found['id']}"


def test_every_candidate_is_marked_where_it_stands_and_the_winner_says_why(visits: Visits, newest: str) -> None:
    page = visits.window(path=newest)
    page.get_by_role("heading", name="A code was found").wait_for()
    text = page.get_by_role("region", name="Text")
    assert text.locator("a.cand.won").inner_text() == "481516"
    assert {"481516", "20931", "149", "123456"} <= set(text.locator("a.cand").all_inner_texts())
    assert "code is 481516. Your order 20931 of" in text.inner_text(), "a rank stands in the text"
    rank = "element => getComputedStyle(element.nextElementSibling, '::after').content"
    assert text.locator("a.cand.won").evaluate(rank) == '"1"'
    text.locator("a.cand.won").click()
    assert page.url.endswith("#candidate-1")
    winner = page.locator("#candidate-1")
    assert winner.locator(".for").count() > 2
    assert winner.locator(".against").count() > 0
    assert page.locator("#candidate-2 .against").count() > 1


def test_it_says_whose_it_was_by_which_evidence_and_what_it_came_with(
    visits: Visits, newest: str, someone: str
) -> None:
    page = visits.window(path=newest)
    whose = page.get_by_role("region", name="For whom, from whom").inner_text()
    for said in (someone, "the To header", "Acme", "no-reply@acme.example", "not proven", "not signed"):
        assert said in whose
    page.get_by_text("Envelope").click()
    page.get_by_text("Headers").click()
    shown = page.locator("main").inner_text()
    for said in ("client address", "127.0.0.1", "RCPT TO", "otp@gw.example", "subject", "Your code"):
        assert said in shown


def test_the_trace_tells_what_happened_in_order(visits: Visits, newest: str, someone: str) -> None:
    first = visits.gateway.claim(someone, run_id="run-one")["claim"]
    visits.gateway.end(first["claim_id"], "release")
    second = visits.gateway.claim(someone, run_id="run-two")["claim"]
    visits.gateway.end(second["claim_id"], "accept")
    page = visits.window(path=newest)
    steps = page.get_by_role("region", name="Trace").locator("li").all_inner_texts()
    told = [
        next(word for word in ("Came in", "stored", "Claimed", "Handed", "Accepted", "Shown") if word in step)
        for step in steps
    ]
    order = [word for word in told if word != "Shown"]
    assert order == ["Came in", "stored", "Claimed", "Handed", "Claimed", "Accepted"]
    assert any("run-two" in step and "key admin" in step for step in steps)
    assert "accepted" in page.get_by_role("region", name="What became of it").inner_text()


def test_a_discreet_console_shows_the_code_nowhere_on_the_page(visits: Visits, someone: str) -> None:
    send(visits, someone, "481517 is your Acme code", "Your code is 481517.\nAgain: 481517 is the code.")
    page = visits.window(path=f"/history/messages?identifier={someone}")
    page.get_by_role("button", name="Discreet").click()
    assert "481517" not in page.locator("main").inner_text()
    page.get_by_role("link", name="Why").click()
    page.get_by_role("heading", name="A code was found").wait_for()
    page.get_by_text("Headers").click()
    assert "481517" not in page.locator("main").inner_text()
    page.locator(".winner .secret").click()
    assert "481517" in page.locator("main").inner_text()


def test_a_message_without_a_code_says_why_not(visits: Visits, someone: str) -> None:
    visits.gateway.send(someone, "Thank you for your order 8827119. Total: 49.90 EUR.")
    page = visits.window(path=f"/history/messages?identifier={someone}")
    page.get_by_role("link", name="Why").click()
    page.get_by_role("heading", name="No code was found").wait_for()
    assert "against the best" in page.locator(".verdict").inner_text()
    assert page.locator("#candidate-1 .against").count() > 0
    assert page.locator(".won").count() == 0


def test_a_link_that_no_run_may_have_says_how_to_allow_it(visits: Visits, someone: str) -> None:
    visits.gateway.send(someone, "Sign in: https://login.globex.example/magic?token=abcdef0123456789abcdef01")
    page = visits.window(path=f"/history/messages?identifier={someone}")
    page.get_by_role("link", name="Why").click()
    allow = f"otpgate identifiers allow {someone} --link-host login.globex.example"
    page.get_by_text(allow).wait_for()


def test_each_scope_sees_its_part(gateway: Gateway, newest: str, someone: str) -> None:
    values, body, header = ">481516<", "on its way", "otp@gw.example"
    for scopes, seen in (
        (("read",), ()),
        (("read", "claim"), (values,)),
        (("messages",), (body, header, values)),
        (("messages", "claim"), (values, body, header)),
    ):
        cookies = {"otpgate_session": sign_in(gateway, gateway.new_key(*scopes))}
        page = httpx.get(gateway.url + newest, cookies=cookies)
        assert page.status_code == 200
        assert someone in page.text
        for part in (values, body, header):
            assert (part in page.text) == (part in seen), (scopes, part)
    stranger = {"otpgate_session": sign_in(gateway, gateway.new_key("read", only=("*@other.example",)))}
    assert httpx.get(gateway.url + newest, cookies=stranger).status_code == 404
