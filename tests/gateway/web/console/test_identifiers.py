"""Identifiers: added, set up by the steps on their page, watched, and given a policy and authenticator codes."""

import base64
import smtplib
from email.message import EmailMessage

import httpx
import pyotp
import pytest

from tests.gateway.cli.test_totp import qr
from tests.gateway.web.console.conftest import Visits, copied, sign_in
from tests.running import Gateway

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LINK = "https://mail-settings.google.com/mail/vf-%5BANGjdJ8abc%5D-abcdef12345"


def test_somebody_adds_an_identifier_and_follows_its_steps(visits: Visits, someone: str) -> None:
    page = visits.window(path="/identifiers")
    page.get_by_label("Identifier").fill(someone)
    page.get_by_role("button", name="Add identifier").click()
    page.get_by_role("heading", name=someone).wait_for()
    address = page.locator(".secret-address code").inner_text()
    assert address == visits.gateway.api.get(f"/v1/identifiers/{someone}").json()["secret_address"]
    page.get_by_role("button", name="Copy the secret address").first.click()
    copied(page, address)
    for provider in ("Gmail", "Outlook and Microsoft 365", "Fastmail", "Cloudflare Email Routing"):
        page.locator("summary").get_by_text(provider).click()
        steps = page.locator("details.guide[open] ol").inner_text()
        assert address in steps
        assert someone in steps
        assert len(steps.splitlines()) >= 5


@pytest.mark.parametrize("local", ["a/../b", "..//a%2fb?c#d", "x/policy"])
def test_a_mailbox_with_a_slash_has_a_page_a_policy_secrets_and_an_end(
    visits: Visits, someone: str, local: str
) -> None:
    name = f"{local}.{someone}"
    page = visits.window(path="/identifiers")
    page.get_by_label("Identifier").fill(name)
    page.get_by_role("button", name="Add identifier").click()
    page.get_by_role("heading", name=name, level=1).wait_for()
    page.get_by_label("Senders").fill("acme.example")
    page.get_by_role("button", name="Save policy").click()
    page.get_by_label("Secret or otpauth:// address").fill(SECRET)
    page.get_by_role("button", name="Store secret").click()
    page.locator(".totp .secret").wait_for()
    page.goto(visits.gateway.url + "/identifiers")
    page.get_by_role("link", name=name).click()
    assert page.get_by_label("Senders").input_value() == "acme.example"
    assert (
        page.evaluate("fetch(document.getElementById('identifier').dataset.newestAt).then(r => r.status)") == 200
    )
    page.get_by_text("Remove this identifier").click()
    page.get_by_role("button", name=f"Remove {name}").click()
    page.get_by_role("heading", name="Identifiers").wait_for()
    registered = visits.gateway.api.get("/v1/identifiers").json()["identifiers"]
    assert name not in {one["identifier"] for one in registered}


def test_a_counters_code_has_no_picture_of_time_left(gateway: Gateway, someone: str) -> None:
    uri = f"otpauth://hotp/Acme:{someone}?secret={SECRET}&issuer=Acme&counter=3"
    assert gateway.api.put(f"/v1/totp/{someone}", json={"secret": uri}).is_success
    cookies = {"otpgate_session": sign_in(gateway, gateway.key)}
    page = httpx.get(f"{gateway.url}/identifiers/{someone}", cookies=cookies).text
    assert 'class="ring"' in page
    assert "Time left" not in page


def test_a_number_is_shown_twilios_steps_with_its_webhook(visits: Visits, number: str) -> None:
    page = visits.window(path="/identifiers")
    page.get_by_label("Identifier").fill(number)
    page.get_by_role("button", name="Add identifier").click()
    page.get_by_role("heading", name=number).wait_for()
    assert "https://otp.example.com/hooks/sms#rc=5&rp=all" in page.locator("details.guide[open]").inner_text()


def test_what_is_no_identifier_is_said_and_stays_in_the_field(visits: Visits) -> None:
    page = visits.window(path="/identifiers")
    page.get_by_label("Identifier").fill("nobody")
    page.get_by_role("button", name="Add identifier").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Identifier").input_value() == "nobody"


def test_gmails_confirmation_appears_on_the_open_page(visits: Visits, someone: str) -> None:
    address = register(visits.gateway, someone)
    page = visits.window(path=f"/identifiers/{someone}")
    confirm(visits.gateway, someone, address)
    link = page.get_by_role("link", name="Open the link at mail-settings.google.com")
    link.wait_for()
    assert link.get_attribute("href") == LINK
    assert "123456789" in page.get_by_role("region", name="Waiting for you").inner_text()
    assert "Secret address" in page.get_by_role("region", name="What came by whom").inner_text()
    assert page.url == f"{visits.gateway.url}/identifiers/{someone}"


