"""Live, as a person sees it: codes as they arrive, what vouches for them, who holds them, how long they last."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.gateway.web.console.conftest import PHONE, Visits, copied, serious_faults
from tests.running import Gateway

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts.push(entry.value);
}).observe({type: "layout-shift", buffered: true});
"""
FIRST_VIEW = """
[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter((entry) => !entry.name.includes("/v1/events"))
  .reduce((sum, entry) => sum + entry.transferSize, 0)
"""
LARGEST_FIRST_VIEW = 100_000


@pytest.fixture
def key(gateway: Gateway, someone: str) -> str:
    """A key for one identifier alone: what other tests do is not seen."""
    return gateway.new_key("push", "read", "claim", only=(someone,))


def live(visits: Visits, key: str, **how: object) -> "Page":
    """A window on Live that listens."""
    page = visits.window(key, **how)  # type: ignore[arg-type]  # what `window` takes
    page.locator("#link[data-state=live]").wait_for()
    return page


def row(page: "Page", text: str) -> "Locator":
    """The row that shows a text."""
    return page.locator(".arrival", has_text=text)


def test_a_mail_shows_in_two_windows_with_all_that_is_known_of_its_code(
    visits: Visits, gateway: Gateway, someone: str, key: str
) -> None:
    one, other = live(visits, key), live(visits, key, dark=True)
    assert one.get_by_text("No code has arrived yet").is_visible()
    gateway.send(someone, "Your Acme code is 111222.")
    gateway.send(someone, "Your Acme code is 482913. It is valid for 5 minutes.")
    for page in (one, other):
        arrived = row(page, "482913")
        arrived.wait_for()
        assert page.locator(".arrival .value").all_inner_texts() == ["482913", "111222"]
        for text in (someone, "no-reply@acme.example", "Open", "Code", "Email", "fresh"):
            assert arrived.get_by_text(text, exact=True).first.is_visible()
        assert re.fullmatch(r"(5:00|4:\d\d) left", arrived.locator(".left").inner_text())
    assert not one.get_by_text("No code has arrived yet").is_visible()
    claim = gateway.claim(someone, run_id="login-4711")["claim"]
    for page in (one, other):
        row(page, "482913").get_by_text("held by login-4711").wait_for()
        assert row(page, "482913").get_by_text("claimed").is_visible()
    gateway.end(claim["claim_id"], "accept")
    row(one, "482913").get_by_text("accepted").wait_for()
    row(one, "111222").get_by_text("superseded").wait_for()
    gateway.push(someone, "See you on Tuesday")
    one.locator("#latest").get_by_text("no code in it").wait_for()
    one.locator("#latest").get_by_role("link", name="Why?").click()
    one.get_by_role("heading", name="No code was found").wait_for()


def test_evidence_shows_on_hover_and_on_focus(visits: Visits, gateway: Gateway, someone: str, key: str) -> None:
    page = live(visits, key)
    gateway.push(someone, "Your code is 482913")
    badge = row(page, "482913").locator(".route")
    shown = "element => getComputedStyle(element, '::after').display"
    assert badge.evaluate(shown) == "none"
    badge.hover()
    assert badge.evaluate(shown) == "block"
    page.mouse.move(5, 5)
    badge.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert badge.evaluate(shown) == "block"
    assert "came by push" in badge.get_attribute("data-tip")  # type: ignore[operator]  # it has one


def test_a_click_copies_a_code_and_a_link_shows_its_host_and_is_copied_never_followed(
    visits: Visits, gateway: Gateway, someone: str, key: str
) -> None:
    url = "https://login.acme.example/magic?token=abcdef0123456789"
    gateway.push(someone, "Your code is 482913")
    gateway.push(someone, url)
    page = live(visits, key)
    page.get_by_role("button", name=f"Copy the code for {someone}").click()
    copied(page, "482913")
    page.get_by_role("status").get_by_text("Copied").wait_for()
    assert row(page, "login.acme.example").locator(".value").inner_text() == "login.acme.example"
    page.get_by_role("button", name=f"Copy the link for {someone}").click()
    copied(page, url)
    assert page.locator("a[href*=acme]").count() == 0


def test_a_discreet_console_masks_codes_until_they_are_pointed_at_or_clicked(
    visits: Visits, gateway: Gateway, someone: str, key: str
) -> None:
    gateway.push(someone, "Your code is 482913")
    page = live(visits, key)
    value = row(page, "482913").locator(".value")
    seen = "element => getComputedStyle(element.querySelector('bdi')).visibility"
    assert value.evaluate(seen) == "visible"
    page.get_by_role("button", name="Discreet").click()
    assert value.evaluate(seen) == "hidden"
    value.hover()
    assert value.evaluate(seen) == "visible"
    page.reload()  # the pointer rests where it was
    page.mouse.move(5, 5)
    assert value.evaluate(seen) == "hidden"
    gateway.push(someone, "Your code is 111222")
    new = row(page, "111222").locator(".value")
    new.wait_for(state="attached")
    assert new.evaluate(seen) == "hidden"
    new.click()
    page.mouse.move(5, 5)
    page.keyboard.press("Tab")
    assert new.evaluate(seen) == "visible"
    page.get_by_role("button", name="Discreet").click()
    assert value.evaluate(seen) == "visible"


