"""`otpgate push`: a message handed in with an API key."""

import sys
from typing import Annotated

import typer

from gateway.cli.api import Gateway
from gateway.cli.options import DATA_DIR, HERE, Identifier, Key, KeyDir, Url
from gateway.cli.terminal import say


def push(  # noqa: PLR0913 - a command's options
    identifier: Identifier,
    text: Annotated[
        str,
        typer.Argument(metavar="[TEXT|-]", help="The message, code or link; - or nothing reads standard input."),
    ] = "-",
    *,
    sender: Annotated[str, typer.Option(help="Who sent it: a domain, number or name.")] = "",
    source: Annotated[str, typer.Option(help="Where you have it from, for the history.")] = "",
    run: Annotated[str, typer.Option(help="Only this run may have its code.")] = "",
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Push a message for an identifier; prints the message's id, and on standard error what was found in it.

    **Examples**

        otpgate push user@example.com "Your code is 314159"

        read-my-modem | otpgate push +15551230000 --sender VERIFY
    """
    if text == "-":
        if sys.stdin.isatty():
            raise typer.BadParameter("give the text, or pipe it in", param_hint="TEXT")
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    body = {"identifier": identifier, "content": text, "sender": sender, "source": source, "run_id": run}
    with Gateway(url, key, data_dir) as gateway:
        answer = gateway.call("POST", "/v1/messages", body)
    found = sorted({str(code["kind"]) for code in answer.get("codes", [])})
    typer.echo(answer["message"]["id"])
    say(f"stored, with a {' and a '.join(found)}" if found else "stored, but no code or link was found in it")
