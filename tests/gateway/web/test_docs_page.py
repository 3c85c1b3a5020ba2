"""`/docs` in a real browser."""

import shutil

import pytest

from tests.running import Gateway


def test_a_browser_shows_the_calls_and_asks_nobody_else(gateway: Gateway) -> None:
    api = pytest.importorskip("playwright.sync_api", reason="Playwright for Python (pip: playwright) is missing")
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("Chromium (apt: chromium) is missing")
    asked: list[str] = []
    complaints: list[str] = []
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(f"{gateway.url}/docs")
        page.get_by_text("/v1/claims", exact=True).first.wait_for()
        browser.close()
    assert all(url.startswith((gateway.url, "data:")) for url in asked)
    assert not complaints
