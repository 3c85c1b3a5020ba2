"""The console's own style, scripts and icon, under a name that changes with them, so that browsers keep them."""

import functools
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, request, url_for

assets = Blueprint("console_assets", __name__)
FOLDER = Path(__file__).parents[1] / "static" / "console"
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
"""Not as this machine's own table has it: a browser runs no module of another type."""
_FOR_EVER = "public, max-age=31536000, immutable"
_A_DAY = "public, max-age=86400"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file, and the same packed by gzip; pages are not packed: they hold secrets beside what others sent."""

    kind: str
    plain: bytes
    packed: bytes


@assets.get("/assets/<version>/<path:name>")
def send(version: str, name: str) -> Response:
    """One file; for ever if it is of this release, else only for now: nodes may differ while they are upgraded."""
    return _answer(name, _FOR_EVER if version == release() else "no-cache")


@assets.get("/favicon.ico")
def icon() -> Response:
    """For whoever asks for it by its old name."""
    return _answer("favicon.svg", _A_DAY)


def asset(name: str) -> str:
    """The address of a file."""
    return url_for("console_assets.send", version=release(), name=name)


@functools.cache
def release() -> str:
    """Tells these files from those of another release."""
    digest = hashlib.sha256()
    for name, found in sorted(_files().items()):
        digest.update(name.encode() + found.plain)
    return digest.hexdigest()[:12]


@functools.cache
def _files() -> Mapping[str, Asset]:
    """All of them by name: they are few and small, and no other file can be asked for."""
    return {
        file.relative_to(FOLDER).as_posix(): Asset(
            kind=_KINDS[file.suffix],
            plain=file.read_bytes(),
            packed=gzip.compress(file.read_bytes(), mtime=0),
        )
        for file in FOLDER.rglob("*")
        if file.is_file()
    }


def _answer(name: str, kept: str) -> Response:
    found = _files().get(name) or abort(404)
    packed = request.accept_encodings["gzip"] > 0
    response = Response(found.packed if packed else found.plain, mimetype=found.kind)
    response.headers["Cache-Control"] = kept
    response.vary.add("Accept-Encoding")
    if packed:
        response.content_encoding = "gzip"
    return response
