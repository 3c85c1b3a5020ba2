"""HTTP with a certificate of its own: everything as without, and nothing in plain text."""

import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.conftest import Serve
from tests.peers import make_certificate
from tests.running import CONFIG, Gateway, held, until


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the certificate lies."""
    found = tmp_path_factory.mktemp("certificate")
    make_certificate(found, "otp.example.com")
    return found


@pytest.fixture(scope="module")
def secure(serve: Serve, folder: Path) -> Gateway:
    """A gateway with a certificate in place of a proxy."""
    own = f'certificate = "{folder / "certificate.pem"}"\ncertificate_key = "{folder / "key.pem"}"'
    return serve(CONFIG.replace('proxies = ["127.0.0.1"]', own))


@pytest.fixture
def api(secure: Gateway, folder: Path) -> Iterator[httpx.Client]:
    """A client that believes this certificate, from an address of its own."""
    context = ssl.create_default_context(cafile=folder / "certificate.pem")
    context.check_hostname = False
    transport = httpx.HTTPTransport(verify=context, local_address="127.0.0.9")
    url = secure.url.replace("http:", "https:")
    with httpx.Client(base_url=url, transport=transport, headers={"x-api-key": secure.key}, timeout=20) as client:
        yield client


def test_a_code_is_claimed_while_it_is_waited_for(secure: Gateway, api: httpx.Client, someone: str) -> None:
    threading.Timer(0.2, secure.send, (someone, "Your code is 482913")).start()
    answer = api.post("/v1/claims", json={"identifier": someone, "wait": 60})
    assert answer.json()["claim"]["value"] == "482913"


def test_a_long_answer_and_a_long_request_come_through_whole(api: httpx.Client, someone: str) -> None:
    content = "Your code is 482913. " + "A long story. " * 5_000
    assert api.post("/v1/messages", json={"identifier": someone, "content": content}).is_success
    assert len(api.get("/openapi.json").content) > 50_000


def test_the_client_is_known_by_its_own_address(secure: Gateway, api: httpx.Client) -> None:
    api.get("/v1/codes/latest", params={"identifier": "a@example.com"}, headers={"x-api-key": "wrong"})
    until(lambda: any('"127.0.0.9"' in line for line in secure.lines))


def test_plain_text_is_not_answered(secure: Gateway) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(secure.url + "/healthz", timeout=20)


def shown(gateway: Gateway) -> bytes:
    context = ssl._create_unverified_context()  # noqa: S323, SLF001 - to see which certificate is shown
    host, _, port = gateway.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), 10) as plain, context.wrap_socket(plain) as one:
        return one.getpeercert(binary_form=True) or b""


def test_a_renewed_certificate_is_shown_without_a_restart(secure: Gateway, folder: Path, tmp_path: Path) -> None:
    before = shown(secure)
    for file in make_certificate(tmp_path, "otp.example.com"):
        shutil.move(file, folder / file.name)
    assert shown(secure) != before


def test_a_request_that_is_held_ends_when_the_gateway_stops(serve: Serve, tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path, "otp.example.com")
    own = f'certificate = "{certificate}"\ncertificate_key = "{key}"'
    gateway = serve(CONFIG.replace('proxies = ["127.0.0.1"]', own))
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    url, key_of = gateway.url.replace("http:", "https:"), {"x-api-key": gateway.key}
    with (
        httpx.Client(base_url=url, headers=key_of, verify=context, timeout=70) as api,
        ThreadPoolExecutor(1) as pool,
    ):
        asking = pool.submit(api.post, "/v1/claims", json={"identifier": "held@example.com", "wait": 60})
        until(lambda: held(api) == 1)
        assert gateway.stop() == 0
        assert asking.result(60).status_code == 200
