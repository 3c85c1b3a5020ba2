"""A browser-use agent signs in; a script stands in for the language model, everything else is real."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from tests.examples.conftest import HERE, Open

PYTHON = HERE.parents[1] / ".cache" / "browser-use" / "bin" / "python"
"""browser-use pins other versions of what we use, so it has an environment of its own (see .ci/run)."""


def next_actions(shown: str) -> list[dict[str, Any]]:
    """Fill in what the page asks for; where that is a code, get it first."""
    page = shown.partition("<browser_state>")[2]
    if "One more step" in page:
        return [{"done": {"text": "Signed in.", "success": True, "files_to_display": []}}]
    code = re.search(r"Result\n(\d{6})\n", shown)
    if "We sent you a mail" in page and not code:
        return [{"one_time_code": {}}]
    mailbox = re.search(r"code for (\S+@example\.com)", shown)
    field, button = re.search(r"\[(\d+)\]<input", page), re.search(r"\[(\d+)\]<button", page)
    assert mailbox
    assert field
    assert button
    typed = {"index": int(field[1]), "text": code[1] if code else mailbox[1], "clear": True}
    return [{"input": typed}, {"click": {"index": int(button[1])}}]


def chat() -> dict[str, Any]:
    """Answers as an OpenAI-compatible model: the next step, for the page that it is shown."""
    shown = request.get_json()["messages"][-1]["content"]
    text = shown if isinstance(shown, str) else "".join(part.get("text", "") for part in shown)
    step = {"evaluation_previous_goal": "", "memory": "", "next_goal": "", "action": next_actions(text)}
    message = {"role": "assistant", "content": json.dumps(step)}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "script",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


@pytest.fixture
def model() -> Iterator[str]:
    """Where the script answers."""
    app = Flask("model")
    app.add_url_rule("/v1/chat/completions", view_func=chat, methods=["POST"])
    server = make_server("127.0.0.1", 0, app)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_agent_gets_the_code_by_a_tool(
    site: Open, model: str, browsing: dict[str, str], tmp_path: Path
) -> None:
    if not PYTHON.exists():
        pytest.skip("browser-use (in .cache/browser-use) is missing")
    told = {
        "OPENAI_BASE_URL": model,
        "OPENAI_API_KEY": "none",
        "ANONYMIZED_TELEMETRY": "false",
        "IN_DOCKER": "true",
    }
    homes = {"HOME": str(tmp_path), "BROWSER_USE_CONFIG_DIR": str(tmp_path / "config")}
    done = subprocess.run(
        [PYTHON, HERE / "browser_use_login.py", site.url, browsing["MAILBOX"], "script"],
        env={**browsing, **told, **homes},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert site.acme.refused == 0
