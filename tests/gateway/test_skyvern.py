"""Skyvern's requests replayed byte for byte: push, list, pull with its signatures (FACTS 33 to 35)."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.skyvern import Push, is_signed
from tests.running import CONFIG, Gateway, until

KEY = "test-skyvern-api-key"
VECTORS = {
    b"{}": "d3ccfe7b5cf303381567d7f9f5640bf64c0bbe58be7de392d549e3c08e8fe121",
    b'{"task_id":"tsk_123456"}': "c383f3373579f41a530b0a953995c990797af6aaa9253dd4d77152e3c82afbc8",
    b'{"workflow_run_id":"wr_123456"}': "c5680f065c17e41ae8a8a678fd264dd728f1178cd09c7cd011ab30974956c1fe",
}
PATHS = ["/v1/credentials/totp", "/v1/credentials/totp/", "/api/v1/totp", "/api/v1/totp/"]
FIELDS = {
    "totp_code_id",
    "code",
    "otp_type",
    "status",
    "organization_id",
    "created_at",
    "modified_at",
    "totp_identifier",
    "content",
    "task_id",
    "workflow_id",
    "workflow_run_id",
    "source",
    "expired_at",
}


@pytest.fixture(scope="module")
def signing(serve: Callable[..., Gateway]) -> Gateway:
    """A gateway that takes only pulls that are signed with Skyvern's key."""
    return serve(f'{CONFIG}\n[skyvern]\napi_key = "{KEY}"\n')


def push(
    gateway: Gateway, identifier: str, content: str, path: str = PATHS[0], **fields: object
) -> dict[str, Any]:
    answer = gateway.api.post(path, json={"totp_identifier": identifier, "content": content, **fields})
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == FIELDS
    return dict(answer.json())


def url(gateway: Gateway, identifier: str, **fields: object) -> str:
    """A pull address, as this machine reaches it."""
    made = gateway.api.post("/v1/skyvern/urls", json={"identifier": identifier, **fields})
    assert made.status_code == 201, made.text
    token = str(made.json()["url"]).rpartition("/")[2]
    return f"{gateway.url}/v1/skyvern/pull/{token}"


def pull(address: str, raw: bytes = b"{}", signature: str = "") -> str:
    headers = {"x-skyvern-timestamp": "1", "x-skyvern-signature": signature, "Content-Type": "application/json"}
    answer = httpx.post(address, content=raw, headers=headers, timeout=40)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"verification_code"}
    assert isinstance(answer.json()["verification_code"], str)
    return str(answer.json()["verification_code"])


def run(name: str) -> bytes:
    return b'{"workflow_run_id":"%s"}' % name.encode()


@pytest.mark.parametrize("path", PATHS)
def test_a_push_is_answered_field_for_field(gateway: Gateway, someone: str, path: str) -> None:
    content = "Hello, your verification code is 482913. It expires in 10 minutes."
    ends = (datetime.now(UTC) + timedelta(minutes=3)).replace(microsecond=0)
    sent = {"task_id": "tsk_1", "workflow_id": "wpid_1", "workflow_run_id": "wr_1", "source": "email"}
    answer = push(gateway, someone, content, path, **sent, expired_at=ends.isoformat(), type="totp", unknown=1)
    assert answer.items() >= {"totp_identifier": someone, "content": content, **sent}.items()
    assert (answer["code"], answer["otp_type"], answer["status"]) == ("482913", "totp", None)
    assert answer["created_at"] == answer["modified_at"]
    assert datetime.fromisoformat(answer["expired_at"]) == ends
    code = gateway.latest(someone)["code"]
    assert code is None  # it is for that run alone
    claim = gateway.claim(someone, run_id="wr_1")["claim"]
    assert (claim["value"], datetime.fromisoformat(claim["expires_at"])) == ("482913", ends)


def test_content_of_at_most_ten_characters_is_the_code_as_given(gateway: Gateway, someone: str) -> None:
    assert push(gateway, someone, " hello-1 ")["code"] == "hello-1"
    assert gateway.latest(someone)["code"]["value"] == "hello-1"


def test_a_link_is_a_magic_link(gateway: Gateway, someone: str) -> None:
    link = "https://acme.example/sign-in?token=c2lnbi1pbi10b2tlbg"
    answer = push(gateway, someone, link)
    assert (answer["code"], answer["otp_type"]) == (link, "magic_link")


def test_nothing_found_is_raw_pending(gateway: Gateway, someone: str) -> None:
    answer = push(gateway, someone, "Thank you for your order. It is on its way to you.")
    assert (answer["code"], answer["otp_type"], answer["status"]) == ("", None, "raw_pending")


def test_a_code_that_is_over_when_it_is_pushed_is_not_served(gateway: Gateway, someone: str) -> None:
    push(gateway, someone, "482913", expired_at="2020-01-01T00:00:00")
    assert gateway.latest(someone)["code"] is None


