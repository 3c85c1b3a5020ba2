"""`otpgate backup`: a copy of the database while the gateway serves."""

from pathlib import Path
from typing import Annotated

import typer

from core.errors import OtpgateError
from core.settings import Settings
from core.store import back_up, is_sqlite, pg_dump_command
from gateway.cli.configured import read_settings
from gateway.cli.options import ConfigFile, DataDir
from gateway.cli.terminal import clock
from gateway.data_folder import ADMIN_KEY_FILE, DATABASE_FILE, database_url
from gateway.sealing import KEY_FILE

Target = Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes; a file there is replaced.")]


def backup(file: Target, config: ConfigFile = None, data_dir: DataDir = None) -> None:
    """Copy the database into FILE while the gateway serves. The encryption key is left out, on purpose.

    Without that key nobody can read the codes, links, bodies and TOTP secrets in the copy: not a thief, and
    not you. Keep it elsewhere. For PostgreSQL, this names the pg_dump command to run. **Example**

        otpgate backup /var/backups/otpgate.db --data-dir /var/lib/otpgate
    """
    settings = read_settings(config, data_dir)
    url = database_url(settings)
    if not is_sqlite(url):
        raise OtpgateError(
            f"a PostgreSQL database is copied with:\n{pg_dump_command(url, file)}\n{_key(settings)}"
        )
    own = settings.server.data_dir / DATABASE_FILE
    if not settings.database.url.get_secret_value() and not own.exists():
        raise OtpgateError(f"{own} is not there: name the data folder with --data-dir")
    with clock(f"copying into {file}"):
        back_up(url, file)
    typer.echo(f"copied the database into {file} ({file.stat().st_size:,} bytes)")
    typer.echo(_key(settings))


def _key(settings: Settings) -> str:
    """Where the key is that the copy does without."""
    folder = settings.server.data_dir
    place = "encryption.key of your configuration"
    if not settings.encryption.key.get_secret_value():
        place = f"{folder / KEY_FILE} (and {folder / ADMIN_KEY_FILE})"
    return (
        f"The copy does not hold the encryption key: keep {place} in another place. "
        "Without it the codes, links, bodies and TOTP secrets in the copy are lost."
    )
