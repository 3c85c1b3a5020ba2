"""`otpgate mcp`: tools for AI agents that log in, by the Model Context Protocol (modelcontextprotocol.io)."""

from ipaddress import ip_address
from typing import Annotated

import typer

from core.errors import OtpgateError
from core.settings import split_address
from gateway.cli.options import DATA_DIR, HERE, Key, KeyDir, Url

Http = Annotated[
    str,
    typer.Option(
        metavar="HOST:PORT", help="Listen for streamable HTTP at /mcp.", show_default="standard input and output"
    ),
]
AllowedHost = Annotated[
    list[str] | None,
    typer.Option(
        help="A Host header that callers may send, when not on loopback; may be repeated.", metavar="HOST"
    ),
]


def mcp_server(
    http: Http = "",
    allowed_host: AllowedHost = None,
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Give an AI agent tools to get one-time codes, without ever showing it a mailbox.

    It is a client of the gateway, and runs wherever the agent does. On standard input and output it uses the key
    given; over HTTP each caller sends an API key of its own with every request, and this process has none.

    **Examples**

        OTPGATE_KEY=… otpgate mcp

        otpgate mcp --http 127.0.0.1:8026
    """
    try:
        from gateway.cli.mcp import door  # noqa: PLC0415 - the SDK is an extra
    except ImportError as error:
        raise OtpgateError("the MCP SDK is missing: pip install '.[mcp]' in a clone of otpgate") from error
    if not http:
        door.talk(url, key, data_dir)
        return
    host, port = _listen(http)
    if not (_is_loopback(host) or allowed_host):
        raise typer.BadParameter("beyond loopback name the host that callers use", param_hint="--allowed-host")
    if key:
        raise typer.BadParameter(
            "over HTTP each caller sends its own key: leave out --key and OTPGATE_KEY", param_hint="--key"
        )
    door.listen(url, (host, port), allowed_host or [])


def _listen(text: str) -> tuple[str, int]:
    try:
        return split_address(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--http") from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
