"""Logs in where an email code, an SMS code and an authenticator's code are asked for; as often at once as you say.

    OTPGATE_KEY=… python playwright_login.py https://acme.example user@example.com +15551230000 4

Each login takes its turn: mails that ask for nothing but "your code" do not say which of four runs they are for.
"""

import asyncio
import os
import sys

from playwright.async_api import Page, async_playwright

from otpgate_client import AsyncOtpGate

QUIET = "--no-sandbox --disable-gpu --disable-quic --disable-background-networking --disable-component-update"


async def log_in(page: Page, gate: AsyncOtpGate, mailbox: str, number: str) -> None:
    """Three codes, each with one `login`; a step that the page does not reach rejects its code."""
    await page.get_by_label("Email").fill(mailbox)
    async with gate.login(mailbox, sender="acme.example", exclusive=True) as code:
        await page.get_by_role("button", name="Email me a code").click()
        await page.get_by_label("Code").fill(await code.wait())
        await page.get_by_role("button", name="Go on").click()
        await page.get_by_label("Phone").fill(number)
    async with gate.login(number, exclusive=True) as code:
        await page.get_by_role("button", name="Text me a code").click()
        await page.get_by_label("Code").fill(await code.wait())
        await page.get_by_role("button", name="Go on").click()
        await page.get_by_text("Your authenticator").wait_for()
    async with gate.login(mailbox, kind="totp") as code:
        await page.get_by_label("Code").fill(await code.wait())
        await page.get_by_role("button", name="Go on").click()
        await page.get_by_text("Welcome").wait_for()


async def main(site: str, mailbox: str, number: str, times: int) -> None:
    """Log in so many times side by side, each in a browser session of its own."""
    async with AsyncOtpGate() as gate, async_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM")  # Playwright's own unless named
        browser = await playwright.chromium.launch(executable_path=chromium, args=QUIET.split())

        async def one() -> None:
            page = await browser.new_page()
            await page.goto(site)
            await log_in(page, gate, mailbox, number)

        await asyncio.gather(*(one() for _ in range(times)))
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