def test_a_policy_is_kept_and_a_bad_one_is_said(visits: Visits, someone: str) -> None:
    register(visits.gateway, someone)
    page = visits.window(path=f"/identifiers/{someone}")
    page.get_by_label("Senders").fill("github.com\nacme.example")
    page.get_by_label("Link hosts").fill("click.acme.example")
    page.get_by_label("Trust needed").select_option("A proven route")
    page.get_by_role("button", name="Save policy").click()
    page.get_by_role("heading", name=someone).wait_for()
    kept = visits.gateway.api.get(f"/v1/identifiers/{someone}").json()
    assert kept["senders"] == ["github.com", "acme.example"]
    assert (kept["link_hosts"], kept["min_trust"]) == (["click.acme.example"], "route")
    page.get_by_label("Aliases").fill("no mailbox")
    page.get_by_role("button", name="Save policy").click()
    assert "aliases" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Aliases").input_value() == "no mailbox"


def test_a_pasted_secret_gives_the_code_of_the_moment_and_is_never_shown_again(
    visits: Visits, someone: str
) -> None:
    register(visits.gateway, someone)
    page = visits.window(path=f"/identifiers/{someone}")
    page.get_by_label("Secret or otpauth:// address").fill(f"otpauth://totp/GitHub:a?secret={SECRET}&period=2")
    page.get_by_label("Issuer").fill("GitHub")
    page.get_by_role("button", name="Store secret").click()
    shown = page.locator(".totp .secret bdi")
    first, codes = shown.inner_text(), pyotp.TOTP(SECRET, interval=2)
    assert codes.verify(first, valid_window=5)
    page.wait_for_function("first => document.querySelector('.totp bdi').textContent !== first", arg=first)
    assert codes.verify(shown.inner_text(), valid_window=5)
    assert SECRET not in page.content()
    page.locator(".totp summary").click()
    page.get_by_role("button", name="Remove the secret of GitHub").click()
    page.get_by_text("No secret is stored").wait_for()


def test_a_picture_of_a_qr_code_is_read(visits: Visits, someone: str) -> None:
    register(visits.gateway, someone)
    page = visits.window(path=f"/identifiers/{someone}")
    page.get_by_label("Or a picture of the QR code").set_input_files(
        {
            "name": "qr.png",
            "mimeType": "image/png",
            "buffer": qr(f"otpauth://totp/Acme:a?secret={SECRET}&issuer=Acme"),
        }
    )
    page.get_by_role("button", name="Store secret").click()
    code = page.locator(".totp .secret bdi").inner_text()
    assert pyotp.TOTP(SECRET).verify(code, valid_window=1)
    assert "Acme" in page.locator(".totp").inner_text()


def test_what_is_no_secret_is_said_without_it(gateway: Gateway, someone: str) -> None:
    register(gateway, someone)
    token = {"otpgate_session": sign_in(gateway, gateway.key)}
    csrf = httpx.get(f"{gateway.url}/identifiers", cookies=token).text.split('name="csrf-token" content="')[1]
    form = {"csrf": csrf.partition('"')[0], "secret": "not1base32!"}
    with_picture = {"picture": ("a.png", base64.b64decode("iVBORw0KGgo="), "image/png")}
    for sent in ({"data": form}, {"data": {**form, "secret": ""}}, {"data": form, "files": with_picture}):
        answer = httpx.post(f"{gateway.url}/identifiers/{someone}/totp", cookies=token, **sent)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
        assert "not1base32" not in answer.text


def test_it_is_removed_for_good(visits: Visits, someone: str) -> None:
    register(visits.gateway, someone)
    page = visits.window(path=f"/identifiers/{someone}")
    page.get_by_text("Remove this identifier").click()
    page.get_by_role("button", name=f"Remove {someone}").click()
    page.get_by_role("heading", name="Identifiers").wait_for()
    assert visits.gateway.api.get(f"/v1/identifiers/{someone}").status_code == 404


def test_a_key_that_only_stores_secrets_sees_no_secret_address(gateway: Gateway, someone: str) -> None:
    address = register(gateway, someone)
    gateway.api.put(f"/v1/totp/{someone}", json={"secret": SECRET})
    cookies = {"otpgate_session": sign_in(gateway, gateway.new_key("totp:write"))}
    page = httpx.get(f"{gateway.url}/identifiers/{someone}", cookies=cookies)
    assert page.status_code == 200
    assert address not in page.text
    assert "Codes are shown to API keys with scope claim" in page.text
    newest = httpx.get(f"{gateway.url}/identifiers/{someone}/newest", cookies=cookies)
    assert newest.json() == {"newest": ""}, "as the page has it, or it would be loaded anew for ever"


def register(gateway: Gateway, identifier: str) -> str:
    return str(gateway.api.put(f"/v1/identifiers/{identifier}", json={}).json()["secret_address"])


def confirm(gateway: Gateway, identifier: str, address: str) -> None:
    """What Gmail sends when it is told to forward somebody's mail to an address."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Gmail Team <forwarding-noreply@google.com>", address
    mail["Subject"] = "(#123456789) Gmail Forwarding Confirmation"
    mail["X-Google-Address-Confirmation"] = "abc"
    mail.set_content(f"{identifier} has requested to forward mail.\nConfirmation code: 123456789\n\n{LINK}\n")
    with smtplib.SMTP(*gateway.smtp, timeout=10) as client:
        client.send_message(mail, "forwarding-noreply@google.com", [address])
