"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise typer.BadParameter("write it with http:// or https://, such as http://127.0.0.1:8025")
    return text.rstrip("/")


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
KeyDir = Annotated[
    Path,
    typer.Option(
        "--data-dir",
        envvar=["OTPGATE_DATA_DIR", "OTPGATE_SERVER__DATA_DIR"],
        help="Where `admin.key` is looked for when there is no --key.",
    ),
]
Url = Annotated[
    str, typer.Option("--url", envvar="OTPGATE_URL", help="Where the gateway's HTTP is.", callback=_url)
]
Key = Annotated[
    str,
    typer.Option(
        "--key",
        envvar="OTPGATE_KEY",
        help="API key. The variable is safer: other users of the machine can see arguments.",
        show_default="admin.key in the data folder",
    ),
]
Identifier = Annotated[
    str,
    typer.Argument(
        metavar="IDENTIFIER", help="Mailbox or phone number, such as user@example.com or +15551230000."
    ),
]
HERE = "http://127.0.0.1:8025"
DATA_DIR = Path("otpgate-data")