def test_when_the_stream_breaks_the_page_asks_again_and_again_until_it_is_back(
    visits: Visits, gateway: Gateway, someone: str, key: str
) -> None:
    page = visits.window(key, path="/sign-in?next=/history")
    page.context.route("**/v1/events*", lambda route: route.abort())
    page.goto(gateway.url)
    page.get_by_text("Stream broken").wait_for()
    gateway.push(someone, "Your code is 482913")
    row(page, "482913").wait_for()
    page.context.unroute("**/v1/events*")
    page.get_by_text("Listening").wait_for()
    gateway.push(someone, "Your code is 111222")
    row(page, "111222").wait_for()
    assert page.locator(".arrival .value").all_inner_texts() == ["111222", "482913"]


def test_what_a_stranger_wrote_is_text_and_turns_nothing_around(
    visits: Visits, gateway: Gateway, someone: str, key: str
) -> None:
    page = live(visits, key)
    attack = '"><img src=x onerror=alert(1)><script>alert(2)</script>\u202e'
    gateway.push(someone, "Your code is 482913", sender=attack, run_id=attack, source=attack)
    row(page, "482913").wait_for()
    shown = row(page, "482913").locator(".sender").inner_text()
    assert shown == attack.replace("\u202e", "\ufffd")
    assert page.locator("#rows img, #rows script").count() == 0
    page.reload()
    row(page, "482913").wait_for()
    assert page.locator("#rows img, #rows script").count() == 0


def test_arrivals_shift_no_layout_and_the_first_view_is_light(
    visits: Visits, gateway: Gateway, someone: str, key: str
) -> None:
    for number in range(35):
        gateway.push(someone, f"Your code is {482900 + number}", source="zapier")
    page = visits.window(None)
    page.context.add_init_script(SHIFTS)
    page.goto(gateway.url)
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#link[data-state=live]").wait_for()
    assert page.locator(".arrival").count() == 30
    assert page.evaluate(FIRST_VIEW) < LARGEST_FIRST_VIEW
    page.evaluate("scrollTo(0, 300)")
    for number in range(3):
        gateway.push(someone, f"Your code is {111220 + number}")
    row(page, "111222").wait_for()
    page.wait_for_timeout(300)  # the frames in which they move
    assert sum(page.evaluate("window.shifts")) == 0


def test_what_arrives_moves_nothing_that_is_pointed_at_focused_or_scrolled_to(
    visits: Visits, gateway: Gateway, someone: str, key: str
) -> None:
    for number in range(20):
        gateway.push(someone, f"Your code is {482900 + number}")
    page = live(visits, key)
    more, top = page.get_by_role("button", name="new"), "element => element.getBoundingClientRect().top"
    read = row(page, "482919")
    read.get_by_role("button").hover()
    place = read.evaluate(top)
    for number in range(2):
        gateway.push(someone, f"Your code is {111220 + number}")
        page.get_by_role("button", name=f"{number + 1} new").wait_for()
    page.wait_for_timeout(300)  # the frames in which it would move
    assert read.evaluate(top) == place
    more.click()
    row(page, "111221").wait_for()
    assert page.locator(".arrival .value").all_inner_texts()[:3] == ["111221", "111220", "482919"]
    page.mouse.move(5, 5)
    gateway.push(someone, "Your code is 111222")
    row(page, "111222").wait_for()
    row(page, "111222").locator(".value").focus()
    page.keyboard.press("Tab")
    gateway.push(someone, "Your code is 111223")
    page.get_by_role("button", name="1 new").wait_for()
    assert row(page, "111223").count() == 0
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    row(page, "111223").wait_for()
    assert page.evaluate("document.activeElement.innerText") == "111223"
    page.evaluate("document.activeElement.blur(); scrollTo(0, 400)")
    page.wait_for_timeout(300)
    read = row(page, "482912")
    place = read.evaluate(top)
    gateway.push(someone, "Your code is 111224")
    row(page, "111224").wait_for()
    more.wait_for()
    page.wait_for_timeout(300)
    assert abs(read.evaluate(top) - place) < 1
    more.evaluate("element => element.click()")  # Playwright's own click may scroll, and then nothing is new
    page.wait_for_function("scrollY === 0")
    more.wait_for(state="hidden")


@pytest.mark.parametrize("dark", [False, True])
def test_it_has_no_serious_fault_of_accessibility_and_fits_a_phone(
    visits: Visits, gateway: Gateway, someone: str, key: str, *, dark: bool
) -> None:
    gateway.push(someone, "Your code is 482913", run_id="a-run-whose-name-is-rather-long-4711")
    gateway.push(someone, "https://a-rather-long-host-name.login.accounts.acme.example/magic?token=abcdef012345")
    gateway.end(
        gateway.claim(someone, run_id="a-run-whose-name-is-rather-long-4711")["claim"]["claim_id"], "accept"
    )
    page = live(visits, key, dark=dark)
    assert serious_faults(page) == []
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    page.get_by_role("link", name="Push a code").click()
    assert page.get_by_label("Identifier").first.is_visible()
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_times_are_the_viewers_and_the_exact_one_shows_on_hover(
    visits: Visits, gateway: Gateway, someone: str, key: str
) -> None:
    code = gateway.push(someone, "Your code is 482913")["codes"][0]
    gateway.end(gateway.claim(someone)["claim"]["claim_id"], "accept")
    page = live(visits, key, zone="Asia/Kolkata")
    time = row(page, "482913").locator("time")
    utc = code["received_at"]
    assert time.get_attribute("datetime") == utc
    hours, minutes = divmod(int(utc[11:13]) * 60 + int(utc[14:16]) + 330, 60)
    assert time.inner_text().startswith(f"{hours % 24:02}:{minutes:02}:")
    assert utc in (time.get_attribute("title") or "")
