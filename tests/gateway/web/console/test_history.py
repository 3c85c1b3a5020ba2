"""History: found by any filter, paged, shared by its address, exported, and shown to those who may see it."""

import csv
import io
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import httpx
import pytest

from tests.gateway.web.console.conftest import Visits, copied, sign_in
from tests.running import Gateway

HOSTILE = '=HYPERLINK("http://evil.example","Your code")'


@pytest.fixture
def visitor(gateway: Gateway) -> Iterator[Callable[[str], httpx.Client]]:
    """Somebody signed in with a key, without a browser."""
    clients: list[httpx.Client] = []

    def visit(key: str) -> httpx.Client:
        cookies = {"otpgate_session": sign_in(gateway, key)}
        clients.append(httpx.Client(base_url=gateway.url, cookies=cookies, timeout=20))
        return clients[-1]

    yield visit
    for client in clients:
        client.close()


@pytest.fixture
def admin(gateway: Gateway, visitor: Callable[[str], httpx.Client]) -> httpx.Client:
    """Somebody signed in with the admin key."""
    return visitor(gateway.key)


def test_every_filter_finds_what_it_names_and_leaves_out_the_rest(
    gateway: Gateway, admin: httpx.Client, someone: str
) -> None:
    gateway.push(someone, "Your code is 471101", sender="Hooli", source="zapier", run_id="run-filter")
    gateway.send(someone, "Your code is 471102", sender="no-reply@acme.example")
    for found, left_out, query in (
        ("471101", "471102", {"source": "zapier"}),
        ("471101", "471102", {"run_id": "run-filter"}),
        ("471102", "471101", {"sender": "acme.example"}),
        ("471102", "471101", {"channel": "email"}),
        ("471101", "471102", {"route": "key"}),
        ("471102", "471101", {"subject": "YOUR code"}),
    ):
        page = admin.get("/history", params={"identifier": someone, **query})
        assert page.status_code == 200
        assert (found in page.text, left_out in page.text) == (True, False), query
    for query in ({"kind": "link"}, {"state": "accepted"}, {"author": "*"}, {"until": "2020-01-01T00:00:00"}):
        assert "Nothing matches" in admin.get("/history", params={"identifier": someone, **query}).text


def test_what_cannot_be_understood_is_said_on_the_page(admin: httpx.Client) -> None:
    for query in ({"identifier": "nobody"}, {"since": "yesterday"}, {"page": "x"}, {"limit": "0"}):
        page = admin.get("/history", params=query)
        assert page.status_code == 400, query
        assert f"&#39;{next(iter(query))}&#39;" in page.text or "`page`" in page.text


@pytest.mark.parametrize("query", ["page=bad", "kind=zzz", "channel=zzz", "route=zzz", "state=zzz"])
@pytest.mark.parametrize("path", ["/history", "/history/messages", "/history.csv", "/history/messages.json"])
def test_a_filter_that_is_none_is_refused_before_anything_is_sent(
    admin: httpx.Client, path: str, query: str
) -> None:
    refused = admin.get(f"{path}?{query}")
    assert refused.status_code == 400
    assert "content-disposition" not in refused.headers


def test_pages_keep_their_place_while_codes_arrive(visits: Visits, someone: str) -> None:
    for number in range(26):
        visits.gateway.push(someone, f"Your code is {472200 + number}")
    page = visits.window(path=f"/history?identifier={someone}&limit=25")
    assert page.locator("tbody tr").count() == 25
    visits.gateway.push(someone, "Your code is 472299")
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="Newest").wait_for()
    assert page.locator("tbody tr").count() == 1
    assert "472200" in page.locator("tbody").inner_text()
    page.get_by_role("link", name="Newest").click()
    page.get_by_text("472299").wait_for()


def test_a_person_filters_and_shares_the_address(visits: Visits, someone: str) -> None:
    visits.gateway.push(someone, "Your code is 473301", sender="Hooli")
    page = visits.window(path="/history")
    page.get_by_label("Identifier").fill(someone)
    page.get_by_text("More filters").click()
    page.get_by_label("Channel").select_option("Push")
    page.get_by_label("From", exact=False).fill("2020-01-01T10:00:00")
    page.get_by_role("button", name="Filter").click()
    page.get_by_text("473301").wait_for()
    assert "state=" not in page.url, "what is blank is not in the address"
    other = visits.window(path=page.url.removeprefix(visits.gateway.url))
    assert "473301" in other.locator("tbody").inner_text()
    assert other.get_by_label("From", exact=False).input_value() == "2020-01-01T10:00"
    page.locator("tbody").get_by_role("button", name="Copy the code").click()
    copied(page, "473301")


