"""A link is judged by the host a browser would open (FACTS 25)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hosts import host_matches, judged_host

BANK = ["bank.example"]


@pytest.mark.parametrize(
    "url",
    [
        "https://bank.example",
        "https://bank.example/login?next=https://evil.example/",
        "http://www.bank.example:8443/x",
        "HTTPS://BANK.EXAMPLE./x#y",
        "https://bank\u3002example/full-stop-of-another-script",
        "https://a.b.bank.example/@evil.example",
    ],
)
def test_the_host_and_its_subdomains_come_out(url: str) -> None:
    assert host_matches(judged_host(url), BANK)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\@bank.example/",
        "https://bank.example@evil.example/",
        "https://bank.example:443@evil.example/",
        "https://bank.example.evil.example/",
        "https://evilbank.example/",
        "https://evil.example/?https://bank.example/",
        "https://evil.example#@bank.example/",
        "javascript:location='https://bank.example/'",
        "data:text/html,<a href=https://bank.example>",
        "https://b\u0430nk.example/",
        "https://bank.example\t.evil.example/",
        "https://evil.example\r\n.bank.example/",
        "//bank.example/",
        "https:/bank.example/",
        "https://%62ank.example/",
        "https://bank.example%2eevil.example/",
        "ftp://bank.example/",
        "https://*.bank.example/",
        "https:///bank.example/",
        "https://bank.example:99999999/",
        "",
    ],
)
def test_no_trap_comes_out_as_the_bank(url: str) -> None:
    assert not host_matches(judged_host(url), BANK)


def test_a_look_alike_is_shown_as_what_it_is() -> None:
    assert judged_host("https://b\u0430nk.example/") == "xn--bnk-6cd.example"


@pytest.mark.parametrize(
    "url",
    [
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Flogin.bank.example%2Fx%3Fa%3D1&data=05%7C02",
        "https://urldefense.proofpoint.com/v1/url?u=https%3A//bank.example/x&k=abc",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__www.bank.example_a-3Fb-3Dc&d=DwMF&c=x",
        "https://urldefense.com/v3/__https://www.bank.example/a*b__;Iw!!abc!def$",
        "https://urldefense.com/v3/__https:/www.bank.example/a__;!!abc!def$",
        "https://urldefense.us/v3/__https://bank.example/**A__;w6nDqA!!abc$",
        "https://x.safelinks.protection.outlook.com/?url=https%3A%2F%2Furldefense.com%2Fv3%2F__https%3A%2F%2Fbank.example%2F__%3B%21x%24",
    ],
)
def test_a_rewritten_link_is_judged_by_what_is_inside(url: str) -> None:
    assert host_matches(judged_host(url), BANK)


@pytest.mark.parametrize(
    "url",
    [
        "https://x.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2F",
        "https://x.safelinks.protection.outlook.com/?url=https%3A%2F%2Fbank.example&URL=https%3A%2F%2Fevil.example",
        "https://x.safelinks.protection.outlook.com/",
        "https://x.safelinks.protection.outlook.com.evil.example/?url=https%3A%2F%2Fbank.example",
        "https://urldefense.com/v3/__https://evil.example*@bank.example/__;Iw!!x$",
        "https://urldefense.com/v3/__https://bank.example/__;%!!x$",
        "https://urldefense.com/v3/",
        "https://urldefense.proofpoint.com/v2/url?u=javascript-3Abank.example",
    ],
)
def test_a_rewritten_link_to_elsewhere_is_elsewhere(url: str) -> None:
    assert not host_matches(judged_host(url), BANK)


def test_wrappers_in_wrappers_end() -> None:
    url = "https://bank.example/"
    for _ in range(9):
        url = "https://x.safelinks.protection.outlook.com/?url=" + "".join(f"%{ord(c):02X}" for c in url)
    assert judged_host(url) == ""


def test_an_address_matches_only_itself() -> None:
    assert host_matches(judged_host("http://192.0.2.1/"), ["192.0.2.1"])
    assert not host_matches(judged_host("http://3.192.0.2.1/"), ["192.0.2.1"])
    assert host_matches(judged_host("http://[2001:db8::1]:80/"), ["[2001:DB8::1]"])


def test_what_is_allowed_may_be_written_in_any_form() -> None:
    for written in ("Bank.Example", " bank.example. ", "*.bank.example"):
        assert host_matches("www.bank.example", [written])
    assert not host_matches("bank.example", ["", "example.bank", " "])
    assert not host_matches("", ["bank.example", ""])


@given(st.text(max_size=60))
def test_whatever_stands_before_the_bank_does_not_make_it_the_bank(text: str) -> None:
    host = judged_host(f"https://evil.example{text}bank.example/")
    assert not host_matches(host, BANK) or host.endswith(".bank.example")


@given(st.text(max_size=200))
def test_any_text_has_a_host_or_none(text: str) -> None:
    assert " " not in judged_host(text)
    assert judged_host("https://" + text).isascii()
