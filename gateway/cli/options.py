"""Options that several commands share, and the settings they make."""

import os
from pathlib import Path
from typing import Annotated

import typer

from core.configuration import load
from core.settings import Settings

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", envvar="OTPGATE_CONFIG", help="TOML file; see config.example.toml.", show_default="none"
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        envvar="OTPGATE_DATA_DIR",
        help="Where the database and keys are kept.",
        show_default="./otpgate-data",
    ),
]


def settings_from(config: Path | None, data_dir: Path | None, **flags: object) -> Settings:
    """The settings of file, environment and flags; raises ConfigurationError with every fault."""
    given = {key.replace("__", "."): value for key, value in flags.items() if value is not None}
    if data_dir is not None:
        given["server.data_dir"] = str(data_dir)
    return load(config, os.environ, given)
