"""`otpgate keys`: API keys."""

import re
from typing import Annotated, Any
from urllib.parse import quote

import typer

from gateway.cli.api import Gateway
from gateway.cli.options import DATA_DIR, HERE, Key, KeyDir, Url
from gateway.cli.terminal import say, show_table

app = typer.Typer(
    name="keys",
    help="API keys: one for each program, with no more scopes than it needs.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
_SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"([0-9]{1,9})([smhdw])")


def seconds(text: str) -> int:
    """Seconds of a duration such as 90d; raises BadParameter."""
    match = _DURATION.fullmatch(text.strip())
    if not match or not int(match[1]):
        raise typer.BadParameter(f"{text!r} is no duration such as 90d, 12h, 30m or 2w", param_hint="--expires")
    return int(match[1]) * _SPANS[match[2]]


@app.command()
def add(  # noqa: PLR0913 - a command's options
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the key is for, such as nightly-run.")],
    more: Annotated[list[str] | None, typer.Argument(metavar="SCOPE", hidden=True)] = None,
    *,
    scope: Annotated[
        list[str],
        typer.Option(
            metavar="SCOPE...",
            help="push, read (what came), claim (values), messages (bodies), totp:write or admin; one or several.",
        ),
    ],
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only these identifiers, such as *@acme.com; may be repeated.", metavar="PATTERN"),
    ] = None,
    expires: Annotated[str, typer.Option(help="How long it is good: 90d, 12h, 2w.", show_default="for ever")] = "",
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Make a key and print it: this once, so keep it.

    **Example**

        otpgate keys add nightly-run --scope claim --only '*@acme.com' --expires 90d
    """
    scopes = ",".join([*scope, *(more or [])]).split(",")
    body: dict[str, Any] = {"name": name, "scopes": scopes, "only": only or []}
    if expires:
        body["expires_in"] = seconds(expires)
    with Gateway(url, key, data_dir) as gateway:
        answer = gateway.call("POST", "/v1/keys", body)
    typer.echo(answer["key"])
    say(f"made key {answer['id']}, shown this once; `otpgate keys revoke {answer['id']}` ends it")


@app.command("list")
def show_all(url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """List the keys: id, name, scopes, identifiers, state, made, expires."""
    with Gateway(url, key, data_dir) as gateway:
        keys = gateway.call("GET", "/v1/keys")["keys"]
    show_table(
        ("id", "name", "scopes", "only", "state", "made", "expires"),
        [
            (
                one["id"],
                one["name"],
                ",".join(one["scopes"]),
                ",".join(one["only"]) or "*",
                "revoked" if one["revoked_at"] else "live",
                _day(one["created_at"]),
                _day(one["expires_at"]),
            )
            for one in keys
        ],
    )


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `otpgate keys list` shows it.")],
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """End a key at once."""
    with Gateway(url, key, data_dir) as gateway:
        gateway.call("DELETE", f"/v1/keys/{quote(key_id, safe='')}")
    say(f"key {key_id} is revoked")


def _day(stamp: str | None) -> str:
    return stamp[:10] if stamp else "never"
