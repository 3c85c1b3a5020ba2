"""A session of the console: whose it is, what it may change, and when it ends. Without a browser."""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.access import SCOPES
from core.errors import InvalidRequestError
from gateway.web.console.entrance import onward
from gateway.web.happenings import event_id, event_number
from tests.gateway.web.console.conftest import sign_in
from tests.running import Gateway


def visitor(gateway: Gateway, key: str) -> httpx.Client:
    """A client that is signed in."""
    return httpx.Client(base_url=gateway.url, headers={"Cookie": f"otpgate_session={sign_in(gateway, key)}"})


def token(page: httpx.Response) -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf-token" content="([0-9a-f]{64})"', page.text)
    assert found, page.text[:500]
    return found[1]


@pytest.fixture
def alice(gateway: Gateway, someone: str) -> Iterator[httpx.Client]:
    """Somebody whose key may do everything with one identifier."""
    with visitor(gateway, gateway.new_key("push", "read", "claim", only=(someone,))) as client:
        yield client


def test_its_cookie_is_for_this_site_and_its_servers_eyes_only(gateway: Gateway) -> None:
    """The gateway is public, so no browser sends the cookie in the clear."""
    answer = httpx.post(f"{gateway.url}/sign-in", data={"key": gateway.key})
    cookie = SimpleCookie(answer.headers["set-cookie"])["otpgate_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["path"]) == (
        True,
        "Strict",
        True,
        "/",
    )
    assert not cookie["max-age"]
    assert len(cookie.value) >= 43
    assert gateway.key not in answer.headers["set-cookie"]


def test_a_browser_that_does_not_keep_it_is_told_how_to_come(gateway: Gateway) -> None:
    """Over plain HTTP to a public gateway: to httpx, unlike to browsers, this machine is no exception."""
    with httpx.Client(base_url=gateway.url, follow_redirects=True) as client:
        assert "by its https address" in client.post("/sign-in", data={"key": gateway.key}).text


def test_the_database_does_not_hold_it(gateway: Gateway) -> None:
    cookie = sign_in(gateway, gateway.key)
    files = gateway.data_dir.glob("otpgate.db*")
    assert not [file for file in files if cookie.encode() in file.read_bytes()]


def test_a_change_without_the_token_of_the_session_is_refused(alice: httpx.Client, someone: str) -> None:
    push = {"identifier": someone, "content": "Your code is 482913"}
    headers = {"Accept": "application/json"}
    assert alice.post("/push", json=push, headers=headers).status_code == 403
    assert alice.post("/push", json=push, headers=headers | {"X-CSRF-Token": "0" * 64}).status_code == 403
    good = headers | {"X-CSRF-Token": token(alice.get("/"))}
    assert alice.post("/push", json=push, headers=good).json()["codes"][0]["value"] == "482913"


def test_the_token_of_another_session_does_not_do(gateway: Gateway, alice: httpx.Client, someone: str) -> None:
    with visitor(gateway, gateway.key) as mallory:
        stolen = token(mallory.get("/"))
    refused = alice.post("/push", json={"identifier": someone, "content": "1"}, headers={"X-CSRF-Token": stolen})
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_nobody_is_signed_in_by_another_sites_page(gateway: Gateway, headers: dict[str, str]) -> None:
    answer = httpx.post(f"{gateway.url}/sign-in", data={"key": gateway.key}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("origin", ["https://otp.example.com", ""])
def test_the_public_address_is_the_consoles_own(gateway: Gateway, origin: str) -> None:
    """A proxy may tell another Host than the one in the address bar."""
    headers = {"Origin": origin or gateway.url}
    assert httpx.post(f"{gateway.url}/sign-in", data={"key": gateway.key}, headers=headers).status_code == 303


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\tx", "/\r\nX: 1"],
)
def test_signing_in_leads_nowhere_else(gateway: Gateway, wanted: str) -> None:
    answer = httpx.post(f"{gateway.url}/sign-in", data={"key": gateway.key, "next": wanted})
    assert led_to(gateway, answer) == "/"


@given(st.text(max_size=50) | st.text("/\\\\.:@\t\n #?ae\u2028").map(lambda text: f"/{text}"))
def test_no_text_leads_to_another_site(text: str) -> None:
    """As browsers read addresses: a backslash is a slash, tabs and line ends are not there (WHATWG URL, 4.4)."""
    place = re.sub(r"[\t\r\n]", "", onward(text)).replace("\\", "/")
    assert urlsplit(urljoin("https://otp.example.com/sign-in", place)).netloc == "otp.example.com"


@given(st.text(max_size=40) | st.from_regex(r"evt_[0-9a-f]{0,20}", fullmatch=True))
def test_any_text_is_the_id_of_an_event_or_is_refused(text: str) -> None:
    try:
        number = event_number(text)
    except InvalidRequestError:
        return
    assert number is None if not text else event_number(event_id(number or 0)) == number


def test_signing_in_leads_where_one_wanted_to_go(gateway: Gateway) -> None:
    asked = httpx.get(f"{gateway.url}/history?kind=code&sender=a%26b")
    assert asked.status_code == 303
    shown = httpx.get(gateway.url + asked.headers["location"]).text
    found = re.search(r'name="next" value="([^"]*)"', shown)
    assert found
    wanted = found[1].replace("&amp;", "&")
    answer = httpx.post(f"{gateway.url}/sign-in", data={"key": gateway.key, "next": wanted})
    assert led_to(gateway, answer) == "/history?kind=code&sender=a%26b"


