"""Identifiers in the addresses of pages."""

from urllib.parse import quote, unquote

from flask.sansio.app import App
from werkzeug.routing import PathConverter


class IdentifierConverter(PathConverter):
    """An identifier as a part of a path: `a/../b@x.example` as well.

    Its slashes are escaped twice. What is escaped once, servers and proxies read as a slash, and browsers take
    `/../` out of a path before they ask (WHATWG URL, 4.4). As somebody types it, it is understood too.
    """

    def to_python(self, value: str) -> str:
        """The identifier."""
        return unquote(value)

    def to_url(self, value: str) -> str:
        """What stands for it in a path."""
        return quote(quote(value, safe="@+") if {*"/%"} & {*value} else value, safe="@+")


def take_identifiers(app: App) -> None:
    """Let routes say `<identifier:…>`."""
    app.url_map.converters["identifier"] = IdentifierConverter
