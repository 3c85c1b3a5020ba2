"""`/openapi.json`, and `/docs`: Swagger UI from a package, so that no browser asks anyone else for it."""

from importlib.resources import files

from flask import Blueprint, Response, current_app, jsonify, send_from_directory, url_for
from markupsafe import Markup

docs = Blueprint("docs", __name__)
_ASSETS = files("flask_openapi3_swagger").joinpath("templates/swagger")
_MADE = "otpgate-openapi"
_ALLOWED = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
_PAGE = Markup(
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>otpgate API</title>'
    '<meta name="viewport" content="width=device-width">'
    '<link rel="icon" href="data:,"><link rel="stylesheet" href="{style}"><div id="api">'
    '</div><script src="{script}"></script>'
    '<script src="{start}"></script></html>'
)
_START = 'SwaggerUIBundle({{url: {url!r}, dom_id: "#api", deepLinking: true}})'


@docs.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document."""
    from gateway.web.openapi.document import document  # noqa: PLC0415 - its models would slow every start

    made = current_app.extensions
    if _MADE not in made:  # once: neither routes nor models change
        made[_MADE] = document(current_app)
    return jsonify(made[_MADE])


@docs.get("/docs")
def page() -> Response:
    """A page to browse it with."""
    shown = _PAGE.format(
        style=url_for("docs.asset", name="css/swagger-ui.css"),
        script=url_for("docs.asset", name="js/swagger-ui-bundle.js"),
        start=url_for("docs.start"),
    )
    response = Response(shown, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _ALLOWED + "connect-src 'self'"
    return response


@docs.get("/docs/start.js")
def start() -> Response:
    """What starts Swagger UI."""
    return Response(_START.format(url=url_for("docs.openapi")), mimetype="text/javascript")


@docs.get("/docs/assets/<path:name>")
def asset(name: str) -> Response:
    """Swagger UI's own script and style."""
    return send_from_directory(str(_ASSETS), name)
