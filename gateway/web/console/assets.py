"""The console's own style, scripts and icon, under a name that changes with them, so that browsers keep them."""

import functools
import hashlib
from pathlib import Path

from flask import Blueprint, Response, send_from_directory, url_for

assets = Blueprint("console_assets", __name__)
FOLDER = Path(__file__).parents[1] / "static" / "console"
_FOR_EVER = "public, max-age=31536000, immutable"


@assets.get("/assets/<version>/<path:name>")
def send(version: str, name: str) -> Response:
    """One file; for ever if it is of this release, else only for now: nodes may differ while they are upgraded."""
    response = send_from_directory(str(FOLDER), name)
    response.headers["Cache-Control"] = _FOR_EVER if version == release() else "no-cache"
    return response


@assets.get("/favicon.ico")
def icon() -> Response:
    """For whoever asks for it by its old name."""
    response = send_from_directory(str(FOLDER), "favicon.svg")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def asset(name: str) -> str:
    """The address of a file."""
    return url_for("console_assets.send", version=release(), name=name)


@functools.cache
def release() -> str:
    """Tells these files from those of another release."""
    digest = hashlib.sha256()
    for file in sorted(FOLDER.rglob("*")):
        if file.is_file():
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]
