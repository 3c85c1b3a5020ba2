"""The `otpgate` command: one file a command group.

Exit codes: 0 done, 1 failed, 2 usage, 3 nothing arrived in time, 78 bad configuration.
"""

import sys

import typer
from rich.console import Console

from core.errors import ConfigurationError, OtpgateError
from core.settings import LogSettings
from gateway.cli.serve import serve
from gateway.logs import configure_logs

BAD_CONFIGURATION = 78  # EX_CONFIG of sysexits.h
app = typer.Typer(
    name="otpgate",
    help="Hands one-time codes and sign-in links to the program that is logging in.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command()(serve)


@app.callback()
def root() -> None:
    """Hands one-time codes and sign-in links to the program that is logging in."""
    configure_logs(LogSettings(level="warning"), sys.stderr)


def main() -> None:
    """Run the command line; errors on purpose end with one clear message each and their exit code."""
    try:
        app()
    except ConfigurationError as error:
        for fault in error.faults:
            _say(fault)
        sys.exit(BAD_CONFIGURATION)
    except OtpgateError as error:
        _say(str(error))
        sys.exit(1)


def _say(text: str) -> None:
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(f"otpgate: {text}")
