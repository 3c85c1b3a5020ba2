"""A gateway, and two of them, on a real PostgreSQL, by nothing but `database.url`."""

import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import Serve
from tests.running import Gateway


@pytest.fixture(scope="module")
def nodes(
    new_database: Callable[[], str], serve: Serve, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Gateway, Gateway]:
    """Two gateways on a database in which nothing was: the first sets it up, the second is given the key."""
    config = f"""
[server]
public_url = ""
[database]
url = "{new_database()}"
"""
    first = serve(config)
    folder = tmp_path_factory.mktemp("second")
    for name in ("encryption.key", "admin.key"):
        shutil.copy(first.data_dir / name, Path(folder) / name)
    return first, serve(config, data_dir=folder)


def test_a_message_goes_from_one_node_to_the_other(nodes: tuple[Gateway, Gateway], someone: str) -> None:
    first, second = nodes
    first.send(someone, "Your code is 482913")
    claim = second.claim(someone, run_id="alice")["claim"]
    assert claim["value"] == "482913"
    assert first.claim(someone, run_id="bob")["claim"] is None
    assert first.claim(someone, run_id="alice")["claim"]["claim_id"] == claim["claim_id"]
    assert first.end(claim["claim_id"], "accept").json()["claim"]["state"] == "accepted"
    assert second.latest(someone)["code"] is None


def test_no_code_is_handed_out_by_both_nodes(nodes: tuple[Gateway, Gateway], someone: str) -> None:
    for number in range(20):
        nodes[number % 2].push(someone, f"Your code is {100_000 + number}")

    def claim(number: int) -> str | None:
        found = nodes[number % 2].claim(someone, run_id=f"run{number}")["claim"]
        return found and str(found["value"])

    with ThreadPoolExecutor(30) as pool:
        values = Counter(value for value in pool.map(claim, range(30)) if value)
    assert (len(values), max(values.values())) == (20, 1)


def test_a_turn_on_one_node_is_a_turn_on_the_other(nodes: tuple[Gateway, Gateway], someone: str) -> None:
    body = {"identifier": someone, "exclusive": True}
    answers = [node.api.post("/v1/cursors", json=body | {"run_id": str(node.smtp)}) for node in nodes]
    assert [answer.status_code for answer in answers] == [200, 409]


def test_the_same_push_to_both_nodes_is_one_message(nodes: tuple[Gateway, Gateway], someone: str) -> None:
    body, headers = {"identifier": someone, "content": "Your code is 482913"}, {"Idempotency-Key": someone}
    answers = [node.api.post("/v1/messages", json=body, headers=headers).json() for node in nodes]
    assert [answer["new"] for answer in answers] == [True, False]
    assert answers[0]["message"]["id"] == answers[1]["message"]["id"]
