"""Options of `otpgate mailbox`."""

from typing import Annotated, Literal

import typer

from gateway.mailboxes.presets import PRESETS

_OWN = "of an OAuth server that is not known by name"

Address = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="Whose mail it is, where a mail itself does not tell.")
]
Folder = Annotated[str, typer.Option(help="The folder: add a mailbox once for each.")]
Provider = Annotated[
    str,
    typer.Option(
        help=f"{', '.join(one.name for one in PRESETS)}; for addresses of your own domain.",
        show_default="by the address",
    ),
]
Host = Annotated[str, typer.Option(help="The IMAP server.", show_default="the provider's")]
Port = Annotated[int, typer.Option(help="Its port.", show_default="993, or 143 for starttls")]
Security = Annotated[Literal["tls", "starttls", "plain"], typer.Option(help="plain is for this machine alone.")]
Login = Annotated[str, typer.Option(help="The name to log in with.", show_default="the address")]
MarkSeen = Annotated[bool, typer.Option("--mark-seen", help="Mark what was read as seen.")]
OAuth = Annotated[bool, typer.Option("--oauth", help="Sign in once in a browser, instead of a password.")]
ClientId = Annotated[str, typer.Option(envvar="OTPGATE_OAUTH_CLIENT_ID", help="Of the app that you registered.")]
ClientSecret = Annotated[
    str, typer.Option(envvar="OTPGATE_OAUTH_CLIENT_SECRET", help="Likewise, where it has one.")
]
Tenant = Annotated[str, typer.Option(help="Microsoft: your organisation's domain or id.")]
Browser = Annotated[
    bool, typer.Option("--browser", help="Paste the browser's last address instead of typing a code.")
]
TokenUrl = Annotated[str, typer.Option(help=f"The token endpoint {_OWN}.")]
DeviceUrl = Annotated[str, typer.Option(help=f"The device endpoint (RFC 8628) {_OWN}.")]
AuthorizeUrl = Annotated[str, typer.Option(help=f"The authorization endpoint {_OWN}.")]
Scope = Annotated[str, typer.Option(help=f"The scope for IMAP {_OWN}.")]
Check = Annotated[bool, typer.Option("--check/--no-check", help="Log in once before it is kept.")]
