"""The `otpgate` command: one file a command group, imported only when its command is called.

Exit codes: 0 done, 1 failed, 2 usage, 3 nothing arrived in time, 78 bad configuration.
"""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from core.errors import ConfigurationError, OtpgateError
from gateway.cli.terminal import say

BAD_CONFIGURATION = 78  # EX_CONFIG of sysexits.h
COMMANDS = {
    "serve": "serve:serve",
    "demo": "demo:demo",
    "parse": "parse:parse",
    "wait": "wait:wait",
    "push": "push:push",
    "cursor": "cursor:cursor",
    "keys": "keys:app",
    "identifiers": "identifiers:app",
    "check-config": "check_config:check_config",
    "migrate": "migrate:migrate_database",
}
"""Each command's module in this package, and what in it is the command or the group of commands."""


class Commands(TyperGroup):
    """The commands, imported one by one: a program that waits for a code need not load the database."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        """The names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - typer's signature
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(f"{__name__}.{module}"), name)
        if isinstance(found, typer.Typer):
            return typer.main.get_command(found)
        alone = typer.Typer(rich_markup_mode="markdown", add_completion=False)
        alone.command(cmd_name)(found)
        return typer.main.get_command(alone)


app = typer.Typer(
    name="otpgate", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="markdown"
)


@app.callback()
def root() -> None:
    """Receives forwarded mail and SMS, and hands the one-time code to the program that is logging in.

    Begin with `otpgate demo`, then `otpgate serve`, and in another terminal `otpgate wait user@example.com`.
    """


def main() -> None:
    """Run the command line; errors on purpose end with one clear message each and their exit code."""
    try:
        app(prog_name="otpgate")
    except ConfigurationError as error:
        for fault in error.faults:
            say(fault)
        sys.exit(BAD_CONFIGURATION)
    except OtpgateError as error:
        say(str(error))
        sys.exit(1)
