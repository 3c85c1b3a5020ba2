"""`otpgate serve`."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from core import journal
from gateway.cli.options import ConfigFile, DataDir, settings_from
from gateway.logs import configure_logs
from gateway.runtime import ADMIN_KEY_FILE, build, make_admin_key
from gateway.supervisor import Addresses, Supervisor

Port = Annotated[int | None, typer.Option(min=0, max=65535, show_default="from the configuration")]


def serve(
    config: ConfigFile = None, data_dir: DataDir = None, smtp_port: Port = None, http_port: Port = None
) -> None:
    """Run the gateway: SMTP and HTTP in one process, until SIGTERM or Ctrl-C.

    Needs no configuration: SQLite in ./otpgate-data, SMTP on 127.0.0.1:2525, HTTP on 127.0.0.1:8025. Port 0
    takes a free one; the `ready` line says which.
    """
    settings = settings_from(config, data_dir)
    flags = {
        f"{section}__listen": f"{_host(listen)}:{port}"
        for section, listen, port in (
            ("smtp", settings.smtp.listen, smtp_port),
            ("http", settings.http.listen, http_port),
        )
        if port is not None
    }
    settings = settings_from(config, data_dir, **flags)
    configure_logs(settings.log, sys.stdout)
    runtime = build(settings)
    key = make_admin_key(runtime)
    if key:
        _show_key(key, str(settings.server.data_dir / ADMIN_KEY_FILE))

    def ready(addresses: Addresses) -> None:
        journal.started(addresses.smtp, addresses.http, str(settings.server.data_dir))

    raise typer.Exit(Supervisor(runtime, ready).run())


def _host(listen: str) -> str:
    return listen.rpartition(":")[0]


def _show_key(key: str, file: str) -> None:
    """The admin key itself on a terminal only; elsewhere just where it is."""
    console = Console(highlight=False, soft_wrap=True)
    if sys.stdout.isatty():
        console.print(f"Admin key (shown this once, kept in {file}): {key}", markup=False)
    else:
        console.print(f"Admin key made: {file}", markup=False)
