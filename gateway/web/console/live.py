"""Live: the newest codes as they arrive, and pushing one by hand."""

from flask import redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from core.errors import ForbiddenError
from gateway.web import auth
from gateway.web.console.frame import NAVIGATION, navigation, pages, show, viewing

live = pages("live")


@live.get("/")
@viewing()
def page() -> AnyResponse:
    """The page; a key that may see nothing of it goes on to the first place that it may see."""
    if not auth.may(*NAVIGATION[0].scopes):
        places = navigation()
        if not places:
            raise ForbiddenError("this API key may see nothing of the console: sign in with another")
        return redirect(url_for(places[0].endpoint), 303)
    return show("live.html")
