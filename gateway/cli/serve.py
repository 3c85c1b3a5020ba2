"""`otpgate serve`."""

import gc
import sys
from enum import StrEnum
from typing import Annotated

import typer

from core import journal
from core.settings import Settings
from gateway.cli.configured import servable
from gateway.cli.options import ConfigFile, DataDir
from gateway.data_folder import ADMIN_KEY_FILE, make_admin_key, sole_writer
from gateway.logs import configure_logs
from gateway.runtime import build
from gateway.supervisor import Addresses, Supervisor

Port = Annotated[int | None, typer.Option(min=0, max=65535, show_default="from the configuration")]


class Door(StrEnum):
    """The one door of a node that leaves the other to others."""

    SMTP = "smtp"
    HTTP = "http"


Only = Annotated[
    Door | None, typer.Option(help="Open this door alone: others serve the same database.", show_default="both")
]


def serve(
    config: ConfigFile = None,
    data_dir: DataDir = None,
    smtp_port: Port = None,
    http_port: Port = None,
    only: Only = None,
) -> None:
    """Run the gateway: SMTP and HTTP in one process, until SIGTERM or Ctrl-C.

    Needs no configuration: SQLite in ./otpgate-data, SMTP on 127.0.0.1:2525, HTTP on 127.0.0.1:8025. Port 0
    takes a free one; the `ready` line says which.
    """
    settings = _on_ports(servable(config, data_dir), smtp=smtp_port, http=http_port)
    configure_logs(settings.log, sys.stdout)
    with sole_writer(settings):
        raise typer.Exit(_serve(settings, only))


def _serve(settings: Settings, only: Door | None) -> int:
    gc.disable()
    runtime = build(settings)
    gc.freeze()  # words, routes, statements stay: no collection looks through them again, while calls wait
    gc.enable()
    key = make_admin_key(runtime.store, settings.server.data_dir, runtime.clock())
    if key:
        _show_key(key, str(settings.server.data_dir / ADMIN_KEY_FILE))

    def ready(addresses: Addresses) -> None:
        journal.started(addresses.smtp, addresses.http, str(settings.server.data_dir))

    return Supervisor(runtime, ready, only or "").run()


def _on_ports(settings: Settings, **ports: int | None) -> Settings:
    """The settings with the ports that flags gave."""
    sections = {}
    for section, port in ports.items():
        given = getattr(settings, section)
        if port is not None:
            host = given.listen.rpartition(":")[0]
            sections[section] = given.model_copy(update={"listen": f"{host}:{port}"})
    return settings.model_copy(update=sections)


def _show_key(key: str, file: str) -> None:
    """The admin key itself on a terminal only; elsewhere just where it is."""
    told = f"(shown this once, kept in {file}): {key}" if sys.stdout.isatty() else f"made: {file}"
    typer.echo(f"Admin key {told}")
