"""Pushing a code by hand: what would be found shows while one types, and the button stores it at once."""

import pytest

from tests.gateway.web.console.conftest import Visits, copied
from tests.running import Gateway


@pytest.fixture
def key(gateway: Gateway, someone: str) -> str:
    """A key for one identifier alone."""
    return gateway.new_key("push", "read", "claim", only=(someone,))


def test_what_would_be_found_shows_with_its_reasons_and_the_button_stores_it(
    visits: Visits, gateway: Gateway, someone: str, key: str
) -> None:
    page = visits.window(key)
    page.get_by_label("Identifier").first.fill(someone)
    page.get_by_label("Verification content").fill("See you on Tuesday")
    page.get_by_text("No code would be found").wait_for()
    page.get_by_label("Verification content").fill("Your Acme code is 482913")
    preview = page.locator("#preview")
    preview.get_by_text("482913", exact=True).wait_for()
    reasons = preview.get_by_role("listitem").all_inner_texts()
    assert gateway.latest(someone)["code"] is None
    page.get_by_label("Run ID").fill("run-17")
    page.get_by_label("Workflow ID").fill("wf-1")
    page.get_by_label("Task ID").fill("task-1")
    page.get_by_role("button", name="Push code").click()
    page.get_by_text(f"Stored for {someone}").wait_for()
    arrived = page.locator(".arrival", has_text="482913")
    arrived.get_by_text("for run-17").wait_for()
    assert arrived.locator(".value").inner_text() == "482913"
    found = gateway.claim(someone, run_id="run-17")["claim"]
    assert (found["value"], found["workflow_id"], found["task_id"]) == ("482913", "wf-1", "task-1")
    assert found["source"] == "console"
    message = gateway.api.get(f"/v1/messages/{found['message_id']}").json()
    weighed = {f"+{one['weight']:.1f}{one['name']}" for one in message["candidates"][0]["reasons"]}
    assert len(reasons) == 3
    assert {"".join(said.split("\n")) for said in reasons} <= weighed


def test_what_is_wrong_is_said_where_it_is_wrong(visits: Visits, someone: str, key: str) -> None:
    page = visits.window(key)
    identifier, content = page.get_by_label("Identifier").first, page.get_by_label("Verification content")
    page.get_by_role("button", name="Push code").click()
    page.get_by_text("Fill in identifier").wait_for()
    identifier.fill("nobody")
    content.fill("482913")
    page.locator("#push-identifier-wrong").wait_for()
    assert identifier.get_attribute("aria-invalid") == "true"
    page.get_by_role("button", name="Push code").click()
    page.locator("#pushed.wrong").wait_for()
    identifier.fill(f"else.{someone}")
    page.get_by_text("not for this API key").first.wait_for()


def test_a_keyboard_is_enough(visits: Visits, gateway: Gateway, someone: str, key: str) -> None:
    """From the top of the page: skip to its content, fill the form, push, and copy what arrived."""
    page = visits.window(key)
    page.locator("#link[data-state=live]").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "push-identifier"
    page.keyboard.type(someone)
    page.keyboard.press("Tab")
    page.keyboard.type("482913")
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Push code"
    page.keyboard.press("Enter")
    page.locator(".arrival", has_text="482913").wait_for()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Copy the code for {someone}":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("Copied").wait_for()
    copied(page, "482913")
    assert gateway.latest(someone)["code"]["value"] == "482913"
