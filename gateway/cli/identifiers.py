"""`otpgate identifiers`: registered identifiers, their secret addresses and policies."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from gateway.cli.api import Gateway, NotThereError
from gateway.cli.options import DATA_DIR, HERE, Identifier, Key, KeyDir, Url
from gateway.cli.terminal import say, show_table

app = typer.Typer(
    name="identifiers",
    help="Registered identifiers: each has a secret address to forward to, and a policy.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
Many = list[str] | None
Alias = Annotated[Many, typer.Option(help="Another address of the same mailbox; may be repeated.")]
Sender = Annotated[Many, typer.Option(help="Only codes of this sender are handed out; may be repeated.")]
LinkHost = Annotated[Many, typer.Option(help="A host that sign-in links may lead to; may be repeated.")]
MinTrust = Annotated[str, typer.Option(help="none, route or author: what must vouch for a message.")]


@app.command()
def add(  # noqa: PLR0913 - a command's options
    identifier: Identifier,
    *,
    alias: Alias = None,
    sender: Sender = None,
    link_host: LinkHost = None,
    min_trust: MinTrust = "",
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Register an identifier, or add to what is registered; prints its secret address.

    Mail sent to the secret address is known to be for that identifier, and to come by a way that you chose.

    **Example**

        otpgate identifiers add user@example.com --alias u.ser@example.com
    """
    policy = {"aliases": alias, "senders": sender, "link_hosts": link_host}
    with Gateway(url, key, data_dir) as gateway:
        record = _add_to(gateway, identifier, min_trust, **policy)
    typer.echo(record["secret_address"])


@app.command()
def allow(  # noqa: PLR0913 - a command's options
    identifier: Identifier,
    *,
    sender: Sender = None,
    link_host: LinkHost = None,
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Allow a sender or a link's host for an identifier, which is registered if it was not.

    **Example**

        otpgate identifiers allow user@example.com --sender site.com --link-host click.site.com
    """
    if not (sender or link_host) or "" in {*(sender or ()), *(link_host or ())}:
        raise typer.BadParameter("name what to allow with --sender or --link-host")
    with Gateway(url, key, data_dir) as gateway:
        record = _add_to(gateway, identifier, "", senders=sender, link_hosts=link_host)
    say(f"{record['identifier']}: {_policy(record)}")


@app.command("list")
def show_all(url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """List the registered identifiers: identifier, secret address, policy."""
    with Gateway(url, key, data_dir) as gateway:
        records = gateway.call("GET", "/v1/identifiers")["identifiers"]
    show_table(
        ("identifier", "secret address", "policy"),
        [(one["identifier"], one["secret_address"], _policy(one)) for one in records],
    )


@app.command()
def show(identifier: Identifier, url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """Show one identifier: its secret address, aliases and policy."""
    with Gateway(url, key, data_dir) as gateway:
        record = gateway.call("GET", _path(identifier))
    show_table(
        ("", ""),
        [
            ("identifier", record["identifier"]),
            ("secret address", record["secret_address"]),
            ("aliases", ", ".join(record["aliases"]) or "none"),
            ("senders", ", ".join(record["senders"]) or "any"),
            ("link hosts", ", ".join(record["link_hosts"]) or "its author's"),
            ("least trust", record["min_trust"] or "the gateway's"),
        ],
    )


@app.command()
def remove(identifier: Identifier, url: Url = HERE, key: Key = "", data_dir: KeyDir = DATA_DIR) -> None:
    """Forget an identifier and its secret address; what came for it stays until it expires."""
    with Gateway(url, key, data_dir) as gateway:
        gateway.call("DELETE", _path(identifier))
    say(f"{identifier} is no longer registered")


def _path(identifier: str) -> str:
    return f"/v1/identifiers/{quote(identifier, safe='')}"


def _add_to(gateway: Gateway, identifier: str, min_trust: str, **lists: Many) -> dict[str, Any]:
    """Register with what is registered already and these; the new record."""
    try:
        old = gateway.call("GET", _path(identifier))
    except NotThereError:
        old = {}
    policy: dict[str, Any] = {"min_trust": min_trust or old.get("min_trust", "")}
    for name in ("aliases", "senders", "link_hosts"):
        policy[name] = list(dict.fromkeys([*old.get(name, []), *(lists.get(name) or [])]))
    return gateway.call("PUT", _path(old.get("identifier", identifier)), policy)


def _policy(record: dict[str, Any]) -> str:
    said = (("senders", record["senders"]), ("link hosts", record["link_hosts"]), ("aliases", record["aliases"]))
    parts = [f"{name} {', '.join(values)}" for name, values in said if values]
    return "; ".join([*parts, *([f"least trust {record['min_trust']}"] if record["min_trust"] else [])]) or "any"
