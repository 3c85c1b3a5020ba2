"""The API is what its OpenAPI document says."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from flask import Flask

from gateway.web.api import BLUEPRINTS
from gateway.web.openapi import answers, records
from gateway.web.openapi.operations import OPERATIONS
from tests.running import CONFIG, Gateway, Json

if TYPE_CHECKING:
    from pydantic import BaseModel

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def described(gateway: Gateway) -> Json:
    """The document, as anybody gets it."""
    return dict(httpx.get(f"{gateway.url}/openapi.json").raise_for_status().json())


def test_schemathesis_finds_nothing(serve: Callable[..., Gateway], tmp_path: Path) -> None:
    """It may not revoke keys, the one that it calls with among them, nor listen to a stream, which has no end.

    It asks the same each time.
    """
    gateway = serve()
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{gateway.url}/openapi.json", "--max-examples=3"]
    command += ["--exclude-operation-id=keys-revoke", "--exclude-operation-id=events-stream", "--no-color"]
    command += ["--seed=1", "--generation-database=none"]
    done = subprocess.run(
        [*command, f"--header=x-api-key: {gateway.key}"],
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]


def test_it_is_openapi_3_1_and_describes_every_call_of_the_contract(described: Json) -> None:
    calls = {f"{method.upper()} {path}" for path, item in described["paths"].items() for method in item}
    assert described["openapi"].startswith("3.1.")
    assert calls >= {
        "GET /v1/codes/latest",
        "GET /v1/codes",
        "POST /v1/claims",
        "POST /v1/claims/{claim_id}/accept",
        "POST /v1/cursors",
        "PUT /v1/identifiers/{identifier}",
        "POST /v1/messages",
        "GET /v1/totp/{identifier}",
        "POST /v1/credentials/totp",
        "POST /v1/skyvern/urls",
        "GET /v1/messages/{message_id}",
        "DELETE /v1/keys/{key_id}",
        "GET /v1/events",
        "GET /healthz",
    }


def test_every_call_says_which_scope_it_needs_or_that_it_needs_no_key(described: Json) -> None:
    keyless = {path for path, item in described["paths"].items() for call in item.values() if not call["security"]}
    assert keyless == {"/healthz", "/readyz", "/v1/skyvern/pull/{token}"}
    claim = described["paths"]["/v1/claims"]["post"]
    assert "`claim`" in claim["description"]
    assert claim["security"] == [{"key": []}, {"bearer": []}]


def test_real_answers_are_what_the_models_say(gateway: Gateway, someone: str) -> None:
    pushed = gateway.push(someone, "Your code is 482913.")
    claimed = gateway.claim(someone)
    ended = gateway.end(claimed["claim"]["claim_id"], "accept").json()
    get = gateway.api.get
    real: list[tuple[type[BaseModel], Json]] = [
        (answers.Pushed, pushed),
        (answers.ClaimMade, claimed),
        (answers.ClaimEnded, ended),
        (answers.Latest, gateway.latest(someone)),
        (answers.Codes, get("/v1/codes").json()),
        (answers.Messages, get("/v1/messages").json()),
        (records.Identifier, gateway.api.put(f"/v1/identifiers/{someone}", json={}).json()),
        (records.Keys, get("/v1/keys").json()),
        (answers.Problem, get("/v1/messages/none").json()),
    ]
    for model, answer in real:
        model.model_validate(answer)


def test_the_page_asks_nothing_of_the_outside(gateway: Gateway) -> None:
    page = httpx.get(f"{gateway.url}/docs")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    asked_for = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert asked_for.pop(0) == "data:,"  # no icon, rather than one that a browser would look for
    assert len(asked_for) == 3
    for path in asked_for:
        assert path.startswith("/docs/")
        assert httpx.get(gateway.url + path).status_code == 200


def test_it_can_be_switched_off_and_so_can_the_console(serve: Callable[..., Gateway]) -> None:
    quiet = serve(CONFIG.replace("[http]", "[console]\nenabled = false\n[http]\ndocs = false"))
    paths = ("/openapi.json", "/docs", "/", "/sign-in", "/favicon.ico")
    assert [httpx.get(quiet.url + path).status_code for path in paths] == [404] * 5


def test_every_route_of_the_api_is_described() -> None:
    """Webhooks are their senders' to describe, `/metrics` is no JSON, and one address of Skyvern's is enough."""
    app = Flask("undescribed")
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    assert endpoints <= set(OPERATIONS)


def test_no_operation_is_described_that_no_route_has(described: Json) -> None:
    ids = {call["operationId"] for item in described["paths"].values() for call in item.values()}
    assert ids == {endpoint.replace(".", "-") for endpoint in OPERATIONS}
