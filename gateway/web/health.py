"""`/healthz` and `/readyz`: whether the process lives, and whether its parts work; `/metrics`: what it did."""

from flask import Blueprint, Response, jsonify

from gateway.web import auth
from gateway.web.parts import parts

metrics = Blueprint("metrics", __name__)
health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """200 as long as the process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 when store and doors work, else 503; each part by name, and what wants a person's look."""
    works = dict(parts().ready())
    status, code = ("ok", 200) if all(works.values()) else ("not ready", 503)
    return jsonify(status=status, parts=works, warnings=parts().warnings), code


@metrics.get("/metrics")
def show() -> Response:
    """Prometheus' text format; for a key with scope `read` unless `http.metrics` is open."""
    return _metrics() if parts().settings.http.metrics == "open" else auth.needs("read")(_metrics)()


def _metrics() -> Response:
    return Response(parts().metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")
