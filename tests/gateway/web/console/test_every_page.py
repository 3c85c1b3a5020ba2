"""Every page, for everyone: without serious faults for screen readers, without sideways scrolling, by keyboard."""

from typing import TYPE_CHECKING

import pytest

from tests.gateway.web.console.conftest import PHONE, Visits, serious_faults

if TYPE_CHECKING:
    from playwright.sync_api import Page

SOMEONE = "everyone@example.com"
PATHS = ["/history", "/history/messages", "/identifiers", f"/identifiers/{SOMEONE}", "/test", "/operations", "why"]
FOCUSABLE = "main a[href], main button, main input, main select, main textarea, main summary, main [tabindex='0']"
SHIFT = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def address(visits: Visits) -> str:
    """The address of a message's page; codes, a registered identifier and a secret are there as well."""
    api = visits.gateway.api
    found = api.get("/v1/messages", params={"identifier": SOMEONE}).json()["messages"]
    if not found:
        api.put(f"/v1/identifiers/{SOMEONE}", json={"senders": ["acme.example"]})
        api.put(f"/v1/totp/{SOMEONE}", json={"secret": "JBSWY3DPEHPK3PXP"})
        visits.gateway.send(SOMEONE, "Your code is 481516. Order 20931 of $149.00. Call 0800 123456.")
        found = api.get("/v1/messages", params={"identifier": SOMEONE}).json()["messages"]
    return f"/messages/{found[0]['id']}"


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_serious_and_a_phone_in_the_dark_shows_all_of_it(
    visits: Visits, address: str, path: str
) -> None:
    page = visits.window(path=path.replace("why", address))
    opened(page)
    assert serious_faults(page) == []
    width, height = PHONE
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it goes sideways"
    assert serious_faults(page) == []


def test_the_keyboard_alone_reaches_everything(visits: Visits, address: str) -> None:
    page = visits.window(path=address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    reached: set[str] = set()
    wanted = set(page.eval_on_selector_all(FOCUSABLE, "all => all.map((one, n) => one.dataset.n = String(n))"))
    for _ in range(len(wanted) + 20):
        page.keyboard.press("Tab")
        reached.add(str(page.evaluate("document.activeElement.dataset.n")))
    assert wanted <= reached


def test_nothing_moves_while_a_page_comes_up(visits: Visits, address: str) -> None:
    context = visits.browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="Asia/Tokyo")
    context.add_init_script(SHIFT)
    cookies = visits.pages or [visits.window()]
    context.add_cookies(cookies[0].context.cookies())  # type: ignore[arg-type]  # what one gives the other takes
    page = context.new_page()
    for path in PATHS:
        page.goto(visits.gateway.url + path.replace("why", address))
        page.wait_for_timeout(150)
        assert page.evaluate("window.shift") < 0.02, path
    context.close()


def test_an_address_where_nothing_is_has_a_page_for_who_is_signed_in_and_json_for_programs(visits: Visits) -> None:
    page = visits.window(path="/history/nothing")
    page.get_by_role("heading", name="Not found").wait_for()
    page.get_by_role("link", name="Back to the console").click()
    page.get_by_role("heading", name="Live").wait_for()
    missing = visits.gateway.api.get("/history/nothing")
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:otpgate:problem:not-found")


def opened(page: "Page") -> None:
    """Everything that can be opened on the page, opened: what is hidden has faults too."""
    page.evaluate("for (const one of document.querySelectorAll('details')) { one.name = ''; one.open = true; }")
