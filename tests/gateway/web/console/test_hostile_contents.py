"""Mails that attack the page: what they hold is shown as text, and nothing of it runs.

The windows themselves check that no script failed and that the Content-Security-Policy had nothing to stop.
"""

import smtplib
from email.message import EmailMessage

from tests.gateway.web.console.conftest import Visits

SUBJECT = '<script>window.ran = 1</script><img src=x onerror="window.ran = 1"> \u202egnp.exe {{ 7*7 }}'
BODY = (
    "Your code is 491111. <svg onload='window.ran = 1'><style>*{display:none}</style>\n"
    "javascript:window.ran=1 </pre></body> \u202e reversed \u2066 isolated \x1b[31m"
)
FOREIGN = "main script:not([type='application/json']), main img, main iframe, main style"
NAME = '"><script>window.ran = 1</script>'


def test_nothing_in_a_mail_runs_on_any_page(visits: Visits, someone: str) -> None:
    visits.gateway.push(someone, BODY, sender=NAME, source=NAME, run_id=NAME)
    send(visits, someone, SUBJECT, BODY)
    page = visits.window(path=f"/history/messages?identifier={someone}")
    assert "<script>window.ran = 1</script>" in page.locator("tbody").inner_text()
    assert page.locator("tbody .control").first.inner_text() == "RLO"
    links = page.get_by_role("link", name="Why")
    addresses = [str(links.nth(n).get_attribute("href")) for n in range(2)]
    for address in (*addresses, "/", f"/history?identifier={someone}", f"/identifiers/{someone}"):
        page.goto(visits.gateway.url + address)
        page.locator("main").wait_for()
        assert page.evaluate("window.ran") is None, address
        assert (
            page.locator("main script:not([type='application/json']), main img, main iframe, main style").count()
            == 0
        )
        hrefs = page.eval_on_selector_all("a[href]", "links => links.map(link => link.protocol)")
        assert set(hrefs) <= {"http:", "https:"}


def test_text_that_turns_around_is_isolated_and_named(visits: Visits, someone: str) -> None:
    send(visits, someone, SUBJECT, BODY)
    page = visits.window(path=f"/history/messages?identifier={someone}")
    page.get_by_role("link", name="Why").click()
    text = page.get_by_role("region", name="Text")
    assert text.locator(".control").all_inner_texts()[:2] == ["RLO", "LRI"]
    shown = page.locator("main").inner_text()
    assert "\u202e" not in shown
    assert "{{ 7*7 }}" in shown


def test_a_subject_of_a_megabyte_leaves_the_page_usable(visits: Visits, someone: str) -> None:
    mail = f"From: a@acme.example\r\nTo: {someone}\r\nSubject: {'x' * 1_000_000}\r\n\r\nYour code is 492222.\r\n"
    with smtplib.SMTP(*visits.gateway.smtp, timeout=10) as client:
        client.sendmail("a@acme.example", ["otp@gw.example"], mail)
    page = visits.window(path=f"/history/messages?identifier={someone}")
    assert "more characters)" in page.locator("tbody").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(page.content()) < 100_000
    page.get_by_role("link", name="Why").click()
    page.get_by_role("heading", name="A code was found").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(page.content()) < 200_000
    (told,) = visits.gateway.api.get("/v1/codes", params={"identifier": someone}).json()["codes"]
    assert told["subject"] == "x" * 998
    page.goto(visits.gateway.url)
    page.locator(".arrival", has_text="492222").wait_for()
    assert "xxx" not in page.content()


def test_a_confirmation_with_a_link_of_another_sort_is_no_link_on_the_page(visits: Visits, someone: str) -> None:
    send(
        visits,
        someone,
        "Gmail Forwarding Confirmation",
        "To confirm: javascript:window.ran=1//https://mail-settings.google.com/mail/vf-%5Babc%5D-def1234567",
        sender="forwarding-noreply@google.com",
        X_Google_Address_Confirmation="abc",
    )
    page = visits.window(path=f"/history/messages?identifier={someone}")
    page.get_by_role("link", name="Why").click()
    link = page.get_by_role("link", name="Open the link at mail-settings.google.com")
    assert str(link.get_attribute("href")).startswith("https://mail-settings.google.com/mail/vf-")
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_a_confirmation_without_a_link_of_gmails_says_so_and_shows_its_number(
    visits: Visits, someone: str
) -> None:
    send(
        visits,
        someone,
        "(#123456789) Gmail Forwarding Confirmation",
        "Confirmation code: 123456789. To confirm: https://mail-settings.evil.example/mail/vf-abc",
        sender="forwarding-noreply@google.com",
        X_Google_Address_Confirmation="abc",
    )
    page = visits.window(path=f"/history/messages?identifier={someone}")
    page.get_by_role("link", name="Why").click()
    verdict = page.locator(".verdict").inner_text()
    assert "No link of Gmail's was recognised in it" in verdict
    assert "forgotten" not in verdict
    assert "123456789" in verdict


def send(visits: Visits, identifier: str, subject: str, body: str, **headers: str) -> None:
    """Sends a mail; `sender` among the headers is its From."""
    mail = EmailMessage()
    mail["From"] = headers.pop("sender", "no-reply@acme.example")
    mail["To"], mail["Subject"] = identifier, subject
    for name, text in headers.items():
        mail[name.replace("_", "-")] = text
    mail.set_content(body)
    with smtplib.SMTP(*visits.gateway.smtp, timeout=10) as client:
        client.send_message(mail, "bounce@acme.example", ["otp@gw.example"])
