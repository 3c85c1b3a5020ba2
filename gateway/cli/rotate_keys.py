"""`otpgate rotate-keys`: a new key for everything that is sealed, while the gateway serves."""

import time

import typer

from gateway.cli.api import CallError, Gateway
from gateway.cli.options import DATA_DIR, HERE, Key, KeyDir, Url
from gateway.cli.terminal import clock, say

EVERY_SECONDS = 0.3


def rotate_keys(url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """Seal everything with a new key, row by row, while the gateway goes on serving.

    What was interrupted goes on when called again. Keys that you configure yourself (encryption.key) are yours to
    make: add the new one as the second on every node and restart, make it the first and restart, then call this.

    **Example**

        otpgate rotate-keys && otpgate backup /backups/otpgate.db
    """
    with Gateway(url, key, data_dir) as gateway, clock("sealing everything with a new key"):
        progress = gateway.call("POST", "/v1/rotations", {})
        while progress["state"] == "running":
            time.sleep(EVERY_SECONDS)
            progress = gateway.call("GET", "/v1/rotations")
    if progress["state"] != "done":
        raise CallError("the rotation was interrupted: call it again and it goes on")
    typer.echo(f"{progress['rows']} rows are sealed with key {progress['key_id']} now")
    if progress["retired"]:
        say(f"older backups need the older keys: they are in {progress['retired']}")
