"""What every page of the console stands in: who may see it, its navigation, its headers, its errors."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from core import access, journal
from core.errors import NotFoundError, OtpgateError, TemporaryError, UnauthenticatedError
from gateway.web import auth, sessions
from gateway.web.console.addressed import take_identifiers
from gateway.web.console.assets import asset
from gateway.web.parts import parts
from gateway.web.replies import problem
from gateway.web.shell import note_refused

P = ParamSpec("P")
View = Callable[P, AnyResponse]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Of every page: nothing inline, nothing from elsewhere, and no text ever becomes markup or script."""
AGAIN = "again"
"""In the address of a page that was loaded anew by itself (again.js): nobody is there for that."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NOT_PAGES = ("/v1/", "/api/", "/hooks/")
_THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A link of the navigation: shown to keys that have one of the scopes."""

    name: str
    endpoint: str
    scopes: tuple[access.Scope, ...]


NAVIGATION = (
    Place(name="Live", endpoint="console_live.page", scopes=("read", "claim", "push")),
    Place(name="History", endpoint="console_history.page", scopes=("read", "claim")),
    Place(name="Identifiers", endpoint="console_identifiers.page", scopes=("admin", "totp:write")),
    Place(name="Test a message", endpoint="console_trial.page", scopes=("push", "read", "claim", "messages")),
    Place(name="Operations", endpoint="console_operations.page", scopes=("read", "admin")),
)


def pages(name: str) -> Blueprint:
    """A blueprint for pages of the console: what goes wrong in it is shown as a page, or as JSON to a script."""
    blueprint = Blueprint(f"console_{name}", __name__)
    blueprint.record(lambda state: take_identifiers(state.app))
    blueprint.register_error_handler(OtpgateError, _refused)
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(Exception, _failed)
    return blueprint


def viewing(*scopes: access.Scope, quiet: bool = False) -> Callable[[View[P]], View[P]]:
    """Let a view run only for someone signed in whose key has one of the scopes, if any are named.

    A change (any method but GET) must carry the session's CSRF token. `quiet` is for what a page asks for by
    itself: it does not count as a person's doing.
    """

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> AnyResponse:
            signed_in = sessions.enter()
            if request.method not in _SAFE:
                sessions.check_csrf(signed_in)
            if scopes:
                auth.require(*scopes)
            if not (quiet or AGAIN in request.args):
                sessions.stay(signed_in)
            return view(*args, **kwargs)

        return guarded

    return decorate


def show(template: str, status: int = 200, **context: object) -> Response:
    """A page made of `templates/console/<template>`."""
    signed_in = g.get("signed_in")
    page = render_template(
        f"console/{template}",
        asset=asset,
        signed_in=signed_in,
        navigation=navigation() if signed_in else (),
        may=auth.may,
        theme=request.cookies.get("otpgate_theme") if request.cookies.get("otpgate_theme") in _THEMES else "auto",
        discreet=is_discreet(),
        idle_seconds=parts().settings.console.idle_seconds,
        **context,
    )
    response = make_response(page, status)
    response.headers["Content-Security-Policy"] = POLICY
    return response


def is_discreet() -> bool:
    """Whether this browser's pages mask codes."""
    return request.cookies.get("otpgate_discreet") == "on"


def navigation() -> list[Place]:
    """The places that the caller may go to."""
    return [p for p in NAVIGATION if p.endpoint in current_app.view_functions and auth.may(*p.scopes)]


def wants_json() -> bool:
    """Whether a script asks, and not somebody who looks at a page."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def lost() -> Response | None:
    """The page for an address where nothing is, for a browser that is signed in; None for any other caller."""
    looks = parts().settings.console.enabled and "text/html" in request.headers.get("Accept", "")
    if not looks or request.path.startswith(_NOT_PAGES):
        return None
    try:
        sessions.enter()
    except OtpgateError:
        return None
    return show("refused.html", NotFoundError.status, error=NotFoundError("nothing is at this address"))


def _refused(error: Exception) -> AnyResponse:
    if not isinstance(error, OtpgateError):
        raise error
    if isinstance(error, UnauthenticatedError) and not wants_json():
        here = request.full_path.rstrip("?") if request.method in _SAFE else None
        return redirect(url_for("console_entrance.page", next=here if here != "/" else None), 303)
    note_refused(error)
    journal.request_refused(path=_route(), problem=error.slug, address=request.remote_addr or "")
    return _told(error)


def _http(error: Exception) -> AnyResponse:
    """Werkzeug's own refusals (404, 405, 413…)."""
    if not isinstance(error, HTTPException):
        raise error
    known = type("HttpError", (OtpgateError,), {"slug": (error.name or "error").lower(), "status": error.code})
    return _told(known(error.description or ""))


def _failed(error: Exception) -> AnyResponse:
    """Our own trouble is temporary to the outside, and tells nothing of its cause."""
    journal.request_failed(path=_route(), error=error)
    return _told(TemporaryError("the gateway met a fault of its own: try again"))


def _told(error: OtpgateError) -> AnyResponse:
    return problem(error) if wants_json() else show("refused.html", error.status, error=error)


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "unknown"
