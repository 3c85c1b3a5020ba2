"""Signing in, staying, and leaving, in a browser."""

from collections.abc import Callable

from tests.conftest import Serve
from tests.gateway.web.console.conftest import Visits, serious_faults
from tests.running import Gateway

LOOPBACK = """
[console]
idle_seconds = 8
[log]
format = "json"
"""


def test_somebody_signs_in_with_an_api_key_and_out_again(visits: Visits) -> None:
    page = visits.window(None, path="/history?kind=code")
    page.get_by_label("API key").fill("otpgate_0123456789ab_wrong")
    page.get_by_role("button", name="Sign in").click()
    assert "no API key of this gateway" in page.get_by_role("alert").inner_text()
    assert serious_faults(page) == []
    page.get_by_label("API key").fill(visits.gateway.key)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="History").wait_for()
    assert page.url.endswith("/history?kind=code")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("API key").wait_for()
    page.goto(visits.gateway.url)
    assert page.url.endswith("/sign-in")


def test_the_navigation_leads_to_every_page_and_says_where_one_is(visits: Visits) -> None:
    page = visits.window()
    names = ["History", "Identifiers", "Test a message", "Operations", "Live"]
    for name in names:
        page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        page.locator(f'nav a[aria-current="page"]:text-is("{name}")').wait_for()
    assert page.url == f"{visits.gateway.url}/"


def test_who_is_away_is_signed_out_and_nothing_stays_on_the_screen(
    serve: Serve, visiting: Callable[[Gateway], Visits]
) -> None:
    """A touch keeps one in, the stream does not. Nobody comes from outside here: the cookie may be plain."""
    gateway = serve(LOOPBACK)
    visits = visiting(gateway)
    page = visits.window(None)
    page.get_by_label("API key").fill(gateway.key)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#link[data-state=live]").wait_for()
    assert [cookie["secure"] for cookie in page.context.cookies()] == [False]
    gateway.push("away@example.com", "Your code is 482913")
    page.get_by_text("482913").wait_for()
    for _ in range(9):
        page.wait_for_timeout(1000)
        page.keyboard.press("Tab")
    assert page.get_by_text("482913").is_visible()
    page.wait_for_url("**/sign-in")
    assert page.get_by_text("482913").count() == 0
