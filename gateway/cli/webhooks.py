"""`otpgate webhooks`: the user's own systems that are told when a code arrives."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from gateway.cli.api import Gateway
from gateway.cli.options import DATA_DIR, HERE, Key, KeyDir, Url
from gateway.cli.terminal import say, show_table

app = typer.Typer(
    name="webhooks",
    help="Webhooks to your own systems when a code arrives, signed by the Standard Webhooks specification.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
WebhookId = Annotated[str, typer.Argument(metavar="ID", help="Its id, as `otpgate webhooks list` shows it.")]
Address = Annotated[
    str,
    typer.Argument(
        metavar="ADDRESS",
        help="Where to POST, such as https://app.example.com/otp; private addresses are fine.",
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(help="Only these identifiers, such as *@acme.com; may be repeated.", metavar="PATTERN"),
]
IncludeValue = Annotated[
    bool,
    typer.Option(
        "--include-value",
        help="Send the code or link itself, which programs may still claim; not where another webhook claims.",
    ),
]
Claiming = Annotated[
    bool,
    typer.Option("--claim", help="Claim each code for this webhook: other webhooks are told without the value."),
]
SecretFile = Annotated[
    Path | None,
    typer.Option(help="A file with your own whsec_ secret; else one is made.", show_default="none"),
]


@app.command()
def add(  # noqa: PLR0913 - a command's options
    address: Address,
    *,
    only: Only = None,
    include_value: IncludeValue = False,
    claim: Claiming = False,
    secret_file: SecretFile = None,
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Add a webhook and print its signing secret: this once, so keep it.

    The address may be of this machine or a private network, and a name may lead there: you say where codes go.
    Codes go by https; by http only to this machine, a private network, or a name without dots.

    What a webhook with --claim has claimed goes to nobody else: while one covers an identifier, webhooks with
    --include-value are told of its codes without the value. Programs may be quicker; then the code is theirs.

    **Examples**

        otpgate webhooks add https://app.example.com/otp --only '*@acme.com' --include-value

        otpgate webhooks add http://localhost:9000/otp --claim
    """
    body: dict[str, Any] = {"url": address, "only": only or [], "include_value": include_value, "claim": claim}
    if secret_file:
        body["secret"] = _read(secret_file)
    with Gateway(url, key, data_dir) as gateway:
        answer = gateway.call("POST", "/v1/webhooks", body)
    typer.echo(answer["secret"])
    say(f"added {answer['id']}; its secret is shown this once")


@app.command("list")
def show_all(url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """List the webhooks: id, address, identifiers, what they get, state, deliveries waiting, made, given up."""
    with Gateway(url, key, data_dir) as gateway:
        found = gateway.call("GET", "/v1/webhooks")["webhooks"]
    show_table(
        ("id", "address", "only", "gets", "state", "waiting", "delivered", "failed"),
        [
            (
                one["id"],
                one["url"],
                ",".join(one["only"]) or "*",
                "claims" if one["claim"] else "value" if one["include_value"] else "notice",
                "gone (410)" if one["disabled_at"] else "live",
                *(str(one[state]) for state in ("waiting", "delivered", "failed")),
            )
            for one in found
        ],
    )


@app.command()
def remove(webhook: WebhookId, url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """Remove a webhook with all its deliveries."""
    with Gateway(url, key, data_dir) as gateway:
        gateway.call("DELETE", _path(webhook))
    say(f"{webhook} is removed")


@app.command()
def rotate(webhook: WebhookId, url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """Make a new signing secret and print it; for a day deliveries carry a signature by the old one as well."""
    with Gateway(url, key, data_dir) as gateway:
        answer = gateway.call("POST", f"{_path(webhook)}/rotate", {})
    typer.echo(answer["secret"])
    say("the secret before signs as well for 24 hours: give the receiver the new one until then")


@app.command()
def resume(webhook: WebhookId, url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """Go on with a webhook whose receiver had answered 410, gone."""
    with Gateway(url, key, data_dir) as gateway:
        gateway.call("POST", f"{_path(webhook)}/resume", {})
    say(f"{webhook} is told of what arrives from now on")


@app.command()
def failed(url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """List the newest deliveries that were given up: id, webhook, identifier, when, attempts, the last answer."""
    with Gateway(url, key, data_dir) as gateway:
        found = gateway.call("GET", "/v1/deliveries?state=failed&limit=200")["deliveries"]
    show_table(
        ("id", "webhook", "identifier", "arrived", "attempts", "last answer"),
        [
            (one["id"], one["webhook"], one["identifier"], one["received_at"], str(one["attempts"]), one["reason"])
            for one in found
        ],
    )


@app.command()
def replay(
    which: Annotated[
        str, typer.Argument(metavar="ID", help="A delivery's id, or a webhook's: all that it missed.")
    ],
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Try again what was given up; a code that has expired meanwhile goes without its value.

    A webhook with --claim claims the code anew; what another run has by now is not sent: "gone to another run".
    """
    path = _path(which) if which.startswith("webhook_") else f"/v1/deliveries/{quote(which, safe='')}"
    with Gateway(url, key, data_dir) as gateway:
        answer = gateway.call("POST", f"{path}/replay", {})
    say(f"{answer['replayed']} to be tried again; see `otpgate webhooks list`")


def _path(webhook: str) -> str:
    return f"/v1/webhooks/{quote(webhook, safe='')}"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} cannot be read as a secret", param_hint="--secret-file") from error
