"""`otpgate migrate`: the database, brought up to date without serving."""

import typer

from core.migrations import migrate
from gateway.cli.configured import read_settings
from gateway.cli.options import ConfigFile, DataDir
from gateway.data_folder import database_url, sole_writer


def migrate_database(config: ConfigFile = None, data_dir: DataDir = None) -> None:
    """Bring the database up to date; an older SQLite file is copied first. `serve` does the same.

    Stop the gateway before. **Example**

        otpgate migrate --data-dir /var/lib/otpgate
    """
    settings = read_settings(config, data_dir)
    with sole_writer(settings):
        done = migrate(database_url(settings))
    if done.before == done.after:
        typer.echo(f"the database is up to date: {done.after}")
    elif not done.before:
        typer.echo(f"made a new database: {done.after}")
    else:
        typer.echo(f"migrated from {done.before} to {done.after}")
    if done.backup:
        typer.echo(f"the database as it was: {done.backup}")
