"""`otpgate wait`: one code for one run."""

import secrets
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any

import typer

from gateway.cli.api import CallError, Gateway, LaterError, UnreachableError
from gateway.cli.diagnosis import explain
from gateway.cli.options import DATA_DIR, HERE, Identifier, Key, KeyDir, Url
from gateway.cli.terminal import clock, say

NOTHING_ARRIVED = 3
_LONGEST_HOLD = 60.0
_PAUSE = 0.5
"""Seconds before asking again a gateway that is busy, restarting or stopping."""


class Kind(StrEnum):
    """What a program waits for."""

    CODE = "code"
    LINK = "link"
    TOTP = "totp"
    ANY = "any"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What `POST /v1/claims` is asked, but for the time to hold the request."""

    identifier: str
    kinds: tuple[str, ...]
    sender: tuple[str, ...]
    link_host: tuple[str, ...]
    run_id: str
    after: str
    issuer: str

    def body(self, hold: float) -> dict[str, Any]:
        """The request's body."""
        return {**vars(self), "wait": hold}


WhatKind = Annotated[Kind | None, typer.Option(help="What to wait for.", show_default="code or link")]
Senders = Annotated[
    list[str] | None,
    typer.Option(help="Only from this domain, number, short code or name; may be repeated.", metavar="WHO"),
]
LinkHosts = Annotated[
    list[str] | None, typer.Option(help="A host that a link may lead to; may be repeated.", metavar="HOST")
]
Issuer = Annotated[
    str, typer.Option(help="Whose TOTP secret, such as GitHub: needed where an identifier has several.")
]
After = Annotated[
    str,
    typer.Option(help="Only what came after this cursor (see `otpgate cursor`).", show_default="2 minutes ago"),
]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds to wait.")]
Run = Annotated[
    str, typer.Option(help="Name of this run: asking again gets the same code.", show_default="a new one")
]
Hold = Annotated[
    bool, typer.Option("--hold", help="Do not accept the code; print the claim's id on standard error.")
]


def wait(  # noqa: PLR0913 - a command's options
    identifier: Identifier,
    *,
    kind: WhatKind = None,
    sender: Senders = None,
    link_host: LinkHosts = None,
    issuer: Issuer = "",
    after: After = "",
    timeout: Timeout = 60,
    run: Run = "",
    hold: Hold = False,
    url: Url = HERE,
    key: Key = "",
    data_dir: KeyDir = DATA_DIR,
) -> None:
    """Wait for a code or sign-in link, claim it and print it: the bare value and nothing else.

    Exit code 3 when nothing arrived in time; standard error then says why. The claim is accepted once the
    value is printed, so no other run gets it.

    **Examples**

        otpgate wait user@example.com

        CURSOR=$(otpgate cursor); log-in-somewhere; otpgate wait user@example.com --after "$CURSOR"

        otpgate wait +15551230000 --sender VERIFY --timeout 120
    """
    wanted = Wanted(
        identifier=identifier,
        kinds=(kind.value,) if kind else (),
        sender=tuple(sender or ()),
        link_host=tuple(link_host or ()),
        run_id=run or f"cli-{secrets.token_hex(8)}",
        after=after,
        issuer=issuer,
    )
    with Gateway(url, key, data_dir) as gateway:
        with clock(f"waiting for a code for {identifier}"):
            claim = _claimed(gateway, wanted, timeout)
        _hand_over(gateway, claim, hold=hold)


def _claimed(gateway: Gateway, wanted: Wanted, timeout: float) -> dict[str, Any]:
    """The claim, once there is one; ends the command with its exit code when there is none in time."""
    deadline = time.monotonic() + timeout
    reached = False
    while True:
        started = time.monotonic()
        hold = min(max(deadline - started, 0.0), _LONGEST_HOLD)
        answer = _ask(gateway, wanted, hold)
        over = time.monotonic() >= deadline
        if isinstance(answer, LaterError):
            if over or (isinstance(answer, UnreachableError) and not reached):
                raise answer
        elif answer.get("claim"):
            return dict(answer["claim"])
        elif over:
            say(explain(str(answer.get("diagnosis", "")), wanted.identifier))
            raise typer.Exit(NOTHING_ARRIVED)
        else:
            reached, wanted = True, replace(wanted, after=str(answer.get("cursor") or wanted.after))
        if time.monotonic() < started + hold:  # it was not held: the gateway is busy or stops
            time.sleep(min(_PAUSE, max(deadline - time.monotonic(), 0.0)))


def _ask(gateway: Gateway, wanted: Wanted, hold: float) -> dict[str, Any] | LaterError:
    """The gateway's answer, or why to ask again; raises CallError when asking again changes nothing."""
    try:
        return gateway.call("POST", "/v1/claims", wanted.body(hold), hold=hold)
    except LaterError as error:
        return error
    except CallError as error:
        raise _ambiguous(error) from error


def _ambiguous(error: CallError) -> CallError:
    """The same error; where several senders' codes match, with the flag that tells them apart."""
    if not error.senders:
        return error
    flags = " or ".join(f"--sender {name}" for name in error.senders)
    return CallError(f"codes of {' and '.join(error.senders)} match: say which one with {flags}")


def _hand_over(gateway: Gateway, claim: dict[str, Any], *, hold: bool) -> None:
    """Print the value; accept the claim once that worked, hand it back when it did not."""
    path = f"/v1/claims/{claim['claim_id']}"
    try:
        typer.echo(claim["value"])
    except OSError:
        gateway.call("POST", f"{path}/release", {})
        raise
    if hold:
        typer.echo(claim["claim_id"], err=True)
        return
    try:
        gateway.call("POST", f"{path}/accept", {})
    except CallError as error:
        say(f"the value is printed, but its claim could not be accepted: {error}")