def test_times_are_typed_in_the_viewers_zone_and_shared_in_utc(visits: Visits) -> None:
    context = visits.browser.new_context(timezone_id="Asia/Tokyo")
    cookie = sign_in(visits.gateway, visits.gateway.key)
    context.add_cookies([{"name": "otpgate_session", "value": cookie, "url": visits.gateway.url}])
    page = context.new_page()
    page.goto(f"{visits.gateway.url}/history?since=2026-01-01T00:00:00")
    assert page.get_by_label("From", exact=False).input_value() == "2026-01-01T09:00"
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**/history?since=2026-01-01T00*00*00")
    context.close()


def test_an_export_holds_what_the_view_holds_and_no_spreadsheet_runs_it(
    gateway: Gateway, admin: httpx.Client, someone: str
) -> None:
    gateway.push(someone, "Your code is 474401", sender=HOSTILE, source="+SUM(1)", run_id="@run")
    answer = admin.get("/history.csv", params={"identifier": someone})
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["value"], row["sender"], row["source"], row["run_id"]) == (
        "474401",
        f"'{HOSTILE}",
        "'+SUM(1)",
        "'@run",
    )
    assert answer.headers["content-disposition"].startswith('attachment; filename="otpgate-codes-')
    exported = admin.get("/history.json", params={"identifier": someone}).json()
    listed = gateway.api.get("/v1/codes", params={"identifier": someone}).json()
    assert exported == listed
    (message,) = csv.DictReader(
        io.StringIO(admin.get("/history/messages.csv", params={"identifier": someone}).text)
    )
    assert (message["kind"], message["sender"], "text" in message) == ("code", f"'{HOSTILE}", False)
    assert admin.get("/history.xml").status_code == 404


def test_an_export_goes_over_many_pages(gateway: Gateway, admin: httpx.Client, someone: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: gateway.push(someone, f"Your code is {number}"), range(475000, 475205)))
    rows = list(csv.DictReader(io.StringIO(admin.get("/history.csv", params={"identifier": someone}).text)))
    assert sorted(row["value"] for row in rows) == [str(number) for number in range(475000, 475205)]
    assert [row["received_at"] for row in rows] == sorted((row["received_at"] for row in rows), reverse=True)


def test_each_value_that_is_shown_is_an_audit_row(gateway: Gateway, admin: httpx.Client, someone: str) -> None:
    gateway.push(someone, "Your code is 476601")
    before = audited(gateway, someone)
    admin.get("/history", params={"identifier": someone})
    admin.get("/history.csv", params={"identifier": someone})
    assert audited(gateway, someone) == before + 2


def test_a_key_that_may_only_read_sees_neither_values_nor_subjects(
    gateway: Gateway, visitor: Callable[[str], httpx.Client], someone: str
) -> None:
    gateway.send(someone, "Your code is 477701")
    reader = visitor(gateway.new_key("read", only=("*@example.com",)))
    before = audited(gateway, someone)
    for path in ("/history", "/history/messages", "/history.csv", "/history/messages.json"):
        page = reader.get(path, params={"identifier": someone})
        assert page.status_code == 200
        assert someone in page.text
        assert "477701" not in page.text
        assert "Your code" not in page.text
    assert audited(gateway, someone) == before
    assert reader.get("/history", params={"subject": "code"}).status_code == 400
    assert reader.get("/history.csv", params={"subject": "code"}).status_code == 400


def test_a_key_sees_its_own_identifiers_alone(
    gateway: Gateway, visitor: Callable[[str], httpx.Client], someone: str
) -> None:
    gateway.push(someone, "Your code is 478801")
    stranger = visitor(gateway.new_key("read", "claim", "messages", only=("*@other.example",)))
    assert "478801" not in stranger.get("/history").text
    assert stranger.get("/history", params={"identifier": someone}).status_code == 404


def test_a_discreet_console_masks_codes_until_they_are_pointed_at(visits: Visits, someone: str) -> None:
    visits.gateway.push(someone, "Your code is 479901")
    page = visits.window(path=f"/history?identifier={someone}")
    page.get_by_role("button", name="Discreet").click()
    code = page.get_by_text("479901", exact=True)
    code.wait_for(state="hidden")
    page.locator("tbody .secret").hover()
    code.wait_for(state="visible")


def audited(gateway: Gateway, identifier: str) -> int:
    with closing(sqlite3.connect(f"file:{gateway.data_dir}/otpgate.db?mode=ro", uri=True)) as database:
        found: list[Any] = database.execute(
            "SELECT count(*) FROM showings WHERE identifier = ?", (identifier,)
        ).fetchone()
    return int(found[0])
