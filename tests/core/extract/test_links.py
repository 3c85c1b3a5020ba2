"""Links: the one that signs in, verifies, confirms or resets, exactly as it stands."""

from collections.abc import Callable

import pytest

from core.extract import links
from core.extract.result import Extracted, Kind

Find = Callable[..., Extracted]
TOKEN = "Kq81zP0aLx93Trw2mN5b"


def test_a_button_wins_over_logo_help_social_and_unsubscribe(find_in_mail: Find) -> None:
    right = f"https://click.lumen.example/f/a/{TOKEN}~~/AAQR?x=1&y=2"
    found = find_in_mail(
        "Lumen\nPlease confirm your email address.\nConfirm my email\nHelp center\nFacebook\nUnsubscribe",
        ("Lumen", "https://lumen.example/"),
        ("Confirm my email", right),
        ("Help center", f"https://help.lumen.example/{TOKEN}"),
        ("Facebook", "https://facebook.com/lumen"),
        ("Unsubscribe", f"https://lumen.example/unsubscribe?t={TOKEN}"),
        subject="Confirm your account",
    )
    assert (found.kind, found.value) == (Kind.LINK, right)


def test_the_link_that_cancels_is_not_the_link_that_signs_in(find_in_mail: Find) -> None:
    right = f"https://lumen.example/in/{TOKEN}"
    found = find_in_mail(
        "Sign in to Lumen\nThis wasn't me",
        ("Sign in to Lumen", right),
        ("This wasn't me", f"https://lumen.example/stop/{TOKEN}"),
        subject="Your sign-in link",
    )
    assert found.value == right


def test_a_password_reset_is_a_link(find_in_mail: Find) -> None:
    right = f"https://lumen.example/reset?token={TOKEN}"
    found = find_in_mail("Reset password", ("Reset password", right), subject="Reset your password")
    assert found.value == right


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "Tap to log in: https://lumen.example/l/0kT-77w. It works for 20 min.",
            "https://lumen.example/l/0kT-77w",
        ),
        ("Finish signing up: lumen.me/s/Q7x41p", "lumen.me/s/Q7x41p"),
        ("Verify your email (https://lumen.example/v/Q7x41p9)", "https://lumen.example/v/Q7x41p9"),
        ("Anmelden ohne Passwort: https://lumen.example/a?t=Rk41z8", "https://lumen.example/a?t=Rk41z8"),
        ("確認してください https://lumen.example/k/4Q4015、本日中", "https://lumen.example/k/4Q4015"),
        (
            "Confirm your address:\n<https://lumen.example/confirm/abcdefghijkl\nmnop0123456789>\n",
            "https://lumen.example/confirm/abcdefghijklmnop0123456789",
        ),
    ],
    ids=["full stop", "no scheme", "round brackets", "German", "Japanese", "wrapped in angle brackets"],
)
def test_a_bare_link_is_taken_without_what_surrounds_it(text: str, value: str, find_in_sms: Find) -> None:
    assert find_in_sms(text).value == value


def test_phishing_is_none(find_in_sms: Find) -> None:
    text = "Your parcel is on hold due to an unpaid fee of $2.99. Update your details: http://lumen-fee.top/pay"
    assert find_in_sms(text).kind is Kind.NONE


@pytest.mark.parametrize(
    "href",
    [
        "https://evil.example\\@bank.example/login",
        "https://user:pass@bank.example/verify",
        "https://bank.example@evil.example/verify",
        "javascript:alert(1)",
        "data:text/html,hello",
        "https://bank.example/a\x0db",
        "https://bank.example/a b",
        "https:///verify",
        "https://[bad/verify",
    ],
)
def test_links_that_browsers_may_read_otherwise_are_refused(href: str) -> None:
    assert not links.is_allowed(href)


def test_behind_redirectors_the_button_that_repeats_the_subject_beats_the_logo(find_in_mail: Find) -> None:
    click = "https://click.lumen.example/ss/c/u001.Hq7-4Zk2/4k1/9fQbR7/{}/h001.kP2"
    found = find_in_mail(
        "Lumen\nPress the button and you are in. It works once in the next 10 minutes.\nLog in to Lumen\nSettings",
        ("Lumen", click.format("h0")),
        ("Log in to Lumen", click.format("h1")),
        ("Settings", click.format("h2")),
        subject="Log in to Lumen",
    )
    assert found.value == click.format("h1")


def test_of_a_pair_that_asks_for_yes_or_no_the_yes_signs_in(find_in_mail: Find) -> None:
    ask = "https://secure.lumen.example/device/{}/QX-0447-b71e"
    found = find_in_mail(
        "A login waits on a new device (Kowloon, 22:05).\nNo, block it\nYes, log me in",
        ("No, block it", ask.format("no")),
        ("Yes, log me in", ask.format("ok")),
        subject="Confirm login from a new device",
    )
    assert found.value == ask.format("ok")