@pytest.mark.parametrize("key", ["", "wrong", "otpgate_abc_def"])
def test_without_a_right_key_the_answer_is_skyverns_403(gateway: Gateway, key: str) -> None:
    body = {"totp_identifier": "a@example.com", "content": "482913"}
    for answer in (
        httpx.post(gateway.url + PATHS[0], json=body, headers={"x-api-key": key} if key else {}),
        httpx.get(gateway.url + PATHS[0], headers={"x-api-key": key} if key else {}),
    ):
        assert (answer.status_code, answer.json()) == (403, {"detail": "Invalid credentials"})


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"content": "1"}, "totp_identifier"),
        ({"totp_identifier": "a@example.com"}, "content"),
        ({"totp_identifier": "a@example.com", "content": 5}, "content"),
        ({"totp_identifier": "nobody at all", "content": "1"}, "totp_identifier"),
        ({"totp_identifier": "a@example.com", "content": "1", "expired_at": "soon"}, "expired_at"),
    ],
)
def test_what_does_not_validate_is_skyverns_422(gateway: Gateway, body: dict[str, Any], where: str) -> None:
    answer = gateway.api.post(PATHS[0], json=body)
    assert answer.status_code == 422
    (fault,) = answer.json()["detail"]
    assert fault["loc"] == ["body", where]
    assert set(fault) == {"loc", "msg", "type"}


@pytest.mark.parametrize("raw", [b"{", b"[]", b'"x"', b"\xff"])
def test_what_is_no_json_object_is_a_422_too(gateway: Gateway, raw: bytes) -> None:
    answer = gateway.api.post(PATHS[0], content=raw)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][0] == "body"


def test_the_list_is_a_bare_array_newest_first(gateway: Gateway, someone: str) -> None:
    push(gateway, someone, "111111", workflow_run_id="wr_a")
    push(gateway, someone, "https://acme.example/sign-in?token=c2lnbi1pbi10b2tlbg")
    push(gateway, someone, "222222")

    def listed(**query: Any) -> list[str]:
        answer = gateway.api.get(PATHS[0], params={"totp_identifier": someone, **query})
        assert answer.status_code == 200, answer.text
        assert all(set(entry) == FIELDS for entry in answer.json())
        return [entry["code"][:6] for entry in answer.json()]

    assert listed() == ["222222", "https:", "111111"]
    assert listed(otp_type="totp") == ["222222", "111111"]
    assert listed(otp_type="magic_link") == ["https:"]
    assert listed(workflow_run_id="wr_a") == ["111111"]
    assert listed(limit=1) == ["222222"]
    for query in ({"limit": 0}, {"limit": 201}, {"otp_type": "sms"}):
        assert gateway.api.get(PATHS[0], params=query).status_code == 422


@pytest.mark.parametrize(("raw", "signature"), VECTORS.items())
def test_skyverns_signatures_are_what_its_vectors_say(raw: bytes, signature: str) -> None:
    assert is_signed(raw, signature, KEY)
    assert not is_signed(raw + b" ", signature, KEY)
    assert not is_signed(raw, signature[:-1] + "0", KEY)
    assert not is_signed(raw, "", KEY)
    assert not is_signed(raw, signature, KEY + "x")


@given(st.text())
def test_no_signature_of_whatever_text_breaks_the_check(text: str) -> None:
    assert not is_signed(b"{}", text, "another key")


@given(st.text())
def test_any_content_is_a_code_or_a_message(content: str) -> None:
    assert len(Push(totp_identifier="a@example.com", content=content).code) <= 10


@pytest.mark.parametrize(("raw", "signature"), VECTORS.items())
def test_a_signed_pull_is_answered_and_an_unsigned_one_is_not(
    signing: Gateway, someone: str, raw: bytes, signature: str
) -> None:
    address = url(signing, someone)
    signing.push(someone, "Your code is 482913")
    for wrong in ("", "0" * 64, VECTORS[b"{}"] if raw != b"{}" else "f" * 64):
        refused = httpx.post(address, content=raw, headers={"x-skyvern-signature": wrong})
        assert (refused.status_code, refused.json()) == (403, {"detail": "Invalid credentials"})
    assert pull(address, raw, signature) == "482913"


def test_a_wrong_token_is_refused(gateway: Gateway) -> None:
    answer = httpx.post(f"{gateway.url}/v1/skyvern/pull/{'x' * 43}", content=b"{}")
    assert (answer.status_code, answer.json()) == (403, {"detail": "Invalid credentials"})


def test_a_pull_is_held_until_the_code_lands(gateway: Gateway, someone: str) -> None:
    address = url(gateway, someone)
    threading.Timer(0.5, gateway.push, [someone, "Your code is 482913"]).start()
    started = time.monotonic()
    assert pull(address, run("wr_held")) == "482913"
    assert time.monotonic() - started > 0.4


