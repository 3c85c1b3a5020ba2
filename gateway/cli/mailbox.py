"""`otpgate mailbox`: mailboxes that the gateway pulls codes from by IMAP."""

import sys
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import typer

from gateway.cli.api import CallError, Gateway
from gateway.cli.mailbox_options import (
    Address,
    AuthorizeUrl,
    Browser,
    Check,
    ClientId,
    ClientSecret,
    DeviceUrl,
    Folder,
    Host,
    Login,
    MarkSeen,
    OAuth,
    Port,
    Provider,
    Scope,
    Security,
    Tenant,
    TokenUrl,
)
from gateway.cli.options import DATA_DIR, HERE, Key, KeyDir, Url
from gateway.cli.terminal import say, show_table
from gateway.mailboxes.oauth import Client, by_browser, by_device, is_safe
from gateway.mailboxes.presets import Preset, SignIn, preset

app = typer.Typer(
    name="mailbox",
    help="Mailboxes that are watched by IMAP: a code is there within a second of reaching one. Passwords and "
    "tokens are kept sealed, and never come out again.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
_HOLD = 30.0
"""Seconds that a mail server may take to let us in."""


@app.command()
def add(  # noqa: PLR0913 - a command's options
    address: Address,
    *,
    provider: Provider = "",
    host: Host = "",
    port: Port = 0,
    security: Security = "tls",
    login: Login = "",
    folder: Folder = "INBOX",
    mark_seen: MarkSeen = False,
    oauth: OAuth = False,
    client_id: ClientId = "",
    client_secret: ClientSecret = "",
    tenant: Tenant = "common",
    browser: Browser = False,
    token_url: TokenUrl = "",
    device_url: DeviceUrl = "",
    authorize_url: AuthorizeUrl = "",
    scope: Scope = "",
    check: Check = True,
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
    known = _known(provider, address)
    own = SignIn(token_url=token_url, device_url=device_url, authorize_url=authorize_url, scope=scope)
    body = {**_server(known, host, port, security), "login": login, "mark_seen": mark_seen, "check": check}
    with Gateway(url, key, data_dir) as gateway:
        client = _client(own, known, client_id, client_secret, tenant) if oauth else None
        _keep(gateway, address, folder, body | _proof(client, known, login or address, browser=browser))


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


def _known(provider: str, address: str) -> Preset | None:
    known = preset(provider, address)
    if provider and known is None:
        raise CallError(f"{provider} is no provider that is known by name: use --host")
    return known


def _server(known: Preset | None, host: str, port: int, security: str) -> dict[str, Any]:
    if not (host or known):
        raise CallError("name the IMAP server with --host, or one of the known with --provider")
    standard = 993 if security == "tls" else 143
    return {"host": host or (known.host if known else ""), "port": port or standard, "security": security}


def _keep(gateway: Gateway, address: str, folder: str, body: dict[str, Any]) -> None:
    kept = gateway.call("PUT", _path(address, folder), body, hold=_HOLD)
    say(f"kept: {kept['address']}, {kept['folder']} at {kept['host']}, read from now on")


def _proof(client: Client | None, known: Preset | None, login: str, *, browser: bool) -> dict[str, Any]:
    """What opens the mailbox: a grant that a person gave to an app, else a password."""
    return {"oauth": _signed_in(client, login, browser=browser)} if client else {"password": _password(known)}


def _password(known: Preset | None) -> str:
    """The password, from a person or from standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    if known:
        say(f"{known.name} wants {known.password}")
    return str(typer.prompt("Password", hide_input=True, err=True)).strip()


def _client(own: SignIn, known: Preset | None, client_id: str, client_secret: str, tenant: str) -> Client:
    """The app to sign in with; what was named wins over what is known."""
    by_name = known.sign_in if known else None
    urls = {
        name: (getattr(own, name) or getattr(by_name, name, "")).format(tenant=tenant)
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
