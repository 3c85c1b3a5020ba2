"""`otpgate purge`: forget what is due, now."""

from contextlib import closing
from datetime import UTC, datetime

import typer

from core.retention import horizon, purge
from gateway.cli.configured import read_settings
from gateway.cli.options import ConfigFile, DataDir
from gateway.data_folder import sole_writer
from gateway.database import open_database


def purge_now(config: ConfigFile = None, data_dir: DataDir = None) -> None:
    """Forget what the [retention] settings say is due. `serve` does the same once a minute.

    On SQLite, stop the gateway before: one program writes to the file. **Example**

        otpgate purge --data-dir /var/lib/otpgate
    """
    settings = read_settings(config, data_dir)
    with sole_writer(settings), closing(open_database(settings, lambda _: None)) as store:
        rows = purge(store, horizon(settings.retention, datetime.now(UTC)))
    typer.echo(f"forgot {rows} rows")
