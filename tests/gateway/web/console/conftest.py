"""A real Chromium for the tests of the console, and people who are signed in to it."""

import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.running import Gateway

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

HERE = Path(__file__).parent
MODERATE = {"landmark-unique", "heading-order"}
"""Faults that are not serious, but that we do not have either."""
DESKTOP, PHONE = (1280, 800), (390, 844)
NO_PLAYWRIGHT, NO_CHROMIUM = (
    "Playwright for Python (pip: playwright) is missing",
    "Chromium (apt: chromium) is missing",
)
_ON_VIOLATION = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""


@dataclass(kw_only=True)
class Chromium:
    """One browser for all of these tests; it ends with the last of them, since its event loop is in the way."""

    playwright: "Playwright | None" = None
    browser: "Browser | None" = None

    def open(self) -> "Browser":
        """The browser, started when it is first asked for."""
        if self.browser is None:
            api = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT)
            program = shutil.which("chromium") or pytest.skip(NO_CHROMIUM)
            playwright: Playwright = api.sync_playwright().start()
            self.playwright = playwright
            arguments = ["--no-sandbox", "--disable-gpu"]
            self.browser = playwright.chromium.launch(executable_path=program, args=arguments)
        return self.browser

    def close(self) -> None:
        """End it."""
        if self.browser and self.playwright:
            self.browser.close()
            self.playwright.stop()
        self.playwright = self.browser = None


_CHROMIUM = Chromium()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None]:
    """Closes the browser behind the last of these tests."""
    yield
    if nextitem is None or HERE not in nextitem.path.parents:
        _CHROMIUM.close()


@dataclass(kw_only=True)
class Visits:
    """Windows of people who look at a gateway's console, and what their browsers complained about."""

    gateway: Gateway
    browser: "Browser"
    pages: "list[Page]" = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def window(
        self,
        key: str | None = "",
        *,
        size: tuple[int, int] = DESKTOP,
        dark: bool = False,
        path: str = "/",
        zone: str = "UTC",
    ) -> "Page":
        """A window of its own: signed in with a key (the admin key if none is named; None: not at all)."""
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale="en-GB",
            timezone_id=zone,
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(60_000)
        context.add_init_script(_ON_VIOLATION)
        if key is not None:
            cookie = sign_in(self.gateway, key or self.gateway.key)
            context.add_cookies([{"name": "otpgate_session", "value": cookie, "url": self.gateway.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda m: self.complaints.append(m.text) if "Security Policy" in m.text else None)
        page.goto(self.gateway.url + path)
        self.pages.append(page)
        return page

    def close(self) -> None:
        """Close every window; none may have run into the policy or into an error of a script."""
        for page in self.pages:
            self.complaints += page.evaluate("window.violations")
            page.context.close()
        assert self.complaints == []


@pytest.fixture
def visits(gateway: Gateway) -> Iterator[Visits]:
    """Windows on the gateway that all tests share."""
    opened = Visits(gateway=gateway, browser=_CHROMIUM.open())
    yield opened
    opened.close()


@pytest.fixture
def visiting() -> Iterator[Callable[[Gateway], Visits]]:
    """Windows on another gateway."""
    opened: list[Visits] = []

    def visit(gateway: Gateway) -> Visits:
        opened.append(Visits(gateway=gateway, browser=_CHROMIUM.open()))
        return opened[-1]

    yield visit
    for one in opened:
        one.close()


def copied(page: "Page", text: str) -> None:
    """Returns once that text is what was copied."""
    page.wait_for_function("async text => await navigator.clipboard.readText() === text", arg=text)


def sign_in(gateway: Gateway, key: str) -> str:
    """Signs in without a browser; the session's cookie."""
    answer = httpx.post(f"{gateway.url}/sign-in", data={"key": key})
    assert answer.status_code == 303, answer.text
    return SimpleCookie(answer.headers["set-cookie"])["otpgate_session"].value


def serious_faults(page: "Page") -> list[str]:
    """What axe finds on a page that is serious or critical (WCAG 2.2 A and AA), or `MODERATE`."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe (pip: axe-playwright-python) is missing"
    )
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in {"serious", "critical"} or one["id"] in MODERATE
    ]
