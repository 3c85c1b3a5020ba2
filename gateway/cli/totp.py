"""`otpgate totp`: TOTP secrets go in, and their codes come out."""

import sys
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from core.authenticators import Export, read_export
from core.errors import InvalidIdentifierError, InvalidRequestError
from core.identifiers import normalize
from core.totp import Secret, write_uri
from gateway.cli.api import CallError, Gateway
from gateway.cli.options import DATA_DIR, HERE, Identifier, Key, KeyDir, Url
from gateway.cli.terminal import say, show_table
from gateway.cli.wait import Issuer

app = typer.Typer(
    name="totp",
    help="TOTP secrets: they are kept sealed, and never come out again; their codes do.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
STANDARD_INPUT = "-"
SecretText = Annotated[
    str,
    typer.Argument(
        metavar="[SECRET]",
        help="Base32, an `otpauth://` URI or a picture of its QR code. Better left out: it is asked for, or "
        "read from standard input, so that it is in no shell history.",
    ),
]
ExportFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="An export of Google Authenticator (pictures or URIs), Bitwarden (.json, .csv) or 1Password "
        "(.1pux, .csv), or a list of `otpauth://` URIs; - for standard input.",
    ),
]
Otherwise = Annotated[
    str, typer.Option("--identifier", help="Whose the entries are whose account is no mailbox or phone number.")
]


@app.command()
def add(  # noqa: PLR0913 - a command's options
    identifier: Identifier,
    secret: SecretText = STANDARD_INPUT,
    *,
    issuer: Issuer = "",
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Keep a secret for an identifier, in place of that of the same issuer.

    **Examples**

        otpgate totp add user@example.com --issuer GitHub

        otpgate totp add user@example.com screenshot.png
    """
    found = _read(secret)
    if len(found.secrets) != 1 or found.unread:
        raise InvalidRequestError("; ".join(found.unread) or "there are several in it: use `otpgate totp import`")
    with Gateway(url, key, data_dir) as gateway:
        kept = gateway.call("PUT", _path(identifier, issuer), {"secret": write_uri(found.secrets[0])})
    say(f"kept: {kept['identifier']}, {kept['issuer'] or 'no issuer'}")


@app.command("import")
def import_all(
    file: ExportFile,
    identifier: Otherwise = "",
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Keep every secret of an export, each for the mailbox or phone number that its entry names.

    **Example**

        otpgate totp import bitwarden.json --identifier user@example.com
    """
    found = _read(file)
    kept: list[tuple[str, str]] = []
    faults = list(found.unread)
    with Gateway(url, key, data_dir) as gateway:
        for secret in found.secrets:
            try:
                one = gateway.call("PUT", _path(_owner(secret, identifier), ""), {"secret": write_uri(secret)})
            except (InvalidRequestError, CallError) as error:
                faults.append(f"{secret.issuer or 'no issuer'}, {secret.account or 'no account'}: {error}")
            else:
                kept.append((one["identifier"], one["issuer"]))
    show_table(("identifier", "issuer"), kept)
    for fault in faults:
        say(fault)
    if found.missing:
        say(f"this export has {found.missing} more pictures: import them too")
    if faults:
        raise typer.Exit(1)


@app.command("list")
def show_all(url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """List the secrets: identifier, issuer, account, what they make."""
    with Gateway(url, key, data_dir) as gateway:
        secrets = gateway.call("GET", "/v1/totp")["totp"]
    show_table(
        ("identifier", "issuer", "account", "codes"),
        [(one["identifier"], one["issuer"], one["account"], _sort(one)) for one in secrets],
    )


@app.command()
def remove(
    identifier: Identifier, issuer: Issuer = "", url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR
) -> None:
    """Forget a secret."""
    with Gateway(url, key, data_dir) as gateway:
        gateway.call("DELETE", _path(identifier, issuer))
    say(f"forgotten: {identifier}{f', {issuer}' if issuer else ''}")


@app.command()
def code(
    identifier: Identifier, issuer: Issuer = "", url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR
) -> None:
    """Print the code of this moment; programs that run side by side use `otpgate wait --kind totp`."""
    with Gateway(url, key, data_dir) as gateway:
        answer = gateway.call("GET", _path(identifier, issuer))
    typer.echo(answer["value"])
    if answer["valid_for"] is not None and sys.stderr.isatty():
        say(f"good for {answer['valid_for']:.0f} s")


def _read(text: str) -> Export:
    """What a file, standard input (-) or the text itself holds; raises InvalidRequestError."""
    if text == STANDARD_INPUT:
        if sys.stdin.isatty():
            return read_export(str(typer.prompt("Secret", hide_input=True, err=True)).encode())
        return read_export(sys.stdin.buffer.read())
    try:
        is_file = Path(text).is_file()
        return read_export(Path(text).read_bytes() if is_file else text.encode("utf-8", "replace"))
    except OSError as error:
        raise InvalidRequestError(f"the file cannot be read: {error.strerror}") from error


def _owner(secret: Secret, otherwise: str) -> str:
    """The mailbox or phone number that an entry names, else the given one; raises InvalidRequestError."""
    try:
        return normalize(secret.account)
    except InvalidIdentifierError as error:
        if otherwise:
            return otherwise
        raise InvalidRequestError(
            "its account is no mailbox or phone number: name one with --identifier"
        ) from error


def _path(identifier: str, issuer: str) -> str:
    query = f"?{urlencode({'issuer': issuer})}" if issuer else ""
    return f"/v1/totp/{quote(identifier, safe='')}{query}"


def _sort(one: dict[str, Any]) -> str:
    every = f", {one['period']} s" if one["period"] else ""
    return f"{one['method']}, {one['digits']} digits, {one['hash']}{every}"
