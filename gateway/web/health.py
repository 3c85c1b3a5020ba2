"""`/healthz` and `/readyz`: whether the process lives, and whether its parts work."""

from flask import Blueprint, Response, jsonify

from gateway.web.parts import parts

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """200 as long as the process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 when store and doors work, else 503; each part by name."""
    works = dict(parts().ready())
    return jsonify(status="ok" if all(works.values()) else "not ready", parts=works), (
        200 if all(works.values()) else 503
    )