def led_to(gateway: Gateway, answer: httpx.Response) -> str:
    """Where a browser that keeps the cookie ends up."""
    cookie = answer.headers["set-cookie"].split(";")[0]
    return httpx.get(gateway.url + answer.headers["location"], headers={"Cookie": cookie}).headers["location"]


def test_it_ends_by_signing_out(alice: httpx.Client) -> None:
    page = alice.get("/")
    gone = alice.post("/sign-out", data={"csrf": token(page)})
    assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
    assert alice.get("/").status_code == 303
    assert alice.get("/live/events", headers={"Accept": "application/json"}).status_code == 401


def test_it_ends_with_its_key(gateway: Gateway) -> None:
    key = gateway.new_key("read")
    with visitor(gateway, key) as bob:
        assert bob.get("/").status_code == 200
        gateway.api.delete(f"/v1/keys/{key.split('_')[1]}")
        assert bob.get("/").status_code == 303
        assert bob.get("/v1/events").status_code == 401


def test_a_made_up_cookie_is_nobodys(gateway: Gateway) -> None:
    for cookie in ("x", "0" * 64, "a" * 5000, ""):
        assert httpx.get(gateway.url, headers={"Cookie": f"otpgate_session={cookie}"}).status_code == 303


def test_it_opens_nothing_of_the_api_but_the_events(alice: httpx.Client) -> None:
    """What changes something there needs no CSRF token, so a session is not enough."""
    assert alice.get("/v1/codes").status_code == 401
    assert alice.post("/v1/claims", json={"identifier": "a@example.com"}).status_code == 401


def test_what_the_key_may_not_do_is_not_shown(gateway: Gateway, someone: str) -> None:
    with visitor(gateway, gateway.new_key("push", only=(someone,))) as pusher:
        page = pusher.get("/").text
        assert "Push code" in page
        assert "History" not in page
        assert 'id="rows"' not in page
        assert pusher.get("/history").status_code == 403
    with visitor(gateway, gateway.new_key("claim", only=(someone,))) as runner:
        assert 'class="why"' not in runner.get("/").text
    with visitor(gateway, gateway.new_key("read", only=(someone,))) as reader:
        assert 'class="why"' in reader.get("/").text
        gateway.push(someone, "Your code is 482913")
        page = reader.get("/").text
        assert someone in page
        assert "482913" not in page
        assert "Push code" not in page
        assert reader.post("/push", json={}, headers={"X-CSRF-Token": token(reader.get("/"))}).status_code == 403


def test_an_admin_of_some_identifiers_makes_and_ends_no_keys(gateway: Gateway, someone: str) -> None:
    with visitor(gateway, gateway.new_key("admin", only=(someone,))) as narrow:
        page = narrow.get("/operations")
        assert "API keys" not in page.text
        signed = {"X-CSRF-Token": token(page)}
        made = narrow.post("/operations/keys", data={"name": "wide", "scopes": "admin"}, headers=signed)
        ended = narrow.post(f"/operations/keys/{gateway.key.split('_')[1]}/revoke", headers=signed)
    assert (made.status_code, ended.status_code) == (403, 403)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_of_any_scope_is_led_to_a_page_that_it_may_see(gateway: Gateway, scope: str) -> None:
    with visitor(gateway, gateway.new_key(scope)) as client:
        assert client.get("/", follow_redirects=True).status_code == 200


def test_every_page_forbids_whatever_is_not_its_own(alice: httpx.Client) -> None:
    policy = alice.get("/").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert alice.get("/").headers["cache-control"] == "no-store"


def test_assets_are_kept_by_browsers_until_they_change(gateway: Gateway) -> None:
    page = httpx.get(f"{gateway.url}/sign-in").text
    found = re.search(r'href="(/assets/\w+/console.css)"', page)
    assert found
    current = httpx.get(gateway.url + found[1])
    assert (current.status_code, current.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert current.headers["content-encoding"] == "gzip"
    plain = httpx.get(gateway.url + found[1], headers={"Accept-Encoding": "identity"})
    assert plain.text == current.text
    older = httpx.get(f"{gateway.url}/assets/0123/console.css")
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-cache")
    for path in ("/assets/0123/../../templates/console/base.html", "/assets/0123/%2e%2e/%2e%2e/auth.py"):
        assert httpx.get(gateway.url + path).status_code == 404


def test_an_icon_is_served(gateway: Gateway) -> None:
    icon = httpx.get(f"{gateway.url}/favicon.ico")
    assert (icon.status_code, icon.headers["content-type"].split(";")[0]) == (200, "image/svg+xml")


def test_wrong_keys_count_to_the_limit_of_their_address_and_a_right_one_still_gets_in(gateway: Gateway) -> None:
    """The one test behind that proxy's client, whose wrong keys are counted by themselves."""
    headers = {"X-Forwarded-For": "203.0.113.77"}
    with httpx.Client(base_url=gateway.url, headers=headers) as mallory:
        answers = [mallory.post("/sign-in", data={"key": f"otpgate_{n:012}_x"}).status_code for n in range(62)]
        assert answers == [401] * 60 + [429] * 2
        assert mallory.post("/sign-in", data={"key": gateway.key}).status_code == 303
