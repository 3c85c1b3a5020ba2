"""`/v1/rotations`: rotating the keys that seal what is stored, for admins."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify

from gateway.web import auth
from gateway.web.parts import parts

rotations = Blueprint("rotations", __name__, url_prefix="/v1/rotations")


@rotations.post("")
@auth.needs("admin", whole=True)
def start() -> tuple[Response, int]:
    """Begins to seal everything with a new key, or goes on with what was interrupted."""
    return jsonify(asdict(parts().rotation.start())), 202


@rotations.get("")
@auth.needs("admin", whole=True)
def progress() -> Response:
    """How far it is."""
    return jsonify(asdict(parts().rotation.progress))
