"""Who is signed in to the console: an opaque cookie, of which the database keeps the digest alone.

So a session is good at every node, and ends when it is idle, signed out of, or its API key is revoked or expires
(OWASP, Session Management Cheat Sheet).
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from flask import g, request
from werkzeug.wrappers import Response

from core import access
from core.errors import ForbiddenError, UnauthenticatedError
from core.exposure import exposures
from core.store import ApiKey, Session
from gateway.web.parts import parts

COOKIE = "otpgate_session"
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
_COARSE = timedelta(minutes=1)
"""How exact the end of a session is at most: not every request writes."""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A living session, its API key, and the token that changes must carry."""

    session: Session
    key: ApiKey
    csrf: str = field(repr=False)


def begin(key: ApiKey) -> str:
    """A new session of that key; its cookie's value."""
    token, now = secrets.token_urlsafe(32), parts().clock()
    session = Session(digest=_digest(token), key_id=key.id, created_at=now, ends_at=now + _idle())
    parts().store.sessions.add(session).result()
    return token


def end() -> None:
    """End the session of the present request."""
    parts().store.sessions.remove(_digest(request.cookies.get(COOKIE, ""))).result()


def is_secure() -> bool:
    """Whether browsers may send the cookie over https alone: once anyone but this machine may come."""
    return bool(exposures(parts().settings))


def set_cookie(response: Response, token: str) -> None:
    """Give the browser its cookie, or take it away with ""."""
    lasts = None if token else 0
    response.set_cookie(COOKIE, token, max_age=lasts, secure=is_secure(), httponly=True, samesite="Strict")


def current() -> SignedIn | None:
    """The living session of the present request."""
    token = request.cookies.get(COOKIE, "")
    session = parts().store.sessions.find(_digest(token)) if token else None
    if session is None or session.ends_at <= parts().clock():
        return None
    found = parts().store.keys.find(session.key_id)
    if found is None or not access.lives(found[0], parts().clock()):
        return None
    return SignedIn(session=session, key=found[0], csrf=_csrf(token))


def enter() -> SignedIn:
    """The same, as the caller of the present request; raises UnauthenticatedError."""
    signed_in = current()
    if signed_in is None:
        raise UnauthenticatedError("sign in to the console")
    g.key, g.signed_in = signed_in.key, signed_in
    return signed_in


def stay(signed_in: SignedIn) -> None:
    """Begin the idle time anew: a person did something."""
    ends_at = parts().clock() + _idle()
    if ends_at - signed_in.session.ends_at >= min(_COARSE, _idle() / 10):
        parts().store.sessions.extend(signed_in.session.digest, ends_at)


def check_csrf(signed_in: SignedIn) -> None:
    """Raises ForbiddenError unless a page of this session sent the present request."""
    sent = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not hmac.compare_digest(sent.encode(), signed_in.csrf.encode()):
        raise ForbiddenError("this did not come from a page of your session: load the page again")


def check_origin() -> None:
    """Raises ForbiddenError when another site's page sent the present request: nobody signs others in.

    Browsers say so in Sec-Fetch-Site (W3C Fetch Metadata), over plain HTTP in Origin alone.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "")
    own = {request.host_url.rstrip("/"), _origin(parts().settings.server.public_url)}
    if site not in {None, "same-origin", "none"} or (site is None and origin and origin not in own):
        raise ForbiddenError("another site sent this: sign in on the console's own page")


def _origin(url: str) -> str:
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}"


def _idle() -> timedelta:
    return timedelta(seconds=parts().settings.console.idle_seconds)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _csrf(token: str) -> str:
    """Derived from the cookie: only who has the cookie, or a page made for it, knows it."""
    return hmac.digest(token.encode(), b"csrf", "sha256").hex()
