"""What stands before and behind every request: whose address it is, what its answer carries, what is audited."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, g, request

from core.errors import ForbiddenError, NotFoundError, OtpgateError, UnauthenticatedError
from core.store import ApiKey, Showing
from gateway.addresses import Network, is_address, is_in, networks_of, plain_address
from gateway.web.parts import Parts, parts

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
AUDITED = (UnauthenticatedError, ForbiddenError, NotFoundError)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer; a page that needs more of its browser says so itself (OWASP, HTTP Headers Cheat Sheet)."""
_FORWARDING = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED",
    "HTTP_X_FORWARDED_BY",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)
_HSTS = "max-age=31536000"


def harden(app: Flask, with_parts: Parts) -> None:
    """Put the shell around an app."""
    settings = with_parts.settings
    app.wsgi_app = ClientAddress(app.wsgi_app, networks_of(settings.http.proxies))  # type: ignore[method-assign]  # Flask's own way to add WSGI layers
    headers = dict(HEADERS)
    if settings.server.public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = _HSTS

    def finish(response: Response) -> Response:
        for name, text in headers.items():
            response.headers.setdefault(name, text)
        return response

    app.after_request(finish)


class ClientAddress:
    """Takes the client's address from X-Forwarded-For of named proxies; any other word of a proxy is dropped.

    The last address that is not itself a proxy's counts: what stands before it, the client may have written.
    """

    def __init__(self, app: Wsgi, proxies: tuple[Network, ...]) -> None:
        self._app, self._proxies = app, proxies

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answers as the app does."""
        for name in _FORWARDING:
            environ.pop(name, None)
        peer = plain_address(environ.get("REMOTE_ADDR", ""))
        hops = environ.pop("HTTP_X_FORWARDED_FOR", "").split(",")
        while hops and is_in(peer, self._proxies) and (hop := _address(hops.pop())):
            peer = hop
        environ["REMOTE_ADDR"] = peer
        return self._app(environ, start_response)


def _address(hop: str) -> str:
    """The address of one hop, without brackets and the port that some proxies add; "" for anything else."""
    text = hop.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return plain_address(text) if is_address(text) else ""


def note_refused(error: OtpgateError) -> None:
    """Write an audit row for a call that was not allowed; so many a minute, or refusals would fill the disk."""
    address = request.remote_addr or ""
    if not isinstance(error, AUDITED) or not parts().refusals.take(address):
        return
    key = g.get("key")
    row = Showing(
        at=parts().clock(),
        action=f"{request.method} {request.url_rule.rule if request.url_rule else 'unknown'}",
        result=error.slug,
        key_id=key.id if isinstance(key, ApiKey) else "",
        identifier=g.get("asked_for", ""),
        address=address,
    )
    parts().store.audit.add(row)
