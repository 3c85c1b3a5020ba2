"""Operations: figures that outlive the process, who fell silent, and API keys that are shown once."""

import time

import httpx

from tests.conftest import Serve
from tests.gateway.web.console.conftest import Visits, sign_in
from tests.running import Gateway

CONFIG = """
[smtp]
domains = ["gw.example"]
[[trust.forwarders]]
name = "our mail server"
networks = ["127.0.0.0/8"]
[[trust.forwarders]]
name = "an old one"
domains = ["gone.example"]
[console]
idle_seconds = 8
[log]
format = "json"
"""


def test_figures_and_silent_forwarders_are_there_after_a_restart(serve: Serve) -> None:
    gateway = serve(CONFIG)
    for number in range(3):
        gateway.send("a@example.com", f"Your code is 49444{number}")
    gateway.claim("a@example.com", run_id="run-1")
    httpx.get(f"{gateway.url}/v1/codes", headers={"x-api-key": "wrong"})
    assert gateway.stop() == 0
    gateway = serve(CONFIG, data_dir=gateway.data_dir)
    cookies = {"otpgate_session": sign_in(gateway, gateway.key)}
    for span in ("hour", "day"):
        page = httpx.get(f"{gateway.url}/operations", params={"range": span}, cookies=cookies).text
        assert "Messages: 3 smtp; by door" in page
        assert "Mail to commit: Median at most" in page
        assert "Arrival to claim: Median at most" in page
        assert "unauthenticated" in page
        _, _, sources = page.partition('id="sources"')
        ours, _, old = sources.partition("an old one")
        assert ("our mail server" in ours, "silent" in ours) == (True, False)
        assert "silent" in old
    assert ends(gateway, "/operations?again=1"), "a page that loads itself anew keeps nobody signed in"


def test_a_chart_is_read_as_a_table_too(visits: Visits, someone: str) -> None:
    visits.gateway.push(someone, "Your code is 495551")
    page = visits.window(path="/operations")
    chart = page.locator("figure").filter(has=page.get_by_role("heading", name="Messages"))
    for _ in range(60):
        if chart.locator('svg[aria-label*="push"]').count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    chart.get_by_text("As a table").click()
    assert chart.locator("tbody tr").count() >= 1
    assert "push" in chart.locator("thead").inner_text()


def test_a_key_is_made_shown_once_and_revoked(visits: Visits) -> None:
    page = visits.window(path="/operations")
    page.get_by_text("Add a key").click()
    page.get_by_label("Name").fill("for zapier")
    page.get_by_role("checkbox", name="push").check()
    page.get_by_label("Only for").fill("*@acme.example\n*@other.example")
    page.get_by_role("button", name="Add key").click()
    made = page.locator(".made code").inner_text()
    (record,) = [k for k in visits.gateway.api.get("/v1/keys").json()["keys"] if k["name"] == "for zapier"]
    assert (record["scopes"], record["only"]) == (["push"], ["*@acme.example", "*@other.example"])
    assert push(visits.gateway, made) == 201
    page.goto(f"{visits.gateway.url}/operations")
    assert made not in page.content()
    row = page.locator("tr").filter(has_text="for zapier")
    row.locator("summary").click()
    row.get_by_role("button", name="Revoke for good").click()
    row.get_by_text("revoked").wait_for()
    assert push(visits.gateway, made) == 401


def test_a_key_without_scopes_is_not_made(visits: Visits) -> None:
    page = visits.window(path="/operations")
    page.get_by_text("Add a key").click()
    page.get_by_label("Name").fill("for nothing")
    page.get_by_role("button", name="Add key").click()
    assert "scopes" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Name").input_value() == "for nothing"


def test_somebody_who_may_only_read_sees_figures_and_no_keys(gateway: Gateway) -> None:
    cookies = {"otpgate_session": sign_in(gateway, gateway.new_key("read"))}
    page = httpx.get(f"{gateway.url}/operations", cookies=cookies)
    assert "Mail to commit" in page.text
    assert "API keys" not in page.text
    pushing = {"otpgate_session": sign_in(gateway, gateway.new_key("push"))}
    assert httpx.get(f"{gateway.url}/operations", cookies=pushing).status_code == 403


def push(gateway: Gateway, key: str) -> int:
    """The status of a push with that key."""
    body = {"identifier": "a@acme.example", "content": "Your code is 496661"}
    return httpx.post(f"{gateway.url}/v1/messages", json=body, headers={"x-api-key": key}).status_code


def ends(gateway: Gateway, path: str) -> bool:
    """Whether a session ends though a page is loaded again and again."""
    cookies, until = {"otpgate_session": sign_in(gateway, gateway.key)}, time.monotonic() + 60
    while time.monotonic() < until:
        if httpx.get(gateway.url + path, cookies=cookies).status_code != 200:
            return True
        time.sleep(0.5)
    return False
