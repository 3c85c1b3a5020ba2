"""Signing in, staying, and leaving."""

from tests.gateway.web.console.conftest import Visits, serious_faults


def test_somebody_signs_in_with_an_api_key_and_out_again(visits: Visits) -> None:
    page = visits.window(None)
    page.get_by_label("API key").fill("otpgate_0123456789ab_wrong")
    page.get_by_role("button", name="Sign in").click()
    assert "no API key of this gateway" in page.get_by_role("alert").inner_text()
    page.get_by_label("API key").fill(visits.gateway.key)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Live").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("API key").wait_for()
    page.goto(visits.gateway.url)
    assert page.url.endswith("/sign-in")


def test_the_page_to_sign_in_on_has_no_serious_fault_of_accessibility(visits: Visits) -> None:
    assert serious_faults(visits.window(None)) == []
