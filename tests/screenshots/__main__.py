"""Pictures of every page of the console, of a gateway with some life in it: `make screenshots`.

Light and dark, at 390 and 1440 px, into .cache/screenshots. `--readme` makes the three that the README shows.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.running import ROOT, Gateway
from tests.screenshots.demo import ALICE, demo_gateway, liven

FOLDER = ROOT / ".cache" / "screenshots"
README = {"live-light-1440": 1120, "why-dark-1440": 1120, "live-discreet-light-390": 390}
"""The pictures that the README shows, and how wide, in .github."""
WIDTHS = {1440: 900, 390: 844}
THEMES = ("light", "dark")
_COLOURS = 192


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One page: where it is, and what somebody does there before the picture is taken."""

    name: str
    path: str = "/"
    act: Callable[[Page], object] = lambda _: None
    signed_in: bool = True


def type_a_push(page: Page) -> None:
    """Somebody is about to push a code."""
    if page.get_by_role("link", name="Push a code").is_visible():
        page.get_by_role("link", name="Push a code").click()
    page.get_by_label("Identifier").first.fill(ALICE)
    page.get_by_label("Verification content").fill("Your Acme code is 482913. It is valid for 5 minutes.")
    page.locator("#preview .found").wait_for()


def be_discreet(page: Page) -> None:
    """Somebody shares the screen."""
    page.get_by_role("button", name="Discreet").click()


def open_first(page: Page, kind: str) -> None:
    """Somebody wants to know what was made of the newest message of a kind."""
    page.goto(f"{page.url.rstrip('/')}?kind={kind}")
    page.get_by_role("link", name="Why").first.click()
    page.get_by_role("heading", level=1).wait_for()


def try_a_message(page: Page) -> None:
    """Somebody tests what would be found."""
    page.get_by_label("Message", exact=True).fill("Your Acme code is 482913. Order 77120, call +1 555 010 0199.")
    page.get_by_role("button", name="Test message").click()
    page.get_by_role("heading", name="A code was found").wait_for()


SHOTS = (
    Shot(name="sign-in", path="/sign-in", signed_in=False),
    Shot(name="live"),
    Shot(name="live-pushing", act=type_a_push),
    Shot(name="live-discreet", act=be_discreet),
    Shot(name="history", path="/history"),
    Shot(name="history-messages", path="/history/messages"),
    Shot(name="why", path="/history/messages", act=lambda page: open_first(page, "code")),
    Shot(name="why-not", path="/history/messages", act=lambda page: open_first(page, "none")),
    Shot(name="identifiers", path="/identifiers"),
    Shot(name="identifier", path=f"/identifiers/{ALICE}"),
    Shot(name="test", path="/test"),
    Shot(name="test-verdict", path="/test", act=try_a_message),
    Shot(name="operations", path="/operations"),
    Shot(name="nothing-here", path="/messages/none"),
)


def picture(browser: Browser, gateway: Gateway, shot: Shot, width: int, theme: str) -> bytes:
    """One page in one size and one theme, whole."""
    size = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(viewport=size, color_scheme=theme, locale="en-GB")  # type: ignore[arg-type]  # a TypedDict
    context.set_default_timeout(10_000)
    page = context.new_page()
    if shot.signed_in:
        page.goto(gateway.url)
        page.get_by_label("API key").fill(gateway.key)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Live").wait_for()
    page.goto(gateway.url + shot.path)
    shot.act(page)
    page.mouse.move(2, 2)
    page.wait_for_timeout(400)  # what moves has come to rest
    taken = page.screenshot(full_page=True)
    context.close()
    return taken


def show_in_readme(name: str, width: int) -> None:
    """Put a picture into .github, its upper part, in as few bytes as it takes to look good."""
    whole = Image.open(FOLDER / f"{name}.png").convert("RGB")
    cut = whole.crop((0, 0, whole.width, min(whole.height, WIDTHS[whole.width])))
    sized = cut.resize((width, round(cut.height * width / cut.width)), Image.Resampling.LANCZOS)
    few = sized.quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(ROOT / ".github" / f"console-{name}.png", optimize=True)


def main() -> int:
    """Take them all."""
    options = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    options.add_argument("--readme", action="store_true", help="make the README's pictures too")
    options.add_argument("only", nargs="*", help="names of pages; none: every page")
    asked = options.parse_args()
    chromium = shutil.which("chromium")
    if not chromium:
        sys.stderr.write("Chromium (apt: chromium) is missing\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    shots = [shot for shot in SHOTS if not asked.only or shot.name in asked.only]
    with tempfile.TemporaryDirectory() as folder, demo_gateway(Path(folder)) as gateway, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        liven(gateway)
        for shot in shots:
            for width in WIDTHS:
                for theme in THEMES:
                    file = FOLDER / f"{shot.name}-{theme}-{width}.png"
                    file.write_bytes(picture(browser, gateway, shot, width, theme))
        browser.close()
    for name, width in README.items() if asked.readme else ():
        show_in_readme(name, width)
    sys.stdout.write(f"{len(shots) * len(WIDTHS) * len(THEMES)} pictures in {FOLDER.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
