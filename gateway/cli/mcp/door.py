"""How agents reach the tools: standard input and output, or streamable HTTP with a key in every request."""

import socket
from pathlib import Path

import anyio
import uvicorn
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.cli.api import Gateway
from gateway.cli.mcp.tools import make_server
from gateway.cli.terminal import say

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_NO_DATA = Path("/nonexistent")
_DRAIN_SECONDS = 3
_IDLE_SECONDS = 24 * 3600.0
"""How long a session is kept that nothing is asked of: by its session a caller cancels a call."""
_LEFT = "otpgate.left"
"""In a request's scope: set once its connection is gone."""


def talk(url: str, key: str, data_dir: Path) -> None:
    """Serve one agent on standard input and output, until it closes them; raises CallError without a key."""
    with Gateway(url, key, data_dir):
        pass
    try:
        make_server(lambda _: Gateway(url, key, data_dir)).run("stdio")
    except* BrokenPipeError:  # the agent was killed: there is nobody to tell
        pass


def listen(url: str, address: tuple[str, int], hosts: list[str]) -> None:
    """Serve over HTTP until a signal. Browsers that were lured here are refused by Host and Origin."""
    server = make_server(lambda context: Gateway(url, _key(context), _NO_DATA), _has_left)
    allowed = [*(f"{host}:*" for host in _LOOPBACK), *hosts, *(f"{host}:*" for host in hosts)]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=allowed,
        allowed_origins=[f"{scheme}://{host}" for host in allowed for scheme in ("http", "https")],
    )
    app = server.streamable_http_app(
        transport_security=security, host=address[0], session_idle_timeout=_IDLE_SECONDS
    )
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.create_server(address, family=family) as opened:
        host = f"[{address[0]}]" if family == socket.AF_INET6 else address[0]
        say(f"MCP listens at http://{host}:{opened.getsockname()[1]}/mcp")
        config = uvicorn.Config(
            Keyed(app), log_level="warning", access_log=False, timeout_graceful_shutdown=_DRAIN_SECONDS
        )
        uvicorn.Server(config).run(sockets=[opened])


class Keyed:
    """Lets nobody in without a key; whether it is a right one, the gateway says. Notes whose connection ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 401 to a request without a key."""
        if scope["type"] != "http" or sent_key(Request(scope)):
            await self._app(scope, _noting(scope, receive), send)
            return
        refused = JSONResponse(
            {"error": "send an otpgate API key as x-api-key or Authorization: Bearer"},
            status_code=401,
            headers={"WWW-Authenticate": "Bearer"},
        )
        await refused(scope, receive, send)


def _noting(scope: Scope, receive: Receive) -> Receive:
    left = scope[_LEFT] = anyio.Event()

    async def noted() -> Message:
        message = await receive()
        if message["type"] == "http.disconnect":
            left.set()
        return message

    return noted


def _has_left(context: Context) -> bool:
    """Whether a request's connection ended while it was held: what came for it would reach nobody."""
    request = context.request_context.request
    return isinstance(request, Request) and request.scope[_LEFT].is_set()


def sent_key(request: Request) -> str:
    """The API key of a request, "" where it has none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return str(request.headers.get("x-api-key") or (token.strip() if scheme.lower() == "bearer" else ""))


def _key(context: Context) -> str:
    request = context.request_context.request
    key = sent_key(request) if isinstance(request, Request) else ""
    if not key:
        raise ToolError("send an otpgate API key as x-api-key or Authorization: Bearer")
    return key
