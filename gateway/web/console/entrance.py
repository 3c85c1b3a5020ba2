"""Signing in with an API key, staying, and signing out."""

from flask import Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core import access, journal
from core.errors import TooManyWrongKeysError, UnauthenticatedError
from gateway.web import auth, sessions
from gateway.web.console.frame import pages, show, viewing
from gateway.web.parts import parts
from gateway.web.shell import note_refused

entrance = pages("entrance")
LOST = "Your browser keeps a session over https only: open the console by its https address."
WRONG = "That is no API key of this gateway, or it was revoked or has expired."


@entrance.get("/sign-in")
def page() -> AnyResponse:
    """The page to sign in on; whoever is signed in goes on."""
    if sessions.current():
        return redirect(onward(request.values.get("next", "")), 303)
    return _form(LOST if "began" in request.args else "")


@entrance.post("/sign-in")
def sign_in() -> AnyResponse:
    """Begins a session of the key that was sent; wrong keys count to the limit of their address."""
    sessions.check_origin()
    try:
        key = access.verify(request.form.get("key", ""), parts().store.keys.find, parts().clock())
    except UnauthenticatedError as error:
        return _wrong(error)
    g.key = key
    parts().store.audit.add(auth.showing("console", "signed in")).result()
    journal.signed_in(key_id=key.id, address=request.remote_addr or "")
    place = onward(request.values.get("next", ""))
    if sessions.is_secure():  # by way of a page that says so if the browser did not keep the cookie
        place = url_for("console_entrance.page", began="", next=place)
    response = redirect(place, 303)
    sessions.set_cookie(response, sessions.begin(key))
    return response


@entrance.get("/session")
@viewing(quiet=True)
def look() -> AnyResponse:
    """For how many more seconds the session lasts if nobody touches the page."""
    left = g.signed_in.session.ends_at - parts().clock()
    return Response(f"{max(0.0, left.total_seconds()):.0f}", mimetype="text/plain")


@entrance.post("/session")
@viewing()
def touch() -> AnyResponse:
    """Somebody is there: the idle time begins anew."""
    return Response(status=204)


@entrance.post("/sign-out")
@viewing()
def sign_out() -> AnyResponse:
    """Ends the session."""
    sessions.end()
    response = redirect(url_for("console_entrance.page"), 303)
    sessions.set_cookie(response, "")
    return response


def _wrong(error: UnauthenticatedError) -> Response:
    """The form again, and how to go on; an audit row, as for any wrong key."""
    shown, status = WRONG, error.status
    try:
        parts().wrong_keys.note(request.remote_addr or "")
        note_refused(error)
    except TooManyWrongKeysError as many:
        shown, status = f"{str(many).capitalize()}.", many.status
    journal.request_refused(path="/sign-in", problem=error.slug, address=request.remote_addr or "")
    return _form(shown, status)


def _form(wrong: str = "", status: int = 200) -> Response:
    return show("sign_in.html", status, wrong=wrong, onward=onward(request.values.get("next", "")))


def onward(wanted: str) -> str:
    """The address to go on to: what was wanted if it is a place of this console, else its first page."""
    here = wanted.startswith("/") and not wanted.startswith(("//", "/\\", "/sign-in")) and wanted.isprintable()
    return wanted if here else "/"
