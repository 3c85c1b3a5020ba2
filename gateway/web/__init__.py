"""The Flask app: webhooks, the JSON API, the console, health."""

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from core import journal
from core.errors import AmbiguousCodeError, AmbiguousIssuerError, NotFoundError, OtpgateError, TemporaryError
from gateway.web.api import BLUEPRINTS
from gateway.web.console import BLUEPRINTS as CONSOLE
from gateway.web.console.frame import lost
from gateway.web.health import health, metrics
from gateway.web.hooks import hooks
from gateway.web.openapi import docs
from gateway.web.parts import EXTENSION, Parts
from gateway.web.replies import problem
from gateway.web.shell import harden, note_refused

__all__ = ["Parts", "create_app"]


def create_app(parts: Parts) -> Flask:
    """The app over its parts; every answer but a page is JSON, every error problem details (RFC 9457)."""
    app = Flask("gateway.web", static_folder=None)
    app.extensions[EXTENSION] = parts
    app.config["MAX_CONTENT_LENGTH"] = parts.settings.http.max_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = parts.settings.http.max_body_bytes  # a pasted mail is a field of a form
    for blueprint in (*BLUEPRINTS, hooks, health):
        app.register_blueprint(blueprint)
    for blueprint in CONSOLE if parts.settings.console.enabled else ():
        app.register_blueprint(blueprint)
    if parts.settings.http.metrics != "off":
        app.register_blueprint(metrics)
    if parts.settings.http.docs:
        app.register_blueprint(docs)
    app.register_error_handler(OtpgateError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)
    app.after_request(_finish)
    harden(app, parts)
    return app


def _refused(error: Exception) -> Response:
    if not isinstance(error, OtpgateError):
        raise error
    note_refused(error)
    journal.request_refused(path=_route(), problem=error.slug, address=request.remote_addr or "")
    if isinstance(error, AmbiguousCodeError):
        return problem(error, senders=list(error.senders))
    if isinstance(error, AmbiguousIssuerError):
        return problem(error, issuers=list(error.issuers))
    return problem(error)


def _http(error: Exception) -> Response:
    """Werkzeug's own refusals (404, 405, 413…) in the same shape."""
    if not isinstance(error, HTTPException):
        raise error
    if error.code == NotFoundError.status and (page := lost()):
        return page
    slug = (error.name or "error").lower().replace(" ", "-")
    known = type("HttpError", (OtpgateError,), {"slug": slug, "status": error.code or 500})
    response = problem(known(f"{request.method} on this path: {(error.name or 'error').lower()}"))
    response.headers.extend({name: text for name, text in error.get_headers() if name == "Allow"})
    return response


def _failed(error: Exception) -> Response:
    """Our own trouble is temporary to the outside, and tells nothing of its cause."""
    journal.request_failed(path=_route(), error=error)
    return problem(TemporaryError("the gateway met a fault of its own: try again"))


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "unknown"


def _finish(response: Response) -> Response:
    if "trace_id" in g:
        response.headers["X-Trace-Id"] = g.trace_id
    return response
