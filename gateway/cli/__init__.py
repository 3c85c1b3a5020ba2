"""The `otpgate` command: one file a command group, imported only when its command is called.

Exit codes: 0 done, 1 failed, 2 usage, 3 nothing arrived in time, 78 bad configuration.
"""

import atexit
import gc
import sys
from importlib import import_module, metadata
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from core.errors import ConfigurationError, OtpgateError
from gateway.cli.terminal import say

BAD_CONFIGURATION = 78  # EX_CONFIG of sysexits.h
COMMANDS = {
    "serve": ("serve:serve", "Run the gateway: SMTP and HTTP in one process."),
    "demo": ("demo:demo", "Show it all in one go: a mail and an SMS in, both codes out, with times."),
    "wait": ("wait:wait", "Wait for a code, claim it and print it: the bare value and nothing else."),
    "cursor": ("cursor:cursor", "Print a cursor for now: take it before asking the site for a code."),
    "push": ("push:push", "Push a message, code or link for an identifier."),
    "parse": ("parse:parse", "Show what would be found in messages, and why."),
    "totp": ("totp:app", "Keep TOTP secrets; import them from authenticators and vaults."),
    "keys": ("keys:app", "Make, list and revoke API keys."),
    "identifiers": ("identifiers:app", "Register identifiers; allow senders and the hosts of links."),
    "webhooks": ("webhooks:app", "Tell your own systems when a code arrives."),
    "mailbox": ("mailbox:app", "Watch mailboxes by IMAP: Gmail, Microsoft 365, Fastmail, iCloud, any server."),
    "mcp": ("mcp:mcp_server", "Let AI agents log in: tools by the Model Context Protocol."),
    "skyvern-url": ("skyvern_url:skyvern_url", "Print an address for Skyvern's totp_url."),
    "doctor": ("doctor:doctor", "Look at everything that makes codes arrive, and say what is wrong."),
    "check-config": ("check_config:check_config", "Check the configuration: all faults at once."),
    "purge": ("purge:purge_now", "Forget what is due, now."),
    "backup": ("backup:backup", "Copy the database while the gateway serves; the key is left out."),
    "rotate-keys": ("rotate_keys:rotate_keys", "Seal everything with a new key, while serving."),
    "migrate": ("migrate:migrate_database", "Bring the database up to date."),
}
"""Each command: its module in this package and what in it to call, and what it does in one line."""


class Later(TyperCommand):
    """A command that is imported when it is called: what waits for a code need not load the database."""

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """The context of the real command."""
        module, _, name = COMMANDS[str(self.name)][0].partition(":")
        found = getattr(import_module(f"{__name__}.{module}"), name)
        if not isinstance(found, typer.Typer):
            command, found = found, typer.Typer(rich_markup_mode="markdown", add_completion=False)
            found.command(self.name)(command)
        return typer.main.get_command(found).make_context(info_name, args, parent=parent, **extra)


class Commands(TyperGroup):
    """All commands by name, none of them imported yet."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        """The names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Later | None:  # noqa: ARG002 - typer's signature
        """The command of that name, or None."""
        return Later(cmd_name, help=COMMANDS[cmd_name][1]) if cmd_name in COMMANDS else None


app = typer.Typer(
    name="otpgate", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="markdown"
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer's signature
    if wanted:
        typer.echo(f"otpgate {metadata.version('otpgate')}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Receives forwarded mail and SMS, and hands the one-time code to the program that is logging in.

    Begin with `otpgate demo`, then `otpgate serve`, and in another terminal `otpgate wait user@example.com`.
    """


def main() -> None:
    """Run the command line; errors on purpose end with one clear message each and their exit code."""
    atexit.register(gc.freeze)  # to look for garbage where all is given back took a second of each stop
    try:
        app(prog_name="otpgate")
    except ConfigurationError as error:
        for fault in error.faults:
            say(fault)
        sys.exit(BAD_CONFIGURATION)
    except OtpgateError as error:
        say(str(error))
        sys.exit(1)
