"""`otpgate mailbox`: mailboxes that the gateway pulls codes from by IMAP."""

import sys
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import httpx
import typer

from gateway.cli.api import CallError, Gateway
from gateway.cli.options import DATA_DIR, HERE, Key, KeyDir, Url
from gateway.cli.terminal import say, show_table
from gateway.mailboxes.oauth import Client, by_browser, by_device, is_safe
from gateway.mailboxes.presets import PRESETS, Preset, SignIn, preset

app = typer.Typer(
    name="mailbox",
    help="Mailboxes that are watched by IMAP: a code is there within a second of reaching one. Passwords and "
    "tokens are kept sealed, and never come out again.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
_HOLD = 30.0
"""Seconds that a mail server may take to let us in."""
Address = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="Whose mail it is, where a mail itself does not tell.")
]
Folder = Annotated[str, typer.Option(help="The folder: add a mailbox once for each.")]
_OWN = "of an OAuth server that is not known by name"


@app.command()
def add(  # noqa: PLR0913 - a command's options
    address: Address,
    *,
    provider: Annotated[
        str,
        typer.Option(
            help=f"{', '.join(one.name for one in PRESETS)}; for addresses of your own domain.",
            show_default="by the address",
        ),
    ] = "",
    host: Annotated[str, typer.Option(help="The IMAP server.", show_default="the provider's")] = "",
    port: Annotated[int, typer.Option(help="Its port.", show_default="993, or 143 for starttls")] = 0,
    security: Annotated[
        Literal["tls", "starttls", "plain"], typer.Option(help="plain is for this machine alone.")
    ] = "tls",
    login: Annotated[str, typer.Option(help="The name to log in with.", show_default="the address")] = "",
    folder: Folder = "INBOX",
    mark_seen: Annotated[bool, typer.Option("--mark-seen", help="Mark what was read as seen.")] = False,
    oauth: Annotated[
        bool, typer.Option("--oauth", help="Sign in once in a browser, instead of a password.")
    ] = False,
    client_id: Annotated[
        str, typer.Option(envvar="OTPGATE_OAUTH_CLIENT_ID", help="Of the app that you registered.")
    ] = "",
    client_secret: Annotated[
        str, typer.Option(envvar="OTPGATE_OAUTH_CLIENT_SECRET", help="Likewise, where it has one.")
    ] = "",
    tenant: Annotated[str, typer.Option(help="Microsoft: your organisation's domain or id.")] = "common",
    browser: Annotated[
        bool, typer.Option("--browser", help="Paste the browser's last address instead of typing a code.")
    ] = False,
    token_url: Annotated[str, typer.Option(help=f"The token endpoint {_OWN}.")] = "",
    device_url: Annotated[str, typer.Option(help=f"The device endpoint (RFC 8628) {_OWN}.")] = "",
    authorize_url: Annotated[str, typer.Option(help=f"The authorization endpoint {_OWN}.")] = "",
    scope: Annotated[str, typer.Option(help=f"The scope for IMAP {_OWN}.")] = "",
    check: Annotated[bool, typer.Option("--check/--no-check", help="Log in once before it is kept.")] = True,
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Watch a mailbox from now on: old mail is never read, and nothing is changed in it.

    The password is asked for, or read from standard input, so that it is in no shell history. The same address
    and folder again changes how it is reached. **Examples**

        otpgate mailbox add me@gmail.com

        otpgate mailbox add me@company.com --provider microsoft --oauth --client-id 11111111-2222-…

        otpgate mailbox add me@example.com --host imap.example.com < password.txt
    """
    # Long: the options of one command.
    known = preset(provider, address)
    if provider and known is None:
        raise CallError(f"{provider} is no provider that is known by name: use --host")
    body: dict[str, Any] = {
        "host": host or _host_of(known),
        "port": port or (993 if security == "tls" else 143),
        "security": security,
        "login": login,
        "mark_seen": mark_seen,
        "check": check,
    }
    with Gateway(url, key, data_dir) as gateway:
        if oauth:
            own = SignIn(token_url=token_url, device_url=device_url, authorize_url=authorize_url, scope=scope)
            client = _client(own, known.sign_in if known else None, client_id, client_secret, tenant)
            body["oauth"] = _signed_in(client, login or address, browser=browser)
        else:
            body["password"] = _password(known)
        kept = gateway.call("PUT", _path(address, folder), body, hold=_HOLD)
    say(f"kept: {kept['address']}, {kept['folder']} at {kept['host']}, read from now on")


@app.command("list")
def show_all(url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """List the mailboxes, how watching each goes, and when something last came."""
    with Gateway(url, key, data_dir) as gateway:
        found = gateway.call("GET", "/v1/mailboxes")["mailboxes"]
    columns = ("address", "folder", "server", "by", "state", "last contact", "last mail")
    show_table(columns, [_row(one) for one in found])


@app.command()
def check(
    address: Address, folder: Folder = "INBOX", url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR
) -> None:
    """Log in now and look at the folder; says what to do where that does not work."""
    with Gateway(url, key, data_dir) as gateway:
        found = gateway.call("POST", _path(address, folder, "/check"), hold=_HOLD)
    how = "tells by itself what arrives" if found["idle"] else "has no IDLE: it is asked every few seconds"
    typer.echo(f"{address}, {folder}: the server lets us in, holds {found['messages']} messages there, and {how}")


@app.command()
def remove(
    address: Address, folder: Folder = "INBOX", url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR
) -> None:
    """Forget a mailbox and what opens it; what came from it stays."""
    with Gateway(url, key, data_dir) as gateway:
        gateway.call("DELETE", _path(address, folder))
    say(f"forgotten: {address}, {folder}")


def _host_of(known: Preset | None) -> str:
    if known is None:
        raise CallError("name the IMAP server with --host, or one of the known with --provider")
    return known.host


def _password(known: Preset | None) -> str:
    """The password, from a person or from standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    if known:
        say(f"{known.name} wants {known.password}")
    return str(typer.prompt("Password", hide_input=True, err=True)).strip()


def _client(own: SignIn, known: SignIn | None, client_id: str, client_secret: str, tenant: str) -> Client:
    """The app to sign in with; what was named wins over what is known."""
    urls = {
        name: (getattr(own, name) or (getattr(known, name) if known else "")).format(tenant=tenant)
        for name in ("token_url", "device_url", "authorize_url", "scope")
    }
    if not (urls["token_url"] and (urls["device_url"] or urls["authorize_url"])):
        raise CallError("name the OAuth server with --token-url, --scope and --device-url or --authorize-url")
    unsafe = [name for name in ("token_url", "device_url") if urls[name] and not is_safe(urls[name])]
    if unsafe:
        raise CallError(f"--{unsafe[0].replace('_', '-')} must begin with https://")
    if not client_id:
        raise CallError("register an app with the provider, and name it with --client-id")
    return Client(id=client_id, secret=client_secret, **urls)


def _signed_in(client: Client, login: str, *, browser: bool) -> dict[str, str]:
    """A grant that a person gave: by a code that they type where the provider allows it, else by pasting."""
    with httpx.Client() as http:
        if client.device_url and not browser:
            return by_device(client, lambda where, code: say(f"open {where} and type {code}"), http)
        return by_browser(client, login, _pasted, http)


def _pasted(address: str) -> str:
    say(f"sign in at this address:\n\n{address}\n")
    say("the browser ends on a page that cannot be shown: paste its address here")
    return str(typer.prompt("Address", err=True)) if sys.stdin.isatty() else sys.stdin.readline()


def _path(address: str, folder: str, call: str = "") -> str:
    return f"/v1/mailboxes/{quote(address, safe='')}{call}?{urlencode({'folder': folder})}"


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    state = f"{one['state']}: {one['reason']}" if one["reason"] else one["state"]
    arrived = one["arrived_at"] or "none yet"
    return (one["address"], one["folder"], one["host"], one["method"], state, one["contact_at"], arrived)
