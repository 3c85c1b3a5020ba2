"""`otpgate skyvern-url`: an address for Skyvern's `totp_url`."""

import typer

from gateway.cli.api import Gateway
from gateway.cli.options import DATA_DIR, HERE, Identifier, Key, KeyDir, Url
from gateway.cli.wait import Issuer, LinkHosts, Senders, WhatKind


def skyvern_url(  # noqa: PLR0913 - a command's options
    identifier: Identifier,
    *,
    kind: WhatKind = None,
    sender: Senders = None,
    link_host: LinkHosts = None,
    issuer: Issuer = "",
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Print an address to set as `totp_url` in Skyvern: it hands each run its code. Keep it secret.

    It works as long as the API key that made it. A self-hosted Skyvern must allow its host (ALLOWED_HOSTS).

    **Example**

        otpgate skyvern-url user@example.com --sender github.com
    """
    wanted = {
        "identifier": identifier,
        "kind": kind.value if kind else "",
        "sender": sender or [],
        "link_host": link_host or [],
        "issuer": issuer,
    }
    with Gateway(url, key, data_dir) as gateway:
        typer.echo(gateway.call("POST", "/v1/skyvern/urls", wanted)["url"])
