"""`otpgate cursor`: now, as the gateway sees it."""

import typer

from gateway.cli.api import Gateway
from gateway.cli.options import DATA_DIR, HERE, Key, KeyDir, Url


def cursor(url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """Print a cursor for now: take it before asking the site for a code, so that no older code is taken.

    **Example**

        CURSOR=$(otpgate cursor); log-in-somewhere; otpgate wait user@example.com --after "$CURSOR"
    """
    with Gateway(url, key, data_dir) as gateway:
        typer.echo(gateway.call("POST", "/v1/cursors", {})["cursor"])
