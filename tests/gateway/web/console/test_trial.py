"""Test a message: pasted or dropped, it gets its verdict, and nothing is stored."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.gateway.web.console.conftest import Visits
from tests.running import Gateway

MAIL = (
    "From: Acme <no-reply@acme.example>\r\nTo: {}\r\nSubject: Your code\r\n"
    "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Your code is <b>493331</b></p><p>Order 20931</p>\r\n"
)
PASSING = {"sessions", "figures", "showings"}
"""What any visit writes."""


def test_a_pasted_mail_gets_its_verdict_and_nothing_is_stored(visits: Visits, someone: str) -> None:
    before = rows(visits.gateway)
    page = visits.window(path="/test")
    page.get_by_label("Message", exact=True).fill(MAIL.format(someone))
    page.get_by_label("Sent to").fill("otp@gw.example")
    page.get_by_role("button", name="Test message").click()
    page.get_by_role("heading", name="A code was found").wait_for()
    assert page.locator(".winner").inner_text().startswith("493331")
    assert page.get_by_role("region", name="Text").locator("a.cand.won").inner_text() == "493331"
    whose = page.get_by_role("region", name="For whom, from whom").inner_text()
    assert someone in whose
    assert "anybody could have sent it" in whose
    assert page.get_by_label("Message", exact=True).input_value().startswith("From: Acme")
    assert rows(visits.gateway) == before


def test_a_dropped_file_is_tested_at_once(visits: Visits, someone: str) -> None:
    page = visits.window(path="/test")
    drop = """([text]) => {
        const given = new DataTransfer();
        given.items.add(new File([text], "mail.eml", { type: "message/rfc822" }));
        const drop = new DragEvent("drop", { dataTransfer: given, bubbles: true });
        document.querySelector("form.trial").dispatchEvent(drop);
    }"""
    page.evaluate(drop, [MAIL.format(someone)])
    page.get_by_role("heading", name="A code was found").wait_for()
    page.get_by_text("Read as a mail, from mail.eml").wait_for()


def test_a_chosen_file_is_tested_by_the_button_and_not_before(
    visits: Visits, someone: str, tmp_path: Path
) -> None:
    file = tmp_path / "chosen.eml"
    file.write_text(MAIL.format(someone))
    for scripts in (True, False):
        page = visits.window(path="/test")
        if not scripts:
            page.context.route("**/*.js", lambda route: route.abort())
            page.reload()
        page.get_by_label("File").set_input_files(file)
        page.get_by_role("button", name="Test message").click()
        page.get_by_text("Read as a mail, from chosen.eml").wait_for()
        page.get_by_role("heading", name="A code was found").wait_for()


def test_a_long_text_is_tested_and_what_is_too_large_is_said_on_a_page(visits: Visits, tmp_path: Path) -> None:
    page = visits.window(path="/test")
    page.get_by_label("Message", exact=True).fill("Your code is 493331. " + "x" * 700_000)
    page.get_by_role("button", name="Test message").click()
    page.get_by_role("heading", name="A code was found").wait_for()
    file = tmp_path / "large.eml"
    file.write_bytes(b"x" * 1_500_000)
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Test message").click()
    assert "larger than" in page.get_by_role("alert").inner_text()
    page.get_by_role("heading", name="A code was found").wait_for()
    page.context.route("**/*.js", lambda route: route.abort())
    page.goto(f"{visits.gateway.url}/test")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Test message").click()
    page.get_by_role("heading", name="Request Entity Too Large").wait_for()
    page.get_by_role("link", name="Back to the page").click()
    page.get_by_role("button", name="Test message").wait_for()


def test_a_text_is_read_as_an_sms_and_one_without_a_code_says_why(visits: Visits) -> None:
    page = visits.window(visits.gateway.new_key("push"), path="/test")
    page.get_by_label("Message", exact=True).fill("G-493332 is your Google verification code.")
    page.get_by_role("button", name="Test message").click()
    page.get_by_text("Read as a text").wait_for()
    assert "493332" in page.locator(".winner").inner_text()
    page.get_by_label("Message", exact=True).fill("Thank you, see you at 14:30 on bus 1124.")
    page.get_by_role("button", name="Test message").click()
    page.get_by_role("heading", name="No code was found").wait_for()
    page.get_by_label("Message", exact=True).fill(" ")
    page.get_by_role("button", name="Test message").click()
    assert "paste a message" in page.get_by_role("alert").inner_text()


def test_a_secret_address_tells_its_owner_to_nobody_who_may_not_know(visits: Visits, someone: str) -> None:
    address = visits.gateway.api.put(f"/v1/identifiers/{someone}", json={}).json()["secret_address"]
    page = visits.window(visits.gateway.new_key("push", only=("*@other.example",)), path="/test")
    page.get_by_label("Message", exact=True).fill(MAIL.format("somebody@other.example"))
    page.get_by_label("Sent to").fill(address)
    page.get_by_role("button", name="Test message").click()
    page.get_by_role("heading", name="A code was found").wait_for()
    assert someone not in page.content()


def rows(gateway: Gateway) -> dict[str, int]:
    """How many rows each table holds."""
    with closing(sqlite3.connect(f"file:{gateway.data_dir}/otpgate.db?mode=ro", uri=True)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our own tables
            for name in names
            if name not in PASSING
        }
