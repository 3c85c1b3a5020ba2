"""The public extractors, installed into a folder of their own and asked the same questions.

otp-message-extractor and otp-gateway come from PyPI, parse-otp-message from npm; each gets decoded text.
One that is not installed is skipped by name.
"""

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "rivals"
_PYPI = ("otp-message-extractor", "otp-gateway")
_NPM = "parse-otp-message"
_ASK = """
const parse = require('parse-otp-message')
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'))
const ask = text => { try { return (parse(text) || {}).code || null } catch { return null } }
console.log(JSON.stringify(texts.map(ask)))
"""


class Answer(NamedTuple):
    """What an extractor found; kind is `code`, `link` or `none`."""

    kind: str
    value: str | None


NOTHING = Answer("none", None)
Rival = Callable[[Sequence[str]], list[Answer]]


def install() -> None:
    """Install every rival from its registry; what cannot be installed is left out."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(FOLDER / "pypi"), *_PYPI]
    subprocess.run(pip, check=False)
    npm = shutil.which("npm")
    if npm:
        subprocess.run([npm, "install", "--silent", "--prefix", str(FOLDER / "npm"), _NPM], check=False)


def _code(value: object) -> Answer:
    return Answer("code", str(value)) if value else NOTHING


def _otp_message_extractor(texts: Sequence[str]) -> list[Answer]:
    module = importlib.import_module("otp_message_extractor")
    return [_code((module.extract_otp(text) or {}).get("code")) for text in texts]


def _otp_gateway(texts: Sequence[str]) -> list[Answer]:
    module = importlib.import_module("otp_gateway.patterns")

    def answer(text: str) -> Answer:
        code = module.extract_otp(text)
        link = None if code else module.extract_link(text)
        return Answer("link", link) if link else _code(code)

    return [answer(text) for text in texts]


def _parse_otp_message(texts: Sequence[str]) -> list[Answer]:
    node = shutil.which("node")
    if node is None or not (FOLDER / "npm" / "node_modules" / _NPM).exists():
        raise ModuleNotFoundError(_NPM)
    ran = subprocess.run(
        [node, "-e", _ASK],
        input=json.dumps(list(texts)),
        cwd=FOLDER / "npm",
        capture_output=True,
        text=True,
        check=True,
    )
    return [_code(code) for code in json.loads(ran.stdout)]


_RIVALS: dict[str, Rival] = {
    "parse-otp-message": _parse_otp_message,
    "otp-message-extractor": _otp_message_extractor,
    "otp-gateway": _otp_gateway,
}


def ask(texts: Sequence[str]) -> tuple[dict[str, list[Answer]], list[str]]:
    """Every rival's answers in the order of the texts, and the names of those that are not installed."""
    sys.path.insert(0, str(FOLDER / "pypi"))
    answers, missing = {}, []
    for name, rival in _RIVALS.items():
        try:
            answers[name] = rival(texts)
        except (ModuleNotFoundError, subprocess.CalledProcessError):
            missing.append(name)
    sys.path.remove(str(FOLDER / "pypi"))
    return answers, missing