def test_the_same_run_is_told_the_same_again_and_others_are_not(gateway: Gateway, someone: str) -> None:
    """A lost answer costs nothing, and two workflows never share a code (FACTS 36)."""
    address = url(gateway, someone)
    gateway.push(someone, "Your code is 111111")
    gateway.push(someone, "Your code is 222222")
    first = pull(address, run("wr_1"))
    assert pull(address, run("wr_1")) == first
    answered: list[str] = []
    other = threading.Thread(target=lambda: answered.append(pull(address, run("wr_2"))))
    other.start()
    time.sleep(0.5)
    gateway.push(someone, "Your code is 333333")
    other.join(30)
    assert answered == ["333333"]
    assert pull(address, run("wr_1")) == first
    history = gateway.api.get("/v1/codes", params={"identifier": someone}).json()["codes"]
    states = {code["value"]: code["state"] for code in history}
    assert states == {"333333": "accepted", "222222": "accepted", "111111": "superseded"}


def test_a_run_goes_by_its_task_where_it_has_no_workflow(gateway: Gateway, someone: str) -> None:
    address = url(gateway, someone)
    gateway.push(someone, "Your code is 111111", task_id="tsk_1")
    gateway.push(someone, "Your code is 222222", workflow_id="wpid_1")
    assert pull(address, b'{"task_id":"tsk_1"}') == "111111"
    assert pull(address, b'{"workflow_permanent_id":"wpid_1"}') == "222222"


def test_the_address_fixes_kind_sender_and_hosts(gateway: Gateway, someone: str) -> None:
    link = "https://acme.example/sign-in?token=c2lnbi1pbi10b2tlbg"
    gateway.push(someone, link)
    gateway.push(someone, "Your code is 111111", sender="a@acme.example")
    gateway.push(someone, "Your code is 222222", sender="a@other.example")
    assert pull(url(gateway, someone, kind="link"), run("wr_1")) == link
    assert pull(url(gateway, someone, kind="code", sender="acme.example"), run("wr_2")) == "111111"


def test_a_code_of_a_stored_secret_can_be_pulled(gateway: Gateway, someone: str) -> None:
    gateway.api.put(f"/v1/totp/{someone}", json={"secret": "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=3600"})
    address = url(gateway, someone, kind="totp")
    value = gateway.api.get(f"/v1/totp/{someone}").json()["value"]
    assert pull(address, run("wr_1")) == value
    assert pull(address, run("wr_1")) == value


def test_where_two_would_do_the_answer_is_empty_and_there_is_a_log_line(gateway: Gateway, someone: str) -> None:
    gateway.send(someone, "Your code is 111111", sender="a@acme.example")
    gateway.send(someone, "Your code is 222222", sender="b@other.example")
    assert pull(url(gateway, someone), run("wr_1")) == ""
    until(lambda: any("pull_ambiguous" in line and someone in line for line in gateway.lines))


def test_the_address_works_as_long_as_the_key_that_made_it(gateway: Gateway, someone: str) -> None:
    made = gateway.api.post("/v1/keys", json={"name": "skyvern", "scopes": ["claim"]}).json()
    with gateway.client(made["key"]) as client:
        token = client.post("/v1/skyvern/urls", json={"identifier": someone}).json()["url"].rpartition("/")[2]
    address = f"{gateway.url}/v1/skyvern/pull/{token}"
    gateway.push(someone, "Your code is 482913")
    assert pull(address, run("wr_1")) == "482913"
    gateway.api.delete(f"/v1/keys/{made['id']}")
    assert httpx.post(address, content=run("wr_1")).status_code == 403


def test_an_address_is_made_for_identifiers_of_the_key_only(gateway: Gateway, someone: str) -> None:
    with (
        gateway.client(gateway.new_key("claim", only=("*@elsewhere.example",))) as stranger,
        gateway.client(gateway.new_key("push")) as pusher,
    ):
        assert stranger.post("/v1/skyvern/urls", json={"identifier": someone}).status_code == 404
        assert pusher.post("/v1/skyvern/urls", json={"identifier": someone}).status_code == 403


def test_a_pull_address_names_the_public_url(gateway: Gateway, someone: str) -> None:
    made = gateway.api.post("/v1/skyvern/urls", json={"identifier": someone}).json()["url"]
    assert made.startswith("https://otp.example.com/v1/skyvern/pull/")


def test_no_token_nor_value_is_in_a_log_line_or_the_database(gateway: Gateway, someone: str) -> None:
    address = url(gateway, someone)
    gateway.push(someone, "Your code is 73519482")
    assert pull(address, run("wr_1")) == "73519482"
    token = address.rpartition("/")[2]
    kept = b"".join(file.read_bytes() for file in Path(gateway.data_dir).iterdir() if file.is_file())
    for secret in (token, "73519482"):
        assert not any(secret in line for line in gateway.lines)
        assert secret.encode() not in kept
