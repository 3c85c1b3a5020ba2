"""Errors are problem details (RFC 9457) with a stable type, and tell nothing of ours."""

import httpx
import pytest

from core.errors import OtpgateError
from tests.running import Gateway


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/v1/codes/latest", 400, "invalid-request"),
        ("GET", "/v1/messages/msg_0", 404, "not-found"),
        ("GET", "/nothing/here", 404, "not-found"),
        ("DELETE", "/v1/codes/latest", 405, "method-not-allowed"),
        ("POST", "/hooks/nothing", 404, "not-found"),
    ],
)
def test_every_error_has_the_same_shape(gateway: Gateway, method: str, path: str, status: int, slug: str) -> None:
    answer = gateway.api.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:otpgate:problem:{slug}"
    assert (problem["status"], problem["title"] != "", problem["detail"] != "") == (status, True, True)


def test_a_method_that_is_not_allowed_says_which_are(gateway: Gateway) -> None:
    assert "GET" in gateway.api.delete("/v1/codes/latest").headers["Allow"]


def test_no_key_is_401_and_too_small_a_key_is_403(gateway: Gateway) -> None:
    assert httpx.get(f"{gateway.url}/v1/codes").json()["type"] == "urn:otpgate:problem:unauthenticated"
    with gateway.client(gateway.new_key("push")) as client:
        assert client.get("/v1/codes").json()["type"] == "urn:otpgate:problem:forbidden"


def test_no_answer_may_be_kept(gateway: Gateway) -> None:
    for path in ("/healthz", "/v1/codes", "/nothing"):
        assert gateway.api.get(path).headers["Cache-Control"] == "no-store"


def test_slugs_are_the_names_of_errors() -> None:
    def tree(error: type[OtpgateError]) -> list[type[OtpgateError]]:
        return [error, *(leaf for child in error.__subclasses__() for leaf in tree(child))]

    known = [error for error in tree(OtpgateError) if error.__module__ == "core.errors"]
    slugs = [error.slug for error in known]
    assert len(set(slugs)) == len(slugs)


def test_the_most_verbose_log_holds_no_code_link_key_or_text(gateway: Gateway, someone: str, number: str) -> None:
    gateway.send(someone, "Your secret code is 739154, dear customer of Acme")
    gateway.sms(number, "Your code is 739155")
    gateway.push(someone, "https://acme.example/in?token=planted739156")
    gateway.claim(someone, kinds=["link"])
    gateway.claim(number)
    gateway.api.get("/v1/codes/latest", params={"identifier": "739157"})
    gateway.api.post("/v1/claims", json={"identifier": someone, "after": "739158"})
    logged = "".join(gateway.lines)
    for planted in ("739154", "739155", "739156", "739157", "739158", "dear customer", gateway.key):
        assert planted not in logged
